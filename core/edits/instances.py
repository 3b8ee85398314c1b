"""Edits of whole instances: add, copy, take away, accept, reject, change the class, move."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.edits.applying import each, edited, of_person, with_points
from core.types import ImageLabels, Instance, InstanceState, Part, new_instance_id


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
    return edited(labels, after)


def with_seen_added(labels: ImageLabels, seen: Instance) -> ImageLabels:
    """The labels with what a model saw, accepted, in front of the others; with an id of its own
    where its is taken, and of no shape in a file."""
    taken = {one.id for one in (*labels.instances, *labels.rejected)}
    instance_id = new_instance_id() if seen.id in taken else seen.id
    parts = without_origin(seen.parts)
    accepted_one = replace(seen, id=instance_id, parts=parts, state=InstanceState.ACCEPTED)
    return with_instance_added(labels, accepted_one)


def without_origin(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts as those of another instance: of no shape in a file."""
    return tuple(replace(part, origin=None) for part in parts)


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
    return edited(labels, after)


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


def restored(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these rejected predictions back among the instances, as predictions."""
    there = {instance.id for instance in labels.instances}
    wanted = [one for one in labels.rejected if one.id in ids]
    if not wanted:
        return labels
    # an undone deletion or a file from elsewhere may have brought one of this id back already
    back: list[Instance] = []
    for one in wanted:
        back.append(one if one.id not in there else replace(one, id=new_instance_id()))
        there.add(one.id)
    left = tuple(one for one in labels.rejected if one.id not in ids)
    return replace(with_instances_added(labels, back), rejected=left)


def accepted(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with the predictions among these instances accepted as they are."""

    def accept(instance: Instance) -> Instance:
        if instance.is_of_person:
            return instance
        return replace(instance, state=InstanceState.ACCEPTED)

    return each(labels, ids, accept)


def all_accepted(labels: ImageLabels) -> ImageLabels:
    """The labels with every prediction accepted as it is."""
    return accepted(labels, frozenset(instance.id for instance in labels.instances))


def with_class_changed(labels: ImageLabels, ids: Collection[str], *, class_id: int) -> ImageLabels:
    """The labels with these instances in another class."""

    def change(instance: Instance) -> Instance:
        if instance.class_id == class_id:
            return instance
        return of_person(replace(instance, class_id=class_id))

    return each(labels, ids, change)


def with_parts(labels: ImageLabels, instance_id: str, *, parts: Sequence[Part]) -> ImageLabels:
    """The labels with another geometry of one instance; with no part at all it is rejected.

    Raises:
        KeyError: there is no such instance.
    """
    labels.instance(instance_id)
    return with_parts_of_each(labels, {instance_id: parts})


def with_parts_of_each(labels: ImageLabels, parts_of: Mapping[str, Sequence[Part]]) -> ImageLabels:
    """The labels with another geometry of instances, by their ids; those with no part at all are
    rejected."""

    def reshape(instance: Instance) -> Instance:
        parts = tuple(parts_of[instance.id])
        if not parts or instance.parts == parts:
            return instance
        return of_person(replace(instance, parts=parts))

    gone = {instance_id for instance_id, parts in parts_of.items() if not parts}
    after = each(labels, parts_of, reshape)
    return rejected(after, gone) if gone else after


def with_instances_moved(
    labels: ImageLabels, ids: Collection[str], *, by_xy: tuple[float, float]
) -> ImageLabels:
    """The labels with these instances moved by so many pixels; not clipped to the image."""
    shift = np.asarray(by_xy, dtype=np.float64)
    if not shift.any():
        return labels
    return each(
        labels,
        ids,
        lambda instance: of_person(with_points(instance, lambda ring: ring + shift)),
    )
