"""Detections as instances of a project's classes."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.geometry import NEAR_IOU, outlines_of_crops, parts_from_crops, rounded
from core.types import Detections, Instance, InstanceState, Part, new_instance_id


def instances_of(
    detections: Detections,
    class_ids: Mapping[int, int],
    *,
    source: str,
    is_exact: npt.ArrayLike = True,
    min_iou: float = NEAR_IOU,
) -> list[Instance | None]:
    """Each detection of an image as an instance; None where its class is ignored or nothing is on.

    Args:
        detections: N of an image.
        class_ids: from the weights' classes to the project's.
        source: the weights' name.
        is_exact: (N,) or one for all. False takes a quarter of the time and promises no IoU to the
            mask.
        min_iou: of the outline to the mask, where it is exact.
    """
    is_known = np.array([int(one) in class_ids for one in detections.class_ids], np.bool_)
    parts = _parts(detections, is_known, is_known & np.asarray(is_exact), min_iou=min_iou)
    return [
        Instance(
            id=new_instance_id(),
            class_id=class_ids[int(detections.class_ids[i])],
            parts=parts[i],
            state=InstanceState.PREDICTED,
            score=float(detections.scores[i]),
            source=source,
        )
        if i in parts
        else None
        for i in range(len(detections))
    ]


def _parts(
    detections: Detections,
    is_wanted: npt.NDArray[np.bool_],
    is_exact: npt.NDArray[np.bool_],
    *,
    min_iou: float,
) -> dict[int, tuple[Part, ...]]:
    """Of those that are wanted, where there are any."""
    boxes, masks, size_hw = detections.boxes, detections.masks, detections.size_hw
    if masks is None:
        return {
            i: (Part(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])),)
            for i in np.flatnonzero(is_wanted).tolist()
            for x0, y0, x1, y1 in [map(float, boxes[i])]
        }
    exact, quick = np.flatnonzero(is_exact), np.flatnonzero(is_wanted & ~is_exact)
    found = [
        *parts_from_crops(masks[exact], boxes[exact], size_hw, min_iou=min_iou),
        *outlines_of_crops(masks[quick], boxes[quick], size_hw),
    ]
    places = [*exact.tolist(), *quick.tolist()]
    return {i: tuple(map(rounded, of)) for i, of in zip(places, found, strict=True) if of}
