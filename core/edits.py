"""Every edit a person can make, as a pure function from labels to labels.

An edit of a prediction's geometry or class makes it a person's (`edited`), and the first edit makes
an untouched image `started`. An edit that changes nothing gives the very same labels back. Indices
count `Part.rings`: ring 0 is the outer ring, ring 1 the first hole.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    Part,
    Ring,
    new_instance_id,
)


def with_instance_added(labels: ImageLabels, instance: Instance) -> ImageLabels:
    """The labels with one more instance, in front of the others.

    Raises:
        ValueError: an instance of this id is there already.
    """
    return with_instances_added(labels, (instance,))


def with_instances_added(labels: ImageLabels, instances: Iterable[Instance]) -> ImageLabels:
    """The labels with more instances, in front of the others, in their order.

    Raises:
        ValueError: an instance of the same id is there already.
    """
    after = (*labels.instances, *instances)
    if len({instance.id for instance in after}) != len(after):
        raise ValueError("two instances of an image cannot have the same id")
    return _edited(labels, after)


def copies_of(
    instances: Iterable[Instance], *, by_xy: tuple[float, float] = (0.0, 0.0)
) -> tuple[Instance, ...]:
    """Instances of the same geometry and class, moved by so many pixels, a person's own.

    They have new ids and no longer say which shape of a file they came from, so that a duplicate or
    a paste never writes over its original.
    """
    shift = np.asarray(by_xy, dtype=np.float64)
    return tuple(
        replace(
            instance,
            id=new_instance_id(),
            parts=tuple(
                Part(part.outer + shift, tuple(hole + shift for hole in part.holes))
                for part in instance.parts
            ),
            state=InstanceState.DRAWN,
            score=None,
            source="",
        )
        for instance in instances
    )


def without_instances(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels without these instances; nothing is remembered of them (see `rejected`)."""
    after = tuple(instance for instance in labels.instances if instance.id not in ids)
    return _edited(labels, after)


