"""Detections as instances of a project's classes."""

from collections.abc import Mapping

import numpy as np

from core.geometry import NEAR_IOU, outline_of_crop, parts_from_crop, rounded
from core.types import Detections, Instance, InstanceState, Part, new_instance_id


def instance_of(
    detections: Detections,
    index: int,
    class_ids: Mapping[int, int],
    *,
    source: str,
    is_exact: bool = True,
    min_iou: float = NEAR_IOU,
) -> Instance | None:
    """One detection as an instance; None where its class is ignored or its mask is empty.

    Args:
        detections: of an image.
        index: of the detection.
        class_ids: from the weights' classes to the project's.
        source: the weights' name.
        is_exact: False takes a quarter of the time and promises no IoU to the mask.
        min_iou: of the outline to the mask, where it is exact.
    """
    class_id = class_ids.get(int(detections.class_ids[index]))
    if class_id is None:
        return None
    box = detections.boxes[index]
    if detections.masks is None:
        x0, y0, x1, y1 = map(float, box)
        parts: tuple[Part, ...] = (Part(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])),)
    else:
        crop, size_hw = detections.masks[index], detections.size_hw
        parts = (
            parts_from_crop(crop, box, size_hw, min_iou=min_iou)
            if is_exact
            else outline_of_crop(crop, box, size_hw)
        )
    if not parts:
        return None
    return Instance(
        id=new_instance_id(),
        class_id=class_id,
        parts=tuple(map(rounded, parts)),
        state=InstanceState.PREDICTED,
        score=float(detections.scores[index]),
        source=source,
    )
