"""Doubts: what looks wrong in labels, by themselves and held against what a model saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from core.geometry import bounds_of, box_iou, parts_area
from core.merge import SAME_OBJECT_IOU
from core.overlaps import mask_ious, same_class
from core.types import ImageLabels, ImageState, Instance

SURE_SCORE = 0.8
"""From this score on a prediction without an instance is worth a look."""
_FAIR_SCORE = 0.5
_OTHER_CLASS_IOU = 0.7
_TIGHT_IOU = 0.75
_DOUBLE_IOU = 0.8
_DOUBLE_BOX_IOU = 0.4
"""Masks that cover each other so far have boxes that do by this at least, but for odd shapes."""
_BLOCK = 256
"""So many boxes are held against all others at once: 5,000 against 5,000 take a gigabyte."""
_TINY_AREA, _TINY_SIDE_PX = 16.0, 2.0
"""Square pixels, and pixels: less is a slip of the hand more often than an object."""
_OFF_PX = 1.0


class DoubtKind(StrEnum):
    """What may be wrong, the costliest for a training first."""

    MISSED = "missed"
    WRONG_CLASS = "wrong class"
    DOUBLE = "double"
    LOOSE = "loose border"
    CROSSING = "crosses itself"
    OUTSIDE = "off the image"
    TINY = "tiny"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One place where the labels of an image look wrong."""

    kind: DoubtKind
    key: str
    """Of the image."""
    class_id: int
    sentence: str
    box_xyxy: tuple[float, float, float, float]
    ids: tuple[str, ...] = ()
    """The instances it is about; none where one is missed."""
    seen: Instance | None = None
    """The prediction that speaks against the labels, where one does."""


