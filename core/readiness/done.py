"""What counts of a done image before a fine-tune, from what is remembered of its label file."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import AppError
from core.instance_rows import STATES, Rows, rows_from, rows_of
from core.project import Project
from core.types import ImageLabels, ImageState, InstanceState, Split

_PREDICTED = STATES.index(InstanceState.PREDICTED)


@dataclass(frozen=True, slots=True)
class DoneImage:
    """What counts of a done image."""

    key: str
    split: Split
    class_counts: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Instances of each class id that a person vouches for, crowds left out."""
    n_predicted: int = 0
    """Instances that nobody looked at."""
    crowd_counts: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Crowds of each class id that a person vouches for."""
    largest_px2: Mapping[int, float] = field(default_factory=dict, hash=False)
    """Square pixels of the largest instance of each class id in class_counts."""
    size_hw: tuple[int, int] | None = None
    """Of the image; None where nothing tells."""


@dataclass(frozen=True, slots=True)
class Stock:
    """All images of a project, as far as a fine-tune cares."""

    done: tuple[DoneImage, ...]
    left_out: tuple[str, ...]
    """Keys of images with labels that a person vouches for, and that are not done."""
    keys_of_class: Mapping[int, tuple[str, ...]] = field(hash=False)
    """By the id of a class that was asked for: all images that hold some of it."""


def stock_of(project: Project, *, class_ids: Collection[int] = ()) -> Stock:
    """What there is, in one pass over what is remembered of label files.

    Args:
        project: that has its splits assigned.
        class_ids: of classes whose images are asked for.
    """
    splits = project.splits
    done, left_out = [], []
    keys_of_class: dict[int, list[str]] = {class_id: [] for class_id in class_ids}
    for key in project.keys:
        summary = project.summary(key)
        if summary.state is ImageState.DONE:
            rows = rows_from(summary.rows)
            split = splits.get(key, Split.TRAIN)
            done.append(_done_image(key, split, rows, summary.size_hw))
        elif sum(summary.class_counts.values()) > summary.n_predicted:
            left_out.append(key)
        for class_id in keys_of_class.keys() & summary.class_counts.keys():
            keys_of_class[class_id].append(key)
    return Stock(
        tuple(done),
        tuple(left_out),
        {class_id: tuple(keys) for class_id, keys in keys_of_class.items()},
    )


def done_images(project: Project) -> tuple[DoneImage, ...]:
    """The done images of a project that has its splits assigned."""
    return stock_of(project).done


def done_image_of(key: str, split: Split, labels: ImageLabels) -> DoneImage:
    """What counts of an image with these labels."""
    return _done_image(key, split, rows_of(labels.instances), labels.size_hw)


def missing_images(project: Project) -> tuple[str, ...]:
    """Keys of images that were done, and of which only the labels are still there."""
    present = set(project.keys)
    return tuple(
        key for key in project.splits if key not in present and _has_labels_only(project, key)
    )


def counts_of(images: Iterable[DoneImage]) -> Counter[int]:
    """Instances of each class id in all of these images."""
    counts: Counter[int] = Counter()
    for one in images:
        counts.update(one.class_counts)
    return counts


def in_split(images: Sequence[DoneImage], split: Split) -> list[DoneImage]:
    """Those of a split."""
    return [one for one in images if one.split is split]


def _done_image(key: str, split: Split, rows: Rows, size_hw: tuple[int, int] | None) -> DoneImage:
    is_predicted = rows["state"] == _PREDICTED
    alone = rows[~is_predicted & ~rows["crowd"]]
    largest: dict[int, float] = {}
    for class_id, area in zip(alone["class_id"].tolist(), alone["area"].tolist(), strict=True):
        largest[class_id] = max(area, largest.get(class_id, 0.0))
    return DoneImage(
        key,
        split,
        Counter(alone["class_id"].tolist()),
        int(is_predicted.sum()),
        Counter(rows["class_id"][~is_predicted & rows["crowd"]].tolist()),
        largest,
        size_hw,
    )


def _has_labels_only(project: Project, key: str) -> bool:
    try:
        return not project.image_path(key).exists() and project.label_path(key).exists()
    except (AppError, OSError):
        return False