def rejected(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels without these instances, which is what deleting them means.

    Predictions are remembered in `ImageLabels.rejected`, so that the next pre-label does not bring
    them back; what a person drew, accepted or edited is simply gone.
    """
    turned_down = tuple(
        instance
        for instance in labels.instances
        if instance.id in ids and not instance.is_of_person
    )
    after = without_instances(labels, ids)
    return replace(after, rejected=(*labels.rejected, *turned_down)) if turned_down else after


def accepted(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with the predictions among these instances accepted as they are."""

    def accept(instance: Instance) -> Instance:
        if instance.is_of_person:
            return instance
        return replace(instance, state=InstanceState.ACCEPTED)

    return _each(labels, ids, accept)


def all_accepted(labels: ImageLabels) -> ImageLabels:
    """The labels with every prediction accepted as it is."""
    return accepted(labels, frozenset(instance.id for instance in labels.instances))


def with_class_changed(labels: ImageLabels, ids: Collection[str], *, class_id: int) -> ImageLabels:
    """The labels with these instances in another class."""

    def change(instance: Instance) -> Instance:
        if instance.class_id == class_id:
            return instance
        return _of_person(replace(instance, class_id=class_id))

    return _each(labels, ids, change)


def with_image_state(labels: ImageLabels, state: ImageState) -> ImageLabels:
    """The labels in this image state. Predictions that nobody looked at stay predictions."""
    return labels if labels.state is state else replace(labels, state=state)


def with_parts(labels: ImageLabels, instance_id: str, *, parts: Sequence[Part]) -> ImageLabels:
    """The labels with another geometry of one instance; with no part at all it is rejected.

    Raises:
        KeyError: there is no such instance.
    """
    if not parts:
        labels.instance(instance_id)
        return rejected(labels, (instance_id,))

    def reshape(instance: Instance) -> Instance:
        if instance.parts == tuple(parts):
            return instance
        return _of_person(replace(instance, parts=tuple(parts)))

    labels.instance(instance_id)
    return _each(labels, (instance_id,), reshape)


def with_instances_moved(
    labels: ImageLabels, ids: Collection[str], *, by_xy: tuple[float, float]
) -> ImageLabels:
    """The labels with these instances moved by so many pixels; not clipped to the image."""
    shift = np.asarray(by_xy, dtype=np.float64)
    if not shift.any():
        return labels
    return _each(
        labels,
        ids,
        lambda instance: _of_person(_with_points(instance, lambda ring: ring + shift)),
    )


def with_vertex_moved(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    vertex: int,
    to_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with one vertex at another place.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or vertex.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(vertex, len(old), "vertex")
    points = old.copy()
    points[vertex] = to_xy
    return _with_ring(labels, instance_id, part, ring, points)


def with_edge_moved(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    edge: int,
    by_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with both vertices of the edge that starts at vertex `edge` moved by so many
    pixels; not clipped to the image.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or edge.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(edge, len(old), "edge")
    points = old.copy()
    points[[edge, (edge + 1) % len(old)]] += np.asarray(by_xy, dtype=np.float64)
    return _with_ring(labels, instance_id, part, ring, points)


def with_vertex_inserted(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    edge: int,
    at_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with a new vertex on the edge that starts at vertex `edge`; it becomes edge + 1.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or edge.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(edge, len(old), "edge")
    points = np.insert(old, edge + 1, at_xy, axis=0)
    return _with_ring(labels, instance_id, part, ring, points)


def with_vertex_deleted(
    labels: ImageLabels, instance_id: str, *, part: int, ring: int, vertex: int
) -> ImageLabels:
    """The labels with one vertex less.

    A ring that would be left with two goes as a whole: a hole is filled, with an outer ring its
    part goes, and with the last part the instance is rejected.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or vertex.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(vertex, len(old), "vertex")
    if len(old) > 3:
        points = np.delete(old, vertex, axis=0)
        return _with_ring(labels, instance_id, part, ring, points)
    parts = list(labels.instance(instance_id).parts)
    if ring == 0:
        del parts[part]
    else:
        holes = parts[part].holes
        parts[part] = replace(parts[part], holes=(*holes[: ring - 1], *holes[ring:]))
    return with_parts(labels, instance_id, parts=parts)


def rescaled(labels: ImageLabels, size_hw: tuple[int, int]) -> ImageLabels:
    """The labels for the same picture at another size. Not an edit: every state stays."""
    if labels.size_hw == size_hw:
        return labels
    (height, width), (new_height, new_width) = labels.size_hw, size_hw
    factor = np.array([new_width / width, new_height / height])

    def scaled(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
        return tuple(_with_points(instance, lambda ring: ring * factor) for instance in instances)

    return replace(
        labels,
        size_hw=size_hw,
        instances=scaled(labels.instances),
        rejected=scaled(labels.rejected),
    )


def changed_ids(before: ImageLabels, after: ImageLabels) -> frozenset[str]:
    """The ids of instances that were added, removed or are different now."""
    old = {instance.id: instance for instance in before.instances}
    new = {instance.id: instance for instance in after.instances}
    return frozenset(
        instance_id
        for instance_id in old.keys() | new.keys()
        # most are the very same object, which spares comparing their points
        if old.get(instance_id) is not new.get(instance_id)
        and old.get(instance_id) != new.get(instance_id)
    )


def _of_person(instance: Instance) -> Instance:
    if instance.state in (InstanceState.PREDICTED, InstanceState.ACCEPTED):
        return replace(instance, state=InstanceState.EDITED)
    return instance


def _same(some: Sequence[Instance], others: Sequence[Instance]) -> bool:
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def _edited(labels: ImageLabels, instances: tuple[Instance, ...]) -> ImageLabels:
    if _same(instances, labels.instances):
        return labels
    state = ImageState.STARTED if labels.state is ImageState.UNTOUCHED else labels.state
    return replace(labels, instances=instances, state=state)


def _each(
    labels: ImageLabels, ids: Collection[str], change: Callable[[Instance], Instance]
) -> ImageLabels:
    after = tuple(
        change(instance) if instance.id in ids else instance for instance in labels.instances
    )
    return _edited(labels, after)


def _with_points(instance: Instance, move: Callable[[Ring], Ring]) -> Instance:
    return replace(
        instance,
        parts=tuple(
            replace(part, outer=move(part.outer), holes=tuple(map(move, part.holes)))
            for part in instance.parts
        ),
    )


def _check_index(index: int, length: int, what: str) -> None:
    # a negative index would quietly mean one from the end
    if not 0 <= index < length:
        raise IndexError(f"there is no {what} {index}, only {length}")


def _ring_at(labels: ImageLabels, instance_id: str, part: int, ring: int) -> Ring:
    parts = labels.instance(instance_id).parts
    _check_index(part, len(parts), "part")
    rings = parts[part].rings
    _check_index(ring, len(rings), "ring")
    return rings[ring]


def _with_ring(
    labels: ImageLabels, instance_id: str, part: int, ring: int, points: Ring
) -> ImageLabels:
    parts = list(labels.instance(instance_id).parts)
    rings = list(parts[part].rings)
    rings[ring] = points
    parts[part] = replace(parts[part], outer=rings[0], holes=tuple(rings[1:]))
    return with_parts(labels, instance_id, parts=parts)