def doubts_of(
    key: str, labels: ImageLabels, predicted: Sequence[Instance], *, names: Mapping[int, str]
) -> tuple[Doubt, ...]:
    """What looks wrong in the labels of one image.

    Predictions are held against what a person made or accepted; in an image that nobody began,
    nothing counts as missed. One that a person turned down is no doubt any more.

    Args:
        key: of the image.
        labels: of the image.
        predicted: what a model saw in it, best first, of the project's classes.
        names: of the classes.
    """
    fair = [one for one in predicted if (one.score or 0.0) >= _FAIR_SCORE]
    held = _Held(key, labels, () if _are_boxes(fair) else tuple(fair), names)
    kinds = tuple(DoubtKind)
    found = [*_missed(held), *_of_class_and_border(held), *_doubles(held), *_of_shape(held)]
    return tuple(sorted(found, key=lambda one: kinds.index(one.kind)))


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Labels of an image and what they are held against."""

    key: str
    labels: ImageLabels
    predicted: tuple[Instance, ...]
    names: Mapping[int, str]

    def name(self, one: Instance) -> str:
        return self.names.get(one.class_id, "an unknown class")

    def doubt(
        self, kind: DoubtKind, sentence: str, *about: Instance, seen: Instance | None = None
    ) -> Doubt:
        first = about[0] if about else seen
        assert first is not None, "a doubt is about something"
        box = bounds_of([part for one in about or (first,) for part in one.parts])
        ids = tuple(one.id for one in about)
        return Doubt(kind, self.key, first.class_id, sentence, box, ids, seen)


def _missed(held: _Held) -> Iterable[Doubt]:
    labels = held.labels
    if labels.state is ImageState.UNTOUCHED:
        return
    sure = [one for one in held.predicted if (one.score or 0.0) >= SURE_SCORE]
    is_there = mask_ious(sure, labels.instances, labels.size_hw) >= SAME_OBJECT_IOU
    turned_down = mask_ious(sure, labels.rejected, labels.size_hw) >= SAME_OBJECT_IOU
    turned_down &= same_class(sure, labels.rejected)
    for one, there, gone in zip(sure, is_there, turned_down, strict=True):
        if not there.any() and not gone.any():
            sentence = (
                f"The model is {_percent(one.score)} sure of a {held.name(one)} here, and nothing"
                " is labelled."
            )
            yield held.doubt(DoubtKind.MISSED, sentence, seen=one)


def _of_class_and_border(held: _Held) -> Iterable[Doubt]:
    persons = [one for one in held.labels.instances if one.is_of_person and not one.crowd]
    ious = mask_ious(persons, held.predicted, held.labels.size_hw)
    own = same_class(persons, held.predicted)
    for one, row, is_own in zip(persons, ious, own, strict=True):
        other = _best(np.where(is_own, 0.0, row), held.predicted)
        same = _best(np.where(is_own, row, 0.0), held.predicted)
        if other and other[1] >= _OTHER_CLASS_IOU and not (same and same[1] >= _OTHER_CLASS_IOU):
            seen = other[0]
            sentence = (
                f"It is labelled {held.name(one)}; the model is {_percent(seen.score)} sure that it"
                f" is a {held.name(seen)}."
            )
            yield held.doubt(DoubtKind.WRONG_CLASS, sentence, one, seen=seen)
        elif same and SAME_OBJECT_IOU <= same[1] < _TIGHT_IOU:
            sentence = (
                f"The outline of this {held.name(one)} and the model's have only"
                f" {_percent(same[1])} in common."
            )
            yield held.doubt(DoubtKind.LOOSE, sentence, one, seen=same[0])


def _doubles(held: _Held) -> Iterable[Doubt]:
    alone = [one for one in held.labels.instances if not one.crowd]
    near = _near_pairs(alone)
    for a, b in near:
        iou = float(mask_ious([a], [b], held.labels.size_hw)[0, 0])
        if iou > _DOUBLE_IOU:
            sentence = f"Two instances of {held.name(a)} cover each other by {_percent(iou)}."
            yield held.doubt(DoubtKind.DOUBLE, sentence, a, b)


def _of_shape(held: _Held) -> Iterable[Doubt]:
    height, width = held.labels.size_hw
    for one in held.labels.instances:
        x0, y0, x1, y1 = bounds_of(one.parts)
        name = held.name(one)
        area = parts_area(one.parts)
        if area < _TINY_AREA or min(x1 - x0, y1 - y0) < _TINY_SIDE_PX:
            sentence = f"This {name} covers only {area:.0f} square pixels."
            yield held.doubt(DoubtKind.TINY, sentence, one)
        off = max(-x0, -y0, x1 - width, y1 - height)
        if off > _OFF_PX:
            sentence = f"This {name} reaches {off:.0f} pixels over the edge of the image."
            yield held.doubt(DoubtKind.OUTSIDE, sentence, one)
        if any(not shapely.Polygon(ring).is_valid for part in one.parts for ring in part.rings):
            sentence = f"The outline of this {name} crosses itself."
            yield held.doubt(DoubtKind.CROSSING, sentence, one)


def _near_pairs(instances: Sequence[Instance]) -> list[tuple[Instance, Instance]]:
    """Pairs of a class whose boxes are so alike that their masks may be."""
    boxes = np.array([bounds_of(one.parts) for one in instances]).reshape(-1, 4)
    found = []
    for start in range(0, len(instances), _BLOCK):
        ones, others = instances[start : start + _BLOCK], instances[start:]
        is_pair = box_iou(boxes[start : start + _BLOCK], boxes[start:]) > _DOUBLE_BOX_IOU
        rows, columns = np.nonzero(np.triu(is_pair & same_class(ones, others), k=1))
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        found += [(ones[a], others[b]) for a, b in pairs]
    return found


def _best(
    ious: npt.NDArray[np.float64], predicted: Sequence[Instance]
) -> tuple[Instance, float] | None:
    if not len(ious):
        return None
    place = int(ious.argmax())
    return predicted[place], float(ious[place])


def _are_boxes(predicted: Sequence[Instance]) -> bool:
    """Whether a model without masks made these: nothing of a border or a cover can be said."""
    return bool(predicted) and all(_is_box(one) for one in predicted)


def _is_box(one: Instance) -> bool:
    ring = one.parts[0].outer
    return len(one.parts) == 1 and len(ring) == 4 and all(len(set(side)) == 2 for side in ring.T)


def _percent(part: float | None) -> str:
    return f"{100 * (part or 0.0):.0f} %"
