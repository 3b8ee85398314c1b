"""Edits that make several instances of one, or one of several; together they cover what they did.

The one that goes on keeps its id. Others are drawn: a person's own, of the same class, crowd and
attributes, right in front of it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from core import geometry
from core.edits.applying import edited, of_person, several
from core.edits.instances import with_parts, without_instances
from core.types import ImageLabels, Instance, InstanceState, Part, new_instance_id


def with_cut(
    labels: ImageLabels, ids: Collection[str], *, line: Sequence[tuple[float, float]]
) -> ImageLabels:
    """The labels with these instances cut where a line goes right through them.

    The largest piece, and the parts that the line leaves whole, go on as the instance that was
    there; each other piece is a new one.

    Args:
        labels: of one image.
        ids: of the instances.
        line: at least two points.
    """
    return _with_each_split(labels, ids, lambda one: geometry.cut_pieces(one.parts, line))


def with_parts_split(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with an instance for each part of these; the largest part goes on as it was."""

    def split(instance: Instance) -> list[tuple[Part, ...]]:
        by_area = sorted(instance.parts, key=lambda part: -geometry.part_area(part))
        return [(part,) for part in by_area]

    return _with_each_split(labels, ids, split)


def with_joined(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these instances made one, the front one, that has all their parts.

    Parts stay as they are, also where they overlap, so that splitting takes them apart again.

    Raises:
        AppError: these are fewer than two.
    """
    *others, kept = several(labels, ids)
    parts = [part for one in (kept, *reversed(others)) for part in one.parts]
    gone = {one.id for one in others}
    return with_parts(without_instances(labels, gone), kept.id, parts=parts)


def _with_each_split(
    labels: ImageLabels,
    ids: Collection[str],
    split: Callable[[Instance], Sequence[tuple[Part, ...]]],
) -> ImageLabels:
    after: list[Instance] = []
    for one in labels.instances:
        pieces = split(one) if one.id in ids else ()
        if len(pieces) < 2:
            after.append(one)
        else:
            after.append(of_person(replace(one, parts=pieces[0])))
            after.extend(_drawn_like(one, parts) for parts in pieces[1:])
    return edited(labels, tuple(after))


def _drawn_like(instance: Instance, parts: tuple[Part, ...]) -> Instance:
    return replace(
        instance,
        id=new_instance_id(),
        parts=parts,
        state=InstanceState.DRAWN,
        score=None,
        source="",
    )
