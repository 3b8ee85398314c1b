"""COCO's average precision, the numbers that detectron2's COCOEvaluator reports.

faster-coco-eval counts; it gives pycocotools' numbers, and several times faster on many images.
"""

import contextlib
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_coco_eval import COCO, COCOeval_faster

from core.evaluation.sides import CocoDataset, CocoResults, Sides, sides_of, truth_for
from core.types import Json

METRICS = ("AP", "AP50", "AP75", "APs", "APm", "APl")


def evaluate(ground_truth: CocoDataset, detections: CocoResults) -> dict[str, dict[str, Json]]:
    """AP in percent, for boxes and for masks, as {"bbox": {...}, "segm": {...}}.

    Each has METRICS and AP-<class> for every class of the ground truth. None is "cannot be said":
    no ground truth of this class or size, or, for all of segm, a side without any mask. Objects
    count for the sizes small, medium and large by their area, detections by the area of what is
    compared: the box, or the mask.

    Args:
        ground_truth: a COCO data set; neither bbox nor area need be there, ids may be anything.
        detections: results with the data set's image and category ids.

    Raises:
        AppError: see sides_of.
    """
    return {task: ap_of(one) for task, one in counted(sides_of(ground_truth, detections)).items()}


@dataclass(frozen=True, slots=True)
class Counted:
    """What COCOeval accumulates, -1 where there is no ground truth.

    The axes are IoU thresholds (.50, .55 ... .95), recalls (0, .01 ... 1), classes by ascending id,
    sizes (all, small, medium, large) and detections kept an image (1, 10, 100).
    """

    class_names: list[str]
    stats: tuple[float, ...] = ()
    """COCO's twelve numbers, 0 to 1, in its order; none where nothing can be compared."""
    precision: npt.NDArray[np.float64] | None = None
    """(10, 101, K, 4, 3)."""
    recall: npt.NDArray[np.float64] | None = None
    """(10, K, 4, 3)."""


def counted(sides: Sides) -> dict[str, Counted]:
    """What COCO's code counts of boxes and of masks, as {"bbox": ..., "segm": ...}."""
    segm = _counted(sides, "segm") if sides.has_masks else Counted(sides.class_names)
    return {"bbox": _counted(sides, "bbox"), "segm": segm}


def _counted(sides: Sides, task: str) -> Counted:
    results = [
        {key: value for key, value in one.items() if value is not None}
        for one in (sides.masks if task == "segm" else sides.detections)
    ]
    annotations = truth_for(task, sides.dataset["annotations"])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO({**sides.dataset, "annotations": annotations})
        evaluation = COCOeval_faster(truth, truth.loadRes(results), task)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return Counted(
        sides.class_names,
        tuple(map(float, evaluation.stats[:12])),
        np.asarray(evaluation.eval["precision"]),
        np.asarray(evaluation.eval["recall"]),
    )


def ap_of(one: Counted) -> dict[str, Json]:
    """METRICS and AP-<class> of what was counted, in percent."""
    if one.precision is None:
        return dict.fromkeys((*METRICS, *(f"AP-{name}" for name in one.class_names)))
    values = {name: percent(one.stats[i]) for i, name in enumerate(METRICS)}
    for i, name in enumerate(one.class_names):
        values[f"AP-{name}"] = percent_of_mean(one.precision[:, :, i, 0, -1])
    return values


def percent_of_mean(values: npt.NDArray[np.float64]) -> float | None:
    """Of those that COCO could say; None where it could say none."""
    said = values[values > -1]
    return percent(np.mean(said)) if said.size else None


def percent(value: Any) -> float | None:
    """-1 is what COCO says where there is no ground truth."""
    number = float(value)
    return None if number == -1 or math.isnan(number) else number * 100
