"""Which images and instances runs had that others had not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.run_folder import Snapshot, SnapshotImage
from core.runs_compared.records import RunRecord
from core.types import Instance, Part, Split


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many there are in each run."""

    split: Split
    class_name: str
    """Whose instances are counted; empty: the images are."""
    numbers: tuple[int | None, ...]
    """None where the run does not say what it learnt from."""


@dataclass(frozen=True, slots=True)
class ImagesCompared:
    """The images of several runs, by their keys."""

    n_images: tuple[int, ...]
    """Of each run."""
    n_shared: int
    """In all of them."""
    only: tuple[tuple[str, ...], ...]
    """Of each run, those that no other one has."""
    moved: tuple[str, ...]
    """In several runs, but not always in the same split."""
    relabelled: tuple[str, ...]
    """In several runs, with other labels in one than in another."""

    @property
    def is_same(self) -> bool:
        """Whether all have the same images, in the same splits and with the same labels."""
        return not (self.moved or self.relabelled or set(self.n_images) - {self.n_shared})


def differing_counts(records: Sequence[RunRecord]) -> tuple[CountRow, ...]:
    """Images, and what a person labelled in them by class, where the numbers are not the same.

    A crowd is no instance that anything is learnt from.
    """
    counts = [None if one.snapshot is None else _counts(one.snapshot) for one in records]
    there = [one for one in counts if one is not None]
    names = sorted({name for one in there for _, name in one})  # the empty one, images, first
    rows = [
        CountRow(split, name, tuple(None if one is None else one[split, name] for one in counts))
        for split in Split
        for name in names
    ]
    return tuple(row for row in rows if any(n != row.numbers[0] for n in row.numbers))


def images_compared(records: Sequence[RunRecord]) -> ImagesCompared:
    """Which images runs share, and which not; a run that does not say has none."""
    by_key = [_by_key(one.snapshot) for one in records]
    n_runs = Counter(key for images in by_key for key in images)
    several = [key for key, n in n_runs.items() if n > 1]
    moved, relabelled = [], []
    for key in several:
        there = [images[key] for images in by_key if key in images]
        if len({one.split for one in there}) > 1:
            moved.append(key)
        if any(labelled(one) != labelled(there[0]) for one in there):
            relabelled.append(key)
    return ImagesCompared(
        n_images=tuple(map(len, by_key)),
        n_shared=sum(n == len(records) for n in n_runs.values()),
        only=tuple(tuple(key for key in images if n_runs[key] == 1) for images in by_key),
        moved=tuple(moved),
        relabelled=tuple(relabelled),
    )


def labelled(image: SnapshotImage) -> frozenset[tuple[int, bool, tuple[Part, ...]]]:
    """What an image teaches and what models are measured on: class, crowd and outline of each
    instance that a person vouches for."""
    return frozenset((one.class_id, one.crowd, one.parts) for one in _of_person(image))


def _of_person(image: SnapshotImage) -> list[Instance]:
    return [one for one in image.labels.instances if one.is_of_person]


def _counts(snapshot: Snapshot) -> Counter[tuple[Split, str]]:
    names = {one.id: one.name for one in snapshot.classes}
    counts: Counter[tuple[Split, str]] = Counter()
    for image in snapshot.images:
        counts[image.split, ""] += 1
        counts.update(
            (image.split, names[one.class_id])
            for one in _of_person(image)
            if not one.crowd and one.class_id in names
        )
    return counts


def _by_key(snapshot: Snapshot | None) -> Mapping[str, SnapshotImage]:
    return {} if snapshot is None else {image.key: image for image in snapshot.images}
