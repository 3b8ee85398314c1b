"""Labels as they were, and in what they differ."""

from dataclasses import dataclass, replace

from core.types import ImageLabels, ImageState, Instance


@dataclass(frozen=True, slots=True)
class Difference:
    """In what labels differ from those before them."""

    n_added: int = 0
    n_gone: int = 0
    n_changed: int = 0
    """In class, geometry, state or anything else."""
    state: ImageState | None = None
    """Of the image, where it is another."""
    n_rejected: int = 0
    """More rejected predictions, or, below zero, fewer."""


def difference(before: ImageLabels, after: ImageLabels) -> Difference:
    """In what labels differ from those before; an instance is known by its id."""
    old = {one.id: one for one in before.instances}
    new = {one.id: one for one in after.instances}
    return Difference(
        n_added=len(new.keys() - old.keys()),
        n_gone=len(old.keys() - new.keys()),
        n_changed=sum(not _is_same(old[one], new[one]) for one in new.keys() & old.keys()),
        state=after.state if after.state is not before.state else None,
        n_rejected=len(after.rejected) - len(before.rejected),
    )


def as_it_was(labels: ImageLabels, earlier: ImageLabels) -> ImageLabels:
    """The labels with the instances, the rejections and the state that they had earlier.

    What other programs keep in the label file stays as it is now. An image that was untouched then
    is started: a person brought it back.
    """
    state = ImageState.STARTED if earlier.state is ImageState.UNTOUCHED else earlier.state
    now = {one.id: one for one in labels.instances}
    instances = tuple(
        mine if (mine := now.get(one.id)) is not None and _is_same(mine, one) else one
        for one in earlier.instances
    )
    after = replace(labels, instances=instances, rejected=earlier.rejected, state=state)
    return labels if after == labels else after


def _is_same(one: Instance, other: Instance) -> bool:
    return one is other or one == other
