"""Ground truth and detections, checked and copied, as COCO's code counts them right."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pycocotools.mask

from core.errors import AppError
from core.types import Json

CocoDataset: TypeAlias = Mapping[str, Any]
"""A COCO file: images, categories, annotations."""

CocoResults: TypeAlias = Sequence[Mapping[str, Any]]
"""COCO's results format: image_id, category_id, bbox xywh, score, segmentation as RLE."""

_FARTHEST_PX = 1e6  # an outline beyond it makes COCO's rasteriser take all memory
_LISTS = ("images", "categories", "annotations")


@dataclass(frozen=True, slots=True)
class Sides:
    """Ground truth and detections as COCO's code counts them right; see sides_of.

    Ids are numbers from 1, given in the order of the ids before. A segmentation is compressed RLE
    or None.
    """

    dataset: dict[str, Any]
    """Images, categories and annotations with boxes and areas. The "name" of an image is its file
    name, or else its id before; that of an annotation its instance_id, or its id before."""
    detections: list[dict[str, Any]]
    """With a box each, in the given order, "number" counting those of an image from 0. Those of
    categories that the ground truth does not have are left out."""
    has_masks: bool
    """Whether masks can be compared: both sides have some, or there are no detections."""

    @property
    def masks(self) -> list[dict[str, Any]]:
        """The detections that have a mask, without their boxes."""
        # Without its box a detection is small, medium or large by its mask, as detectron2 counts.
        return [
            {key: value for key, value in one.items() if key != "bbox"}
            for one in self.detections
            if one["segmentation"]
        ]

    @property
    def class_names(self) -> list[str]:
        """Of the categories by ascending id; those of the same name have the id beside it."""
        categories = self.dataset["categories"]
        times = Counter(one["name"] for one in categories)
        return [
            one["name"] if times[one["name"]] == 1 else f"{one['name']} (id {one['id_before']})"
            for one in categories
        ]


def sides_of(ground_truth: CocoDataset, detections: CocoResults) -> Sides:
    """Both sides, checked and copied.

    Raises:
        AppError: the ground truth is no COCO data set; an outline, a box or a score cannot be
            counted; or a detection is of an image that the ground truth does not have.
    """
    require_dataset(ground_truth)
    images = _renumbered(ground_truth["images"])
    categories = _renumbered(ground_truth["categories"])
    for before, one in images.items():
        one["name"] = str(one.get("file_name", before))
    for one in categories.values():
        one["name"] = str(one["name"])
    annotations = list(_annotations(ground_truth["annotations"], images, categories))
    found = list(_detections(detections, images, categories))
    some_truth = any(one["segmentation"] for one in annotations)
    some_found = not found or any(one["segmentation"] for one in found)
    dataset = {
        "info": {},
        "images": list(images.values()),
        "categories": list(categories.values()),
        "annotations": annotations,
    }
    return Sides(dataset, found, some_truth and some_found)


def require_dataset(value: Json) -> None:
    """Refuses what has not the shape of a COCO data set: three lists, of things with ids.

    Raises:
        AppError: it has not.
    """
    says = "The ground truth is not a COCO data set that can be counted: "
    if not isinstance(value, Mapping) or not all(isinstance(value.get(k), list) for k in _LISTS):
        raise AppError(says + "it needs lists of images, categories and annotations.")
    if not all(isinstance(one, Mapping) for key in _LISTS for one in value[key]):
        raise AppError(says + "its images, categories and annotations are objects with fields.")
    for key, wanted in (("images", ("id",)), ("categories", ("id", "name"))):
        ids = [one.get("id") for one in value[key]]
        if not all(name in one for one in value[key] for name in wanted):
            raise AppError(says + f"one of its {key} has no {' or no '.join(wanted)}.")
        if not all(isinstance(one, int | str | float) for one in ids):
            raise AppError(says + f"one of its {key} has an id that is neither number nor text.")
        if twice := [one for one, times in Counter(ids).items() if times > 1]:
            raise AppError(says + f"the id {twice[0]} is given to several {key}.")


def _renumbered(several: Sequence[Mapping[str, Any]]) -> dict[Json, dict[str, Any]]:
    """Copies by the id before, in the order of these ids."""
    return {
        one["id"]: {**one, "id": number, "id_before": one["id"]}
        for number, one in enumerate(in_order(several), 1)
    }


