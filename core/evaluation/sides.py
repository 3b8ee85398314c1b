"""Ground truth and detections, checked and copied, as COCO's code counts them right."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pycocotools.mask

from core.errors import AppError
from core.types import Json

CocoDataset: TypeAlias = Mapping[str, Any]
"""A COCO file: images, categories, annotations."""

CocoResults: TypeAlias = Sequence[Mapping[str, Any]]
"""COCO's results format: image_id, category_id, bbox xywh, score, segmentation as RLE."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Ground truth and detections as COCO's code counts them right; see sides_of."""

    dataset: dict[str, Any]
    """Images, categories by ascending id, annotations with boxes and areas, numbered from 1. The
    "name" of an annotation is what it was called before: its instance_id, or its id."""
    detections: list[dict[str, Any]]
    """With a box each, in the given order."""
    has_masks: bool
    """Whether masks can be compared: both sides have some, or there are no detections."""

    @property
    def masks(self) -> list[dict[str, Any]]:
        """The detections that have a mask, without their boxes."""
        # Without its box a detection is small, medium or large by its mask, as detectron2 counts.
        return [
            {key: value for key, value in one.items() if key != "bbox"}
            for one in self.detections
            if one.get("segmentation")
        ]

    @property
    def class_names(self) -> list[str]:
        """Of the categories by ascending id; those of the same name have the id beside it."""
        times = Counter(one["name"] for one in self.dataset["categories"])
        return [
            one["name"] if times[one["name"]] == 1 else f"{one['name']} (id {one['id']})"
            for one in self.dataset["categories"]
        ]


def sides_of(ground_truth: CocoDataset, detections: CocoResults) -> Sides:
    """Both sides, checked and copied.

    Raises:
        AppError: the ground truth is no COCO data set, a detection lacks something, has a score
            that is no number, or is of an image that the ground truth does not have.
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
    some_truth = any(one.get("segmentation") for one in dataset["annotations"])
    some_found = not checked or any(one.get("segmentation") for one in checked)
    return Sides(dataset, checked, some_truth and some_found)


def _checked(ground_truth: CocoDataset) -> dict[str, Any]:
    """A copy that COCO's code counts right: annotations numbered from 1, areas and boxes there."""
    try:
        images = {image["id"]: image for image in ground_truth["images"]}
        return {
            "info": {},
            "images": list(ground_truth["images"]),
            "categories": [
                {"id": one["id"], "name": str(one["name"])}
                for one in sorted(ground_truth["categories"], key=lambda one: one["id"])
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
        _require_numbers(copy)
    except (KeyError, TypeError, ValueError) as error:
        raise AppError(
            f"A detection cannot be counted: {error!r}. Each needs image_id, category_id, score,"
            " and a bbox or a segmentation as RLE."
        ) from error
    return copy


def _require_numbers(detection: Mapping[str, Any]) -> None:
    if not all(map(math.isfinite, (detection["score"], *detection["bbox"]))):
        raise AppError(
            f"A detection of the image id {detection['image_id']} has a score or a box that is no"
            f" number (score {detection['score']}, box {detection['bbox']}): nothing can be said of"
            " such detections. Weights that a fine-tune broke give these."
        )


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
        "name": one.get("instance_id", one.get("id")),
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


def truth_for(task: str, annotations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies, which COCO's code may scribble on.

    For masks an object that has only a box becomes a region that counts neither way.
    """
    copies = [dict(one) for one in annotations]
    for one in copies:
        if task == "bbox" or one["segmentation"] is None:
            one["segmentation"] = [box_ring(one["bbox"])]
            one["iscrowd"] = 1 if task == "segm" else one["iscrowd"]
    return copies


def box_ring(box_xywh: Sequence[float]) -> list[float]:
    """The box as COCO's polygon."""
    x, y, w, h = box_xywh
    return [x, y, x + w, y, x + w, y + h, x, y + h]


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
