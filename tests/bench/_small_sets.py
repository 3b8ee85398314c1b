"""The data of small_data.py: drawn, a COCO file or a project, each with images to test on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.configs import TrainConfig
from core.errors import AppError
from core.formats.coco import FORMAT
from core.run_folder import Snapshot, SnapshotImage
from core.training.snapshot import taken
from core.types import ImageState, LabelClass, Split
from tests.bench._scenes import CLASSES, drawn_images

_TEST_SEED = 1_000_003
_MOST_TEST_SHARE, _MOST_TEST = 1 / 3, 100
_ONE_OF = 5
"""So many images go to val, as in a project."""
_COLOUR = "#808080"


@dataclass(frozen=True, slots=True)
class DataSet:
    """Images to learn from, and others that no recipe ever sees."""

    name: str
    classes: tuple[LabelClass, ...]
    test: Snapshot
    pool: tuple[SnapshotImage, ...] = ()
    """Where sets are taken from; empty: they are drawn."""
    folder: Path | None = None
    """Where they are drawn."""

    def of_size(self, size: int, seed: int) -> Snapshot:
        """A set of so many images, those to measure on while it runs among them."""
        if self.folder is not None:
            images = drawn_images(self.folder, size, seed=seed, split=Split.TRAIN)
        else:
            order = np.random.default_rng(seed).permutation(len(self.pool))[:size]
            images = [self.pool[place] for place in order]
        return Snapshot(self.classes, tuple(_with_val(images)))


def _with_val(images: Sequence[SnapshotImage]) -> list[SnapshotImage]:
    return [
        replace(one, split=Split.VAL if place % _ONE_OF == _ONE_OF - 1 else Split.TRAIN)
        for place, one in enumerate(images)
    ]


def drawn_set(folder: Path, n_test: int) -> DataSet:
    """Sets that are drawn into the folder, other ones for each seed."""
    test = drawn_images(folder, n_test, seed=_TEST_SEED, split=Split.TEST)
    return DataSet("drawn", CLASSES, Snapshot(CLASSES, tuple(test)), folder=folder)


def coco_set(file: Path, images: Path | None) -> DataSet:
    """The images of a COCO file that are found; a third, 100 at most, is to test on.

    Raises:
        AppError: the file cannot be read, or too few images are found.
    """
    ids: dict[str, int] = {}

    def class_id_of(name: str, wanted: int | None) -> int:
        return ids.setdefault(name, wanted if wanted not in (None, *ids.values()) else len(ids) + 1)

    assert FORMAT.read is not None
    found = [
        SnapshotImage(one.key, str(one.file.resolve()), Split.TRAIN, one.labels)
        for one in FORMAT.read(file, images, class_id_of)
        if one.file is not None and one.labels.state is ImageState.DONE
    ]
    classes = tuple(LabelClass(number, name, _COLOUR) for name, number in ids.items())
    return _divided(file.stem, classes, found)


def project_set(folder: Path) -> DataSet:
    """The done images of a project.

    Raises:
        AppError: there are too few, or they cannot be read.
    """
    events = taken(TrainConfig(str(folder)))
    while True:
        try:
            next(events)
        except StopIteration as end:
            snapshot: Snapshot = end.value.snapshot
            return _divided(folder.name, snapshot.classes, list(snapshot.images))


def _divided(
    name: str, classes: tuple[LabelClass, ...], images: Sequence[SnapshotImage]
) -> DataSet:
    """Some to test on, the same ones each time."""
    ordered = sorted(images, key=lambda one: one.key)
    n_test = min(_MOST_TEST, int(len(ordered) * _MOST_TEST_SHARE))
    if n_test < 1:
        raise AppError(f"{name} has {len(ordered)} images: too few to learn from some and test on.")
    order = np.random.default_rng(_TEST_SEED).permutation(len(ordered))
    test = tuple(replace(ordered[place], split=Split.TEST) for place in order[:n_test])
    pool = tuple(ordered[place] for place in order[n_test:])
    return DataSet(name, classes, Snapshot(classes, test), pool)
