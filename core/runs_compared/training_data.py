"""Which images and instances runs had that others had not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.runs_compared.records import RunImage, RunRecord
from core.types import Split


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
    counts = [None if one.images is None else _counts(one.images) for one in records]
    names = sorted({name for one in counts if one is not None for _, name in one})
    rows = [
        CountRow(split, name, tuple(None if one is None else one[split, name] for one in counts))
        for split in Split
        for name in names  # the empty one, for images, comes first
    ]
    return tuple(row for row in rows if any(n != row.numbers[0] for n in row.numbers))


def images_compared(records: Sequence[RunRecord]) -> ImagesCompared:
    """Which images runs share, and which not; a run that does not say has none."""
    by_key = [one.images or {} for one in records]
    n_runs = Counter(key for images in by_key for key in images)
    moved, relabelled = [], []
    for key in (key for key, n in n_runs.items() if n > 1):
        there = [images[key] for images in by_key if key in images]
        if len({one.split for one in there}) > 1:
            moved.append(key)
        if len({one.labels for one in there}) > 1:
            relabelled.append(key)
    return ImagesCompared(
        n_images=tuple(map(len, by_key)),
        n_shared=sum(n == len(records) for n in n_runs.values()),
        only=tuple(tuple(key for key in images if n_runs[key] == 1) for images in by_key),
        moved=tuple(moved),
        relabelled=tuple(relabelled),
    )


def _counts(images: Mapping[str, RunImage]) -> Counter[tuple[Split, str]]:
    counts: Counter[tuple[Split, str]] = Counter()
    for image in images.values():
        counts[image.split, ""] += 1
        for name, n in image.n_instances.items():
            counts[image.split, name] += n
    return counts
