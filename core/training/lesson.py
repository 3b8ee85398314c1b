"""What images teach: the instances that a person vouches for, and what says nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.geometry import bounds_of, rle_of
from core.maskrcnn.model import InstanceMask, Target
from core.run_folder import Snapshot, SnapshotImage
from core.types import ImageLabels, Instance, Json, Part, Split

SLIVER_SHARE = 0.1
"""What shows less than this of itself teaches nothing (area_thr of YOLOv5's box_candidates)."""
_BORDERS_MEET_IOU = 0.02
"""Up to this IoU two instances that lie side by side share no more than their borders."""
_SMALLEST_SIDE_PX = 1.0  # of an instance as shown; the RoI of a smaller one holds no pixel's centre


@dataclass(frozen=True, slots=True)
class TaughtInstance:
    """An instance that a person vouches for."""

    class_index: int
    parts: tuple[Part, ...]
    visible_share: float = 1.0
    """What of its area is left in the image as shown: the rest is cropped away or covered."""


@dataclass(frozen=True, slots=True)
class TrainingImage:
    """A done image as a lesson. Without instances it teaches what is none."""

    file: Path
    taught: tuple[TaughtInstance, ...]
    ignored: tuple[tuple[Part, ...], ...]
    """What teaches nothing, neither positive nor background: crowds, and predictions that nobody
    looked at."""
    rejected: tuple[tuple[Part, ...], ...] = ()
    """Predictions that a person turned down where no instance of their class is: background."""


def training_images(snapshot: Snapshot, split: Split) -> tuple[TrainingImage, ...]:
    """The images of a split, in the snapshot's order."""
    index_of = {one.id: index for index, one in enumerate(snapshot.classes)}
    return tuple(_lesson(image, index_of) for image in snapshot.images if image.split is split)


def _lesson(image: SnapshotImage, index_of: Mapping[int, int]) -> TrainingImage:
    def teaches(instance: Instance) -> bool:
        return instance.is_of_person and not instance.crowd and instance.class_id in index_of

    instances = image.labels.instances
    return TrainingImage(
        file=Path(image.file),
        taught=tuple(
            TaughtInstance(index_of[one.class_id], one.parts) for one in instances if teaches(one)
        ),
        ignored=tuple(one.parts for one in instances if not teaches(one)),
        rejected=_hard_negatives(image.labels),
    )


def _hard_negatives(labels: ImageLabels) -> tuple[tuple[Part, ...], ...]:
    """The rejected predictions that lie on no instance of their class.

    One that does may have been turned down for its border, or as a second one of the same thing.
    """
    rejected, instances = labels.rejected, labels.instances
    if not rejected or not instances:
        return tuple(one.parts for one in rejected)
    ious = coco_mask.iou(
        [rle_of(one.parts, labels.size_hw) for one in rejected],
        [rle_of(one.parts, labels.size_hw) for one in instances],
        [0] * len(instances),
    )
    classes = np.array([one.class_id for one in instances])
    own = np.array([one.class_id for one in rejected])[:, None]
    is_on_own = ((np.asarray(ious) > _BORDERS_MEET_IOU) & (classes == own)).any(axis=1)
    return tuple(one.parts for one, on in zip(rejected, is_on_own, strict=True) if not on)


def target_of(image: TrainingImage, size_hw: tuple[int, int]) -> Target:
    """What is to be learnt of an image as it is shown.

    Instances of which less than a pixel is shown are left out, and slivers of cut ones are ignored.

    Args:
        image: with its instances in pixels of the image as shown.
        size_hw: of the image as shown.
    """
    taught = [one for one in image.taught if one.visible_share >= SLIVER_SHARE]
    slivers = [one.parts for one in image.taught if one.visible_share < SLIVER_SHARE]
    boxes = _boxes([one.parts for one in taught], size_hw)
    ignored = _boxes([*image.ignored, *slivers], size_hw)
    rejected = _boxes(image.rejected, size_hw)
    is_shown = _is_shown(boxes)
    kept = [one for one, keep in zip(taught, is_shown, strict=True) if keep]
    return Target(
        boxes=boxes[is_shown],
        classes=np.array([one.class_index for one in kept], np.int64),
        masks=tuple(_mask(one.parts, size_hw) for one in kept),
        ignored=ignored[_is_shown(ignored)],
        hard_negatives=rejected[_is_shown(rejected)],
    )


def _boxes(regions: Sequence[Sequence[Part]], size_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """(N, 4) x0 y0 x1 y1 of each region, cut at the border of the image."""
    height, width = size_hw
    boxes = np.array([bounds_of(parts) for parts in regions], np.float32).reshape(-1, 4)
    return np.clip(boxes, 0, np.array([width, height, width, height], np.float32))


def _is_shown(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    shown: npt.NDArray[np.bool_] = np.all(boxes[:, 2:] - boxes[:, :2] >= _SMALLEST_SIDE_PX, axis=1)
    return shown


def _mask(parts: Sequence[Part], size_hw: tuple[int, int]) -> InstanceMask:
    """Polygons, which are exact in any box; run lengths where holes cannot be said otherwise."""
    if any(part.holes for part in parts):
        rle: dict[str, Json] = rle_of(parts, size_hw)
        return rle
    return [part.outer.ravel() for part in parts]