def in_order(several: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Images or categories of a COCO data set by ascending id, numbers before texts."""
    return sorted(several, key=lambda one: (isinstance(one["id"], str), one["id"]))


def _annotations(
    several: Sequence[Mapping[str, Any]],
    images: Mapping[Json, Mapping[str, Any]],
    categories: Mapping[Json, Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    # An annotation id of 0 counts as "not matched" in COCOeval, so ids are given anew.
    for number, one in enumerate(several, 1):
        try:
            image = images[one["image_id"]]
            category = categories.get(one["category_id"])
            copy = _shaped(one, image)
            copy["iscrowd"] = int(one.get("iscrowd", 0))
        except (KeyError, TypeError, ValueError) as error:
            raise AppError(
                f"The ground truth is not a COCO data set that can be counted: {error!r} is missing"
                f" or misshapen in its annotation {one.get('id')}."
            ) from error
        if category is not None:
            name = one.get("instance_id", one.get("id"))
            yield {**copy, "id": number, "category_id": category["id"], "name": name}


def _detections(
    several: CocoResults,
    images: Mapping[Json, Mapping[str, Any]],
    categories: Mapping[Json, Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    strangers: set[str] = set()
    counts: Counter[int] = Counter()
    for one in several:
        try:
            image, category = images.get(one["image_id"]), categories.get(one["category_id"])
            if image is None:
                strangers.add(str(one["image_id"]))
                continue
            copy = {**_shaped(one, image), "score": float(one["score"])}
        except (KeyError, TypeError, ValueError) as error:
            raise AppError(
                f"A detection cannot be counted: {error!r}. Each needs image_id, category_id,"
                " score, and a bbox or a segmentation."
            ) from error
        if not math.isfinite(copy["score"]):
            raise AppError(
                f"A detection in {image['name']} has a score that is no number ({copy['score']}):"
                " nothing can be said of such detections. Weights that a fine-tune broke give"
                " these."
            )
        if category is not None:
            number = counts[image["id"]]
            counts[image["id"]] += 1
            yield {**copy, "category_id": category["id"], "number": number}
    if strangers:
        raise AppError(
            f"There are detections of {len(strangers)} images that the ground truth does not have"
            f" (image id {', '.join(sorted(strangers)[:5])}): the two files are not of the same"
            " images."
        )


def _shaped(one: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    """Its image, mask, box and area; what is missing of the last two is made from the mask."""
    outline = one.get("segmentation") or None
    if outline is None and "bbox" not in one:
        raise AppError(f"{_named(one, image)} has neither a box nor a mask.")
    rle = None if outline is None else _mask(outline, one, image)
    shape: dict[str, Any] = {
        "image_id": image["id"],
        "segmentation": rle and {**rle, "counts": rle["counts"].decode("ascii")},
    }
    if "bbox" in one:
        shape["bbox"] = [float(value) for value in one["bbox"]]
    else:
        shape["bbox"] = pycocotools.mask.toBbox(rle).tolist()
    if "score" not in one:  # COCO's code gives detections theirs
        shape["area"] = _area(one, rle, shape["bbox"])
    numbers = (*shape["bbox"], shape.get("area", 0.0))
    if len(shape["bbox"]) != 4 or not all(abs(value) < _FARTHEST_PX**2 for value in numbers):
        raise AppError(f"{_named(one, image)} has a box that is none: {one.get('bbox')}.")
    return shape


def _area(one: Mapping[str, Any], rle: dict[str, Any] | None, box_xywh: Sequence[float]) -> float:
    if "area" in one:
        return float(one["area"])
    if rle is not None:
        return float(pycocotools.mask.area(rle))
    _, _, *size = box_xywh
    return math.prod(size)


def _mask(outline: Json, one: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    size = size_hw_of(image) if isinstance(outline, list) else None
    rle = rle_of_coco(outline, size or (0, 0))
    if tuple(rle["size"]) != (size or _size_if_known(image) or tuple(rle["size"])):
        raise AppError(
            f"{_named(one, image)} has a mask for an image of {rle['size'][1]} x {rle['size'][0]}"
            f" pixels, and the image has {image['width']} x {image['height']}."
        )
    if not _fills(rle["counts"], math.prod(rle["size"])):
        raise AppError(f"{_named(one, image)} has a mask that is no RLE of COCO's.")
    return rle


def _fills(counts: bytes, n_pixels: int) -> bool:
    """Whether compressed runs (maskApi.c, rleToString) are whole and add up to the pixels.

    COCO's code does not check: it reads and writes behind runs that do not.
    """
    runs, value, shift = [0, 0, 0], 0, 0
    for byte in counts:
        digit = byte - 48
        value |= (digit & 0x1F) << shift
        shift += 5
        if digit & 0x20 and shift < 64:
            continue
        if digit & 0x10:
            value -= 1 << shift
        # from the third run on it is the difference to the one before the last
        runs.append(value + (runs[-2] if len(runs) > 5 else 0))
        value = shift = 0
    return shift == 0 and sum(runs) == n_pixels and min(runs) >= 0


def _named(one: Mapping[str, Any], image: Mapping[str, Any]) -> str:
    what = "A detection" if "score" in one else f"Annotation {one.get('id')}"
    return f"{what} in {image['name']}"


def _size_if_known(image: Mapping[str, Any]) -> tuple[int, int] | None:
    return size_hw_of(image) if "height" in image and "width" in image else None


def size_hw_of(image: Mapping[str, Any]) -> tuple[int, int]:
    """Height and width of an image of a COCO data set.

    Raises:
        AppError: it does not say.
    """
    try:
        return int(image["height"]), int(image["width"])
    except (KeyError, TypeError, ValueError) as error:
        name = image.get("file_name", image.get("id"))
        raise AppError(f"The image {name} of the ground truth has no height and width.") from error


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
            rings = [ring for ring in segmentation if len(ring) >= 6]  # others enclose nothing
            if not all((np.abs(np.asarray(ring, float)) < _FARTHEST_PX).all() for ring in rings):
                raise ValueError("a point is no number, or far away")
            if not rings:
                empty = {"size": [height, width], "counts": [height * width]}
                return dict(pycocotools.mask.frPyObjects(empty, height, width))
            return dict(pycocotools.mask.merge(pycocotools.mask.frPyObjects(rings, height, width)))
        if isinstance(segmentation["counts"], list):
            if min(segmentation["counts"], default=0) < 0:
                raise ValueError("a run is shorter than nothing")
            return dict(pycocotools.mask.frPyObjects(segmentation, *segmentation["size"]))
        counts = segmentation["counts"]
        raw = counts.encode("ascii") if isinstance(counts, str) else counts
        return {"size": [int(side) for side in segmentation["size"]], "counts": raw}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise AppError(f"A segmentation is neither polygons nor RLE: {error}.") from error
