"""AP and AR as COCO prints them, for all classes and for each."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.evaluation.coco import METRICS, Counted, percent, percent_of_mean
from core.types import Json

RECALLS = ("AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
"""Mean recall over the IoU thresholds with so many detections an image, and by size with 100."""

_ALL, _SMALL, _MEDIUM, _LARGE = range(4)
_AT_50, _AT_75 = 0, 5  # of the IoU thresholds .50, .55 ... .95


def recalls_of(counted: Mapping[str, Counted]) -> dict[str, dict[str, Json]]:
    """RECALLS in percent for "bbox" and "segm", None for n/a.

    With METRICS they are the twelve lines that COCO prints.
    """
    return {task: _recalls(one) for task, one in counted.items()}


def _recalls(one: Counted) -> dict[str, Json]:
    if not one.stats:
        return dict.fromkeys(RECALLS)
    return {name: percent(value) for name, value in zip(RECALLS, one.stats[6:], strict=True)}


def class_tables(counted: Mapping[str, Counted]) -> dict[str, list[dict[str, Json]]]:
    """COCO's twelve numbers of each class for "bbox" and "segm", by ascending category id.

    Each entry has "name", METRICS and RECALLS in percent, as pycocotools says them of a data set
    with this class alone; None where the class has no ground truth, or none of the size.
    """
    return {task: [_of_class(one, i) for i in range(len(one.class_names))] for task, one in
            counted.items()}  # fmt: skip


def _of_class(one: Counted, index: int) -> dict[str, Json]:
    name = one.class_names[index]
    if one.precision is None or one.recall is None:
        return {"name": name, **dict.fromkeys((*METRICS, *RECALLS))}
    precision: npt.NDArray[np.float64] = one.precision[:, :, index]
    recall: npt.NDArray[np.float64] = one.recall[:, index]
    parts = (
        precision[:, :, _ALL, -1], precision[_AT_50, :, _ALL, -1], precision[_AT_75, :, _ALL, -1],
        precision[:, :, _SMALL, -1], precision[:, :, _MEDIUM, -1], precision[:, :, _LARGE, -1],
        recall[:, _ALL, 0], recall[:, _ALL, 1], recall[:, _ALL, 2],
        recall[:, _SMALL, -1], recall[:, _MEDIUM, -1], recall[:, _LARGE, -1],
    )  # fmt: skip
    numbers = map(percent_of_mean, parts)
    return {"name": name, **dict(zip((*METRICS, *RECALLS), numbers, strict=True))}
