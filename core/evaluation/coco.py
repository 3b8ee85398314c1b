"""COCO's average precision, the numbers that detectron2's COCOEvaluator reports.

faster-coco-eval counts; it gives pycocotools' numbers, and several times faster on many images.
"""

import contextlib
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pycocotools.mask
from faster_coco_eval import COCO, COCOeval_faster

from core.errors import AppError
from core.types import Json

CocoDataset: TypeAlias = Mapping[str, Any]
"""A COCO file: images, categories, annotations."""

CocoResults: TypeAlias = Sequence[Mapping[str, Any]]
"""COCO's results format: image_id, category_id, bbox xywh, score, segmentation as RLE."""

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
        AppError: the ground truth is no COCO data set, or detections are of images that it does
            not have.
    """
    dataset = _checked(ground_truth)
    known = {image["id"] for image in dataset["images"]}
    checked = [_checked_detection(one) for one in detections]
    strangers = {one["image_id"] for one in checked} - known
    unknown = sorted(str(image_id) for image_id in strangers)
    if unknown:
        raise AppError(
            f"There are detections of {len(unknown)} images that the ground truth does not have"
            f" (image id {', '.join(unknown[:5])}): the two files are not of the same images."
        )
    has_masks = any(one.get("segmentation") for one in dataset["annotations"])
    # Without its box a detection is small, medium or large by its mask, as detectron2 counts.
    masks = [
        {key: value for key, value in one.items() if key != "bbox"}
        for one in checked
        if one.get("segmentation")
    ]
    of_masks = has_masks and (bool(masks) or not checked)
    return {
        "bbox": _metrics(dataset, checked, "bbox"),
        "segm": _metrics(dataset, masks, "segm") if of_masks else _nothing(dataset),
    }


def _metrics(dataset: dict[str, Any], results: list[Any], task: str) -> dict[str, Json]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO({**dataset, "annotations": _truth_for(task, dataset["annotations"])})
        counted = COCOeval_faster(truth, truth.loadRes(results), task)
        counted.evaluate()
        counted.accumulate()
        counted.summarize()
    values = {name: _percent(counted.stats[i]) for i, name in enumerate(METRICS)}
    # precision is (IoU thresholds, recalls, classes by ascending id, area ranges, detections kept)
    precision = np.asarray(counted.eval["precision"])[:, :, :, 0, -1]
    for i, name in enumerate(_metric_names(dataset)):
        of_class = precision[:, :, i]
        said = of_class[of_class > -1]
        values[name] = _percent(np.mean(said)) if said.size else None
    return values


def _nothing(dataset: dict[str, Any]) -> dict[str, Json]:
    return dict.fromkeys((*METRICS, *_metric_names(dataset)))


def _metric_names(dataset: dict[str, Any]) -> list[str]:
    categories = sorted(dataset["categories"], key=lambda category: category["id"])
    times = Counter(category["name"] for category in categories)
    return [
        f"AP-{category['name']}"
        if times[category["name"]] == 1
        else f"AP-{category['name']} (id {category['id']})"
        for category in categories
    ]


def _percent(value: Any) -> float | None:
    """-1 is what COCO says where there is no ground truth."""
    number = float(value)
    return None if number == -1 or math.isnan(number) else number * 100


def _checked(ground_truth: CocoDataset) -> dict[str, Any]:
    """A copy that COCO's code counts right: annotations numbered from 1, areas and boxes there."""
    try:
        images = {image["id"]: image for image in ground_truth["images"]}
        return {
            "info": {},
            "images": list(ground_truth["images"]),
            "categories": [
                {"id": one["id"], "name": str(one["name"])} for one in ground_truth["categories"]
            ],
            # An annotation id of 0 counts as "not matched" in COCOeval, so ids are given anew.
            "annotations": [
                _annotation(one, images[one["image_id"]], number)
                for number, one in enumerate(ground_truth["annotations"], 1)
            ],
        }
    except (KeyError, TypeError) as error:
        raise AppError(
            f"The ground truth is not a COCO data set that can be counted: {error!r} is missing or"
            " misshapen. It needs images, categories and annotations."
        ) from error


def _checked_detection(one: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with what COCO's code needs of it; a missing box is made from the mask."""
    try:
        copy = {
            "image_id": one["image_id"],
            "category_id": one["category_id"],
            "score": float(one["score"]),
        }
        if one.get("segmentation"):
            copy["segmentation"] = one["segmentation"]
        box = one["bbox"] if "bbox" in one else _box_of_rle(one["segmentation"])
        copy["bbox"] = [float(value) for value in box]
    except (KeyError, TypeError, ValueError) as error:
        raise AppError(
            f"A detection cannot be counted: {error!r}. Each needs image_id, category_id, score,"
            " and a bbox or a segmentation as RLE."
        ) from error
    return copy


def _box_of_rle(rle: Mapping[str, Any]) -> list[float]:
    box: list[float] = pycocotools.mask.toBbox(rle_of_coco(rle, (0, 0))).tolist()
    return box


def _annotation(one: Mapping[str, Any], image: Mapping[str, Any], number: int) -> dict[str, Any]:
    outline = one.get("segmentation") or None
    if outline is None and "bbox" not in one:
        raise AppError(f"Annotation {one.get('id')} has neither a box nor a mask.")
    filled = {
        "id": number,
        "image_id": one["image_id"],
        "category_id": one["category_id"],
        "iscrowd": int(one.get("iscrowd", 0)),
        "segmentation": outline,
    }
    if outline is not None and not ("bbox" in one and "area" in one):
        rle = rle_of_coco(outline, (image["height"], image["width"]))
        filled["bbox"] = pycocotools.mask.toBbox(rle).tolist()
        filled["area"] = float(pycocotools.mask.area(rle))
    if "bbox" in one:
        filled["bbox"] = list(one["bbox"])
        filled.setdefault("area", float(one["bbox"][2]) * float(one["bbox"][3]))
    if "area" in one:
        filled["area"] = float(one["area"])
    return filled


def _truth_for(task: str, annotations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies, which COCO's code may scribble on.

    For masks an object that has only a box becomes a region that counts neither way.
    """
    copies = [dict(one) for one in annotations]
    for one in copies:
        if task == "bbox" or one["segmentation"] is None:
            x, y, w, h = one["bbox"]
            one["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]
            one["iscrowd"] = 1 if task == "segm" else one["iscrowd"]
    return copies


def rle_of_coco(segmentation: Json, size_hw: tuple[int, int]) -> dict[str, Any]:
    """pycocotools' RLE of a COCO segmentation: polygons, or RLE of either kind.

    Raises:
        AppError: it is none of these.
    """
    height, width = size_hw
    try:
        if isinstance(segmentation, list):
            rles = pycocotools.mask.frPyObjects(segmentation, height, width)
            return dict(pycocotools.mask.merge(rles))
        if isinstance(segmentation["counts"], list):
            return dict(pycocotools.mask.frPyObjects(segmentation, height, width))
        counts = segmentation["counts"]
        raw = counts.encode("ascii") if isinstance(counts, str) else counts
        return {"size": list(segmentation["size"]), "counts": raw}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise AppError(f"A segmentation is neither polygons nor RLE: {error}.") from error
