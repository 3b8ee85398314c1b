"""What concerns the labels of an image as a whole: their state, their size, what changed."""

from dataclasses import replace

import numpy as np

from core.edits.applying import with_points
from core.types import ImageLabels, ImageState, Instance, Ring


def with_image_state(labels: ImageLabels, state: ImageState) -> ImageLabels:
    """The labels in this image state. Predictions that nobody looked at stay predictions."""
    return labels if labels.state is state else replace(labels, state=state)


def rescaled(labels: ImageLabels, size_hw: tuple[int, int]) -> ImageLabels:
    """The labels for the same picture at another size. Not an edit: every state stays."""
    if labels.size_hw == size_hw:
        return labels
    (height, width), (new_height, new_width) = labels.size_hw, size_hw
    factor = np.array([new_width / width, new_height / height])

    def scaled(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
        return tuple(with_points(instance, lambda ring: ring * factor) for instance in instances)

    return replace(
        labels,
        size_hw=size_hw,
        instances=scaled(labels.instances),
        rejected=scaled(labels.rejected),
    )


def turned(labels: ImageLabels, orientation: int) -> ImageLabels:
    """The labels of a picture as it is stored, for the picture as it is displayed.

    Not an edit: every state stays.

    Args:
        labels: in pixels of the stored rows.
        orientation: EXIF's, 1 to 8: how the stored rows lie in the displayed picture.
    """
    if orientation == 1:
        return labels
    swaps = orientation >= 5
    height, width = labels.size_hw[::-1] if swaps else labels.size_hw

    def upright(ring: Ring) -> Ring:
        points = ring[:, ::-1].copy() if swaps else ring.copy()
        if orientation in (2, 3, 6, 7):
            points[:, 0] = width - points[:, 0]
        if orientation in (3, 4, 7, 8):
            points[:, 1] = height - points[:, 1]
        return points

    def each(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
        return tuple(with_points(instance, upright) for instance in instances)

    return replace(
        labels,
        size_hw=(height, width),
        instances=each(labels.instances),
        rejected=each(labels.rejected),
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
