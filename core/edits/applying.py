"""What edits are made of. They give the very same labels back where nothing is changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from core.errors import AppError
from core.types import ImageLabels, ImageState, Instance, InstanceState, Ring


def of_person(instance: Instance) -> Instance:
    """The instance after a person changed its geometry or class."""
    if instance.state in (InstanceState.PREDICTED, InstanceState.ACCEPTED):
        return replace(instance, state=InstanceState.EDITED)
    return instance


def _same(some: Sequence[Instance], others: Sequence[Instance]) -> bool:
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def edited(labels: ImageLabels, instances: tuple[Instance, ...]) -> ImageLabels:
    """The labels with these instances; an untouched image is started by it."""
    if _same(instances, labels.instances):
        return labels
    state = ImageState.STARTED if labels.state is ImageState.UNTOUCHED else labels.state
    return replace(labels, instances=instances, state=state)


def each(
    labels: ImageLabels, ids: Collection[str], change: Callable[[Instance], Instance]
) -> ImageLabels:
    """The labels with each of these instances changed."""
    after = tuple(
        change(instance) if instance.id in ids else instance for instance in labels.instances
    )
    return edited(labels, after)


def several(labels: ImageLabels, ids: Collection[str]) -> list[Instance]:
    """These instances, from back to front.

    Raises:
        AppError: these are fewer than two.
    """
    found = [one for one in labels.instances if one.id in ids]
    if len(found) < 2:
        raise AppError("Select at least two instances that are not locked for this.")
    return found


def with_points(instance: Instance, move: Callable[[Ring], Ring]) -> Instance:
    """The instance with each of its rings moved; its state stays."""
    return replace(
        instance,
        parts=tuple(
            replace(part, outer=move(part.outer), holes=tuple(map(move, part.holes)))
            for part in instance.parts
        ),
    )
