"""Labels and detections as COCO's code wants them: a data set and results."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pycocotools.mask

from core.geometry import bounds_of, rle_of
from core.types import Detections, ImageLabels, Instance, Json, LabelClass


def ground_truth_of(
    images: Sequence[tuple[str, ImageLabels]], classes: Sequence[LabelClass]
) -> dict[str, Any]:
    """A COCO data set of what people said of these images, given as (file name, labels).

    Image ids count from 1 in the given order; category ids are the classes' ids; instance_id is the
    instance's. Predictions that nobody looked at become crowds, as crowds are: regions that count
    neither way.
    """
    annotations = [
        (image_id, labels.size_hw, instance)
        for image_id, (_, labels) in enumerate(images, start=1)
        for instance in labels.instances
    ]
    return {
        "images": [
            {"id": i, "file_name": name, "height": labels.size_hw[0], "width": labels.size_hw[1]}
            for i, (name, labels) in enumerate(images, start=1)
        ],
        "categories": [{"id": one.id, "name": one.name} for one in classes],
        "annotations": [
            {"id": number, "image_id": image_id, **_annotation(instance, size_hw)}
            for number, (image_id, size_hw, instance) in enumerate(annotations, start=1)
        ],
    }


def _annotation(instance: Instance, size_hw: tuple[int, int]) -> dict[str, Any]:
    has_holes = any(part.holes for part in instance.parts)
    x0, y0, x1, y1 = bounds_of(instance.parts)
    rle = rle_of(instance.parts, size_hw)
    outlines = [part.outer.ravel().tolist() for part in instance.parts]
    return {
        "instance_id": instance.id,
        "category_id": instance.class_id,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": float(pycocotools.mask.area({**rle, "counts": rle["counts"].encode()})),
        "segmentation": rle if has_holes else outlines,
        "iscrowd": int(instance.crowd or not instance.is_of_person),
    }


def results_of(
    detections: Detections, image_id: Json, category_ids: Mapping[int, Json]
) -> list[dict[str, Any]]:
    """COCO results in the order of detection, numbers as the model gave them.

    Args:
        detections: of one image.
        image_id: the image's id in the data set.
        category_ids: class index of the weights to category id; other detections are left out.
    """
    from core.maskrcnn.paste import pasted  # loads torch, which not everybody here needs

    results = []
    for index in range(len(detections)):
        class_id = int(detections.class_ids[index])
        if class_id not in category_ids:
            continue
        x0, y0, x1, y1 = detections.boxes[index]
        result: dict[str, Any] = {
            "image_id": image_id,
            "category_id": category_ids[class_id],
            # Subtracted as float32, as detectron2 does.
            "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
            "score": float(detections.scores[index]),
        }
        if detections.masks is not None:
            box = detections.boxes[index]
            left, top, mask = pasted(detections.masks[index], box, detections.size_hw)
            result["segmentation"] = rle_of_crop(mask, (left, top), detections.size_hw)
        results.append(result)
    return results


def rle_of_crop(
    mask: npt.NDArray[np.bool_], at_xy: tuple[int, int], size_hw: tuple[int, int]
) -> dict[str, Any]:
    """Compressed COCO RLE of a whole image from the part of its mask that is not empty.

    Args:
        mask: (h, w) bool, inside the image.
        at_xy: where its first pixel lies.
        size_hw: of the image.
    """
    height, width = size_hw
    (h, w), (x, y) = mask.shape, at_xy
    # RLE runs down columns: columns as high as the image, but only as many as the crop has.
    columns = np.zeros((w, height), bool)
    columns[:, y : y + h] = mask.T
    runs = columns.ravel()
    ends = np.flatnonzero(runs[1:] != runs[:-1]) + 1
    borders = x * height + ends
    if runs.size and runs[0]:
        borders = np.concatenate([[x * height], borders])
    if runs.size and runs[-1] and x + w < width:
        borders = np.concatenate([borders, [(x + w) * height]])
    counts = np.diff(np.concatenate([[0], borders, [height * width]]))
    plain = {"size": [height, width], "counts": counts.tolist()}
    rle = pycocotools.mask.frPyObjects(plain, height, width)
    return {"size": [height, width], "counts": rle["counts"].decode("ascii")}
