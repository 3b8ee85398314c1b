"""Two rounds held against each other: what another model sees in an image, and what it gains.

Pure functions on the predictions of two models for one image and the labels that it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core import edits
from core.merge import SAME_OBJECT_IOU
from core.overlaps import mask_ious, pairs_of, same_class
from core.types import ImageLabels, ImageState, Instance

_OTHER_IOU = 0.02
"""Less of a difference in IoU to the label is none that a person sees."""
_OTHER_SCORE = 0.1
"""Nor is less of a difference in score, where there is no label to hold it against."""


class Kind(StrEnum):
    """What became of an object from the old model to the new one."""

    NEW = "new"
    """Only the new one sees it."""
    BETTER = "better"
    WORSE = "worse"
    GONE = "gone"
    """Only the old one saw it."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """One object as two models see it."""

    kind: Kind
    old: Instance | None
    new: Instance | None
    label: Instance | None
    """What a person made or accepted of it; None where nobody did."""
    old_iou: float | None = None
    """Of the old model's mask to the label, 0 where it gave another class; None without both."""
    new_iou: float | None = None

    @property
    def instance(self) -> Instance:
        """What there is to look at: the new model's, or else the old one's."""
        one = self.new or self.old
        assert one is not None, "nobody saw it"
        return one


def differences(
    old: Sequence[Instance], new: Sequence[Instance], labels: ImageLabels
) -> tuple[Difference, ...]:
    """What two models see in an image, object by object, the new model's first, in their order.

    New and old are one object from an IoU of a half on, of the same class before another. Where a
    person's instance is that object too, better and worse is what its mask says; else the score.
    A crowd is no one object.

    Args:
        old: the predictions of the old model, those that count.
        new: those of the new one.
        labels: of the image.
    """
    persons = [one for one in labels.instances if one.is_of_person and not one.crowd]
    between = mask_ious(new, old, labels.size_hw)
    pairs = dict(pairs_of(between, same_class(new, old), at_least=SAME_OBJECT_IOU))
    new_label, new_ious = _held_against(new, persons, labels.size_hw)
    old_label, old_ious = _held_against(old, persons, labels.size_hw)
    found = []
    for place, one in enumerate(new):
        before = pairs.get(place)
        at = new_label.get(place, old_label.get(before) if before is not None else None)
        label = persons[at] if at is not None else None
        new_iou = _quality(one, label, new_ious[place, at] if at is not None else None)
        if before is None:
            found.append(Difference(Kind.NEW, None, one, label, None, new_iou))
            continue
        was = old[before]
        old_iou = _quality(was, label, old_ious[before, at] if at is not None else None)
        found.append(
            Difference(_kind(was, one, old_iou, new_iou), was, one, label, old_iou, new_iou)
        )
    paired = set(pairs.values())
    for place, one in enumerate(old):
        if place not in paired:
            at = old_label.get(place)
            label = persons[at] if at is not None else None
            iou = _quality(one, label, old_ious[place, at] if at is not None else None)
            found.append(Difference(Kind.GONE, one, None, label, iou, None))
    return tuple(found)


def accepted_from(labels: ImageLabels, found: Sequence[Difference]) -> ImageLabels:
    """The labels with what the new model says of these objects, accepted.

    What nobody but a model vouched for gives way; what a person made or accepted stays as it is,
    and so does everything in a done image. What the new model no longer sees is turned down.
    """
    if labels.state is ImageState.DONE:
        return labels
    for one in found:
        if one.label is None:
            labels = _with_accepted(labels, one)
    return labels


def with_outline_taken(labels: ImageLabels, one: Difference) -> ImageLabels:
    """The labels with the new model's outline and class for a person's instance, because that
    person says so of this very one; without one, as `accepted_from`."""
    there = {instance.id for instance in labels.instances}
    if one.new is None or one.label is None or one.label.id not in there:
        return accepted_from(labels, (one,))
    labels = edits.with_parts(labels, one.label.id, parts=edits.without_origin(one.new.parts))
    return edits.with_class_changed(labels, (one.label.id,), class_id=one.new.class_id)


def _with_accepted(labels: ImageLabels, one: Difference) -> ImageLabels:
    predicted = [each for each in labels.instances if not each.is_of_person]
    seen = [each for each in (one.old, one.new) if each is not None]
    is_it = mask_ious(predicted, seen, labels.size_hw) >= SAME_OBJECT_IOU
    ids = {each.id for each, row in zip(predicted, is_it, strict=True) if row.any()}
    if one.new is None:
        return edits.rejected(labels, ids)
    persons = [each for each in labels.instances if each.is_of_person]
    if (mask_ious([one.new], persons, labels.size_hw) >= SAME_OBJECT_IOU).any():
        return labels  # a person made it since
    return edits.with_seen_added(edits.without_instances(labels, ids), one.new)


def _held_against(
    predicted: Sequence[Instance], persons: Sequence[Instance], size_hw: tuple[int, int]
) -> tuple[dict[int, int], npt.NDArray[np.float64]]:
    """Which of a person's instances each prediction is, and all IoUs (N, M)."""
    ious = mask_ious(predicted, persons, size_hw)
    at = dict(pairs_of(ious, same_class(predicted, persons), at_least=SAME_OBJECT_IOU))
    return at, ious


def _quality(one: Instance, label: Instance | None, iou: float | None) -> float | None:
    if label is None or iou is None:
        return None
    return float(iou) if one.class_id == label.class_id else 0.0


def _kind(old: Instance, new: Instance, old_iou: float | None, new_iou: float | None) -> Kind:
    if old_iou is not None and new_iou is not None:
        gain, least = new_iou - old_iou, _OTHER_IOU
    else:
        gain, least = (new.score or 0.0) - (old.score or 0.0), _OTHER_SCORE
    if abs(gain) < least - 1e-9:
        return Kind.SAME
    return Kind.BETTER if gain > 0 else Kind.WORSE
