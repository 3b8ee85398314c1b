"""The nearest way out of a doubt, as an edit: what the model says, or less of what is too much."""

import contextlib
from collections.abc import Sequence

from core import edits
from core.doubts.finding import Doubt, DoubtKind
from core.errors import AppError
from core.geometry import clip
from core.types import ImageLabels, Instance, Part

WAYS_OUT = {
    DoubtKind.MISSED: "adds what the model sees",
    DoubtKind.WRONG_CLASS: "takes the model's class",
    DoubtKind.DOUBLE: "leaves one of the two",
    DoubtKind.LOOSE: "takes the model's outline",
    DoubtKind.CROSSING: "takes the crossing out of the outline",
    DoubtKind.OUTSIDE: "cuts off what lies outside",
    DoubtKind.TINY: "deletes it",
}
"""What `mended` does, as the end of a sentence."""


def mended(labels: ImageLabels, doubts: Sequence[Doubt]) -> ImageLabels:
    """The labels without what these doubts are about; what is gone by now is passed over."""
    for doubt in doubts:
        there = {one.id: one for one in labels.instances}
        if all(one in there for one in doubt.ids):
            labels = _without(labels, doubt, [there[one] for one in doubt.ids])
    return labels


def _without(labels: ImageLabels, doubt: Doubt, about: Sequence[Instance]) -> ImageLabels:
    seen = doubt.seen
    if doubt.kind is DoubtKind.MISSED and seen is not None:
        return edits.with_seen_added(labels, seen)
    if doubt.kind is DoubtKind.WRONG_CLASS and seen is not None:
        return edits.with_class_changed(labels, doubt.ids, class_id=seen.class_id)
    if doubt.kind is DoubtKind.LOOSE and seen is not None:
        return edits.with_parts(labels, about[0].id, parts=edits.without_origin(seen.parts))
    if doubt.kind is DoubtKind.DOUBLE:
        # what a person made stays rather than a model's
        return edits.rejected(labels, {min(about[::-1], key=lambda one: one.is_of_person).id})
    if doubt.kind is DoubtKind.OUTSIDE:
        return edits.with_parts(labels, about[0].id, parts=clip(about[0].parts, labels.size_hw))
    if doubt.kind is DoubtKind.CROSSING:
        return edits.with_parts(labels, about[0].id, parts=_uncrossed(about[0].parts))
    return edits.rejected(labels, doubt.ids)


def _uncrossed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with their crossings taken out; one that covers nothing goes, beside others."""
    pieces: list[Part] = []
    for part in parts:
        with contextlib.suppress(AppError):  # it covers nothing
            pieces.extend(edits.mended_parts(part))
    return tuple(pieces) or edits.mended_parts(parts[0])
