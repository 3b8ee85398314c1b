"""New predictions into the labels that an image has: what a person did, stays."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.geometry import rle_of
from core.thresholds import Thresholds, as_thresholds
from core.types import ImageLabels, ImageState, Instance, InstanceState, new_instance_id

SAME_OBJECT_IOU = 0.5
"""From this mask IoU on, two instances are taken for the same object."""
ASKED_FOR = "text: "
"""What the source of a prediction begins with that a person asked for in this very image."""


def stays(instance: Instance) -> bool:
    """Whether an instance stays when others are predicted: a person vouches for it, or asked for it
    and has not judged it yet."""
    return instance.is_of_person or instance.source.startswith(ASKED_FOR)


def merge(existing: ImageLabels, predicted: Sequence[Instance]) -> ImageLabels:
    """The labels with new predictions in place of the old ones that nobody looked at.

    In a done image nothing changes. What a person drew, accepted, edited or asked for by a text
    stays. A new prediction is left out where it is the same object as an instance that stays, of
    whatever class, or as a rejected one of its own class. The image's state stays.

    Args:
        existing: what the image has now.
        predicted: best first; they lie in front of what stays, in their order.

    Raises:
        ValueError: one of them is not in the state `predicted`.
    """
    if any(instance.state is not InstanceState.PREDICTED for instance in predicted):
        raise ValueError("only predictions are merged into labels")
    if existing.state is ImageState.DONE:
        return existing
    kept = tuple(instance for instance in existing.instances if stays(instance))
    is_known = _is_known(existing, kept, predicted)
    taken = {instance.id for instance in (*kept, *existing.rejected)}
    added = []
    for instance, known in zip(predicted, is_known, strict=True):
        if known:
            continue
        # a cached batch that is merged again has ids of before
        is_free = instance.id not in taken
        added.append(instance if is_free else replace(instance, id=new_instance_id()))
        taken.add(added[-1].id)
    return replace(existing, instances=(*kept, *added))


def unjudged(existing: ImageLabels, predicted: Sequence[Instance]) -> tuple[Instance, ...]:
    """Those predictions that an image may show: no object in them was judged by a person already.

    A person judged what `merge` leaves out, and also a prediction that was taken over and then
    moved away: its instance has the same id.

    Args:
        existing: what the image has now.
        predicted: of one model, with ids that stay.
    """
    kept = tuple(instance for instance in existing.instances if stays(instance))
    is_known = _is_known(existing, kept, predicted)
    taken = {instance.id for instance in (*kept, *existing.rejected)}
    return tuple(
        instance
        for instance, known in zip(predicted, is_known, strict=True)
        if not known and instance.id not in taken
    )


def showing(
    existing: ImageLabels, predicted: Sequence[Instance], *, threshold: float | Thresholds
) -> ImageLabels:
    """The labels with these predictions, from a score on, in place of those nobody looked at.

    In a done image nothing changes. What comes out depends on the threshold alone, not on those
    before it: the same predictions come back with the same ids, in the same order. One that shows
    already stays the very same, with what its label file says of it.

    Args:
        existing: what the image has now.
        predicted: `unjudged` for this image.
        threshold: the least score that shows, or that of each class.
    """
    if existing.state is ImageState.DONE:
        return existing
    kept = tuple(instance for instance in existing.instances if stays(instance))
    shown = {one.id: one for one in existing.instances if not stays(one)}
    wanted = filter(as_thresholds(threshold).shows, predicted)
    return replace(existing, instances=(*kept, *(shown.get(one.id, one) for one in wanted)))


def _is_known(
    existing: ImageLabels, kept: Sequence[Instance], predicted: Sequence[Instance]
) -> npt.NDArray[np.bool_]:
    """(N,) bool: whether each prediction is an object that a person judged already."""
    judged = (*kept, *existing.rejected)
    if not judged or not predicted:
        return np.zeros(len(predicted), dtype=np.bool_)
    # pycocotools compares the masks of those pairs only whose boxes overlap
    ious = coco_mask.iou(
        [rle_of(one.parts, existing.size_hw) for one in predicted],
        [rle_of(one.parts, existing.size_hw) for one in judged],
        [0] * len(judged),
    )
    classes = np.array([one.class_id for one in judged])
    counts_for_all = np.arange(len(judged)) < len(kept)
    own = np.array([one.class_id for one in predicted])[:, None]
    is_same = (np.asarray(ious) >= SAME_OBJECT_IOU) & (counts_for_all | (classes == own))
    return np.asarray(is_same.any(axis=1), dtype=np.bool_)
