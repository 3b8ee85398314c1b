"""Edits of what instances cover: brush, eraser, holes, specks, and instances with each other.

Where several instances become one, the front one of them goes on, with its id and class. What they
are made of is not remembered as rejected: it is still there.
"""

from collections.abc import Callable, Collection, Sequence

from core import geometry
from core.edits.applying import edited, of_person, several
from core.edits.instances import with_parts, with_parts_of_each, without_instances
from core.errors import AppError
from core.types import ImageLabels, Instance, Part


def with_painted(labels: ImageLabels, instance_id: str, *, stroke: Sequence[Part]) -> ImageLabels:
    """The labels with a stroke added to an instance.

    Raises:
        KeyError: there is no such instance.
    """
    parts = labels.instance(instance_id).parts
    return with_parts(labels, instance_id, parts=geometry.painted(parts, stroke))


def with_erased(
    labels: ImageLabels, ids: Collection[str], *, stroke: Sequence[Part]
) -> ImageLabels:
    """The labels with a stroke taken out of instances; one of which nothing is left is rejected."""
    return _with_each_reshaped(labels, ids, lambda one: geometry.without(one.parts, stroke))


def with_holes_filled(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with no hole in these instances."""
    return _with_each_reshaped(labels, ids, lambda one: geometry.with_holes_filled(one.parts))


def with_specks_dropped(labels: ImageLabels, ids: Collection[str], *, below: float) -> ImageLabels:
    """The labels without the parts of these instances that are smaller than so much of the largest.

    Args:
        labels: of one image.
        ids: of the instances.
        below: 0 to 1, a fraction of the area of an instance's largest part.
    """
    return _with_each_reshaped(
        labels, ids, lambda one: geometry.without_specks(one.parts, below=below)
    )


def with_united(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these instances made one, the front one, with all that they cover.

    Raises:
        AppError: these are fewer than two.
    """
    all_ = several(labels, ids)
    parts = geometry.together([one.parts for one in reversed(all_)])
    return _with_one_left(labels, all_, all_[-1], parts)


def with_subtracted(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with the backmost of these instances less what the others cover, which go.

    Raises:
        AppError: these are fewer than two, they do not overlap, or nothing would be left.
    """
    back, *front = several(labels, ids)
    taken = [part for one in front for part in one.parts]
    left = geometry.without(back.parts, taken)
    if not left:
        raise AppError(
            "The instances in front cover the one at the back wholly: nothing would be left of it."
        )
    if left == back.parts:
        raise AppError("The selected instances do not overlap, so there is nothing to subtract.")
    return _with_one_left(labels, [back, *front], back, left)


def with_intersected(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these instances made one, the front one, of what all of them cover.

    Raises:
        AppError: these are fewer than two, or have nothing in common.
    """
    all_ = several(labels, ids)
    shared = geometry.in_common([one.parts for one in all_])
    if not shared:
        raise AppError("The selected instances have nothing in common.")
    return _with_one_left(labels, all_, all_[-1], shared)


def overlapped_by(labels: ImageLabels, ids: Collection[str]) -> tuple[str, ...]:
    """The ids of the other instances that these overlap, from back to front."""
    over = _parts_of(labels, ids)
    boxes = geometry.boxes_of(over)

    def is_under(one: Instance) -> bool:
        close = geometry.near(one.parts, boxes)
        return bool(close) and geometry.overlap(one.parts, [over[index] for index in close])

    return tuple(one.id for one in labels.instances if one.id not in ids and is_under(one))


def with_taken_away(
    labels: ImageLabels, ids: Collection[str], *, below: Collection[str]
) -> ImageLabels:
    """The labels with what these instances cover taken out of others.

    One that they cover wholly stays as it is.

    Args:
        labels: of one image.
        ids: of the instances that stay as they are.
        below: of those that lose what they share with these.
    """
    over = _parts_of(labels, ids)
    boxes = geometry.boxes_of(over)

    def less(one: Instance) -> Sequence[Part]:
        close = [over[index] for index in geometry.near(one.parts, boxes)]
        return geometry.without(one.parts, close) or one.parts

    return _with_each_reshaped(labels, below, less)


def _parts_of(labels: ImageLabels, ids: Collection[str]) -> list[Part]:
    return [part for one in labels.instances if one.id in ids for part in one.parts]


def _with_one_left(
    labels: ImageLabels, all_: Sequence[Instance], kept: Instance, parts: Sequence[Part]
) -> ImageLabels:
    """The labels with one of several instances left, with these parts."""
    gone = {one.id for one in all_ if one is not kept}
    after = with_parts(without_instances(labels, gone), kept.id, parts=parts)
    # also where its own outline did not change, a person said what it is
    return edited(
        after, tuple(of_person(one) if one.id == kept.id else one for one in after.instances)
    )


def _with_each_reshaped(
    labels: ImageLabels, ids: Collection[str], reshape: Callable[[Instance], Sequence[Part]]
) -> ImageLabels:
    parts_of = {one.id: tuple(reshape(one)) for one in labels.instances if one.id in ids}
    return with_parts_of_each(labels, parts_of)
