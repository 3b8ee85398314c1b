"""Bootstrap over images: COCO's AP and the edits of a person, of images drawn with replacement.

An image that was drawn twice weighs two: what COCO counts of it, it counts twice.
"""

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.evaluation.effort import effort
from core.evaluation.sides import CocoDataset, CocoResults, sides_of, truth_for

Numbers = npt.NDArray[np.float64]
_RECALLS = np.linspace(0, 1, 101)
_AT_A_TIME = 50  # samples, which bounds the memory


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The detections of a class, best first, and what there was to find."""

    images: npt.NDArray[np.int64]
    """(D,) index of the image of each."""
    is_right: npt.NDArray[np.bool_]
    """(10, D) at IoU .50, .55 ... .95."""
    is_wrong: npt.NDArray[np.bool_]
    """(10, D); neither of the two is what counts neither way."""
    n_objects: Numbers
    """(I,) in each image."""


def matched(truth: CocoDataset, detections: CocoResults, task: str) -> list[Matched]:
    """What pycocotools matches, of each class.

    Args:
        truth: a COCO data set.
        detections: COCO results.
        task: segm or bbox.
    """
    sides = sides_of(truth, detections)
    found = sides.masks if task == "segm" else sides.detections
    image_ids = [one["id"] for one in sides.dataset["images"]]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        annotations = truth_for(task, sides.dataset["annotations"])
        coco.dataset = {**sides.dataset, "annotations": annotations}
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found) if found else COCO(), task)
        if not found:
            evaluation.cocoDt.dataset = {**sides.dataset, "annotations": []}
            evaluation.cocoDt.createIndex()
        evaluation.params.imgIds = image_ids
        evaluation.params.areaRng = evaluation.params.areaRng[:1]
        evaluation.evaluate()
    n_images = len(image_ids)
    n_classes = len(sides.dataset["categories"])
    of_all = evaluation.evalImgs  # of class, area, image
    return [
        _of_class(of_all[index * n_images : (index + 1) * n_images]) for index in range(n_classes)
    ]


def _of_class(of_images: Sequence[Mapping[str, Any] | None]) -> Matched:
    there = [(place, one) for place, one in enumerate(of_images) if one is not None]
    n_objects = np.zeros(len(of_images))
    for place, one in there:
        n_objects[place] = np.sum(np.logical_not(one["gtIgnore"]))
    if not there:
        nothing = np.zeros((10, 0), bool)
        return Matched(np.zeros(0, np.int64), nothing, nothing, n_objects)
    scores = np.concatenate([one["dtScores"] for _, one in there])
    images = np.repeat([place for place, _ in there], [len(one["dtScores"]) for _, one in there])
    matches = np.concatenate([one["dtMatches"] for _, one in there], axis=1)
    ignored = np.concatenate([one["dtIgnore"] for _, one in there], axis=1).astype(bool)
    order = np.argsort(-scores, kind="mergesort")
    is_right, is_wrong = (matches > 0) & ~ignored, (matches == 0) & ~ignored
    return Matched(
        images[order].astype(np.int64), is_right[:, order], is_wrong[:, order], n_objects
    )


def average_precision(classes: Sequence[Matched], weights: Numbers) -> Numbers:
    """(B,) AP in percent of samples of images; NaN where a sample has nothing to find.

    Args:
        classes: what was matched.
        weights: (B, I) how often each image is in each sample.
    """
    of_classes = np.stack([_of_one(one, weights) for one in classes])
    is_there = ~np.isnan(of_classes)
    n_there = is_there.sum(axis=0)
    total = np.where(is_there, of_classes, 0).sum(axis=0)
    return 100 * np.where(n_there > 0, total / np.maximum(n_there, 1), np.nan)


def _of_one(one: Matched, weights: Numbers) -> Numbers:
    n_objects = weights @ one.n_objects
    chunks = range(0, len(weights), _AT_A_TIME)
    parts = [_mean_precision(one, weights[at : at + _AT_A_TIME]) for at in chunks]
    return np.where(n_objects > 0, np.concatenate(parts), np.nan)


def _mean_precision(one: Matched, weights: Numbers) -> Numbers:
    """(B,) over the IoU thresholds and the 101 recalls, as COCOeval.accumulate has it."""
    if not one.images.size:
        return np.zeros(len(weights))
    of_each = weights[:, None, one.images]  # (B, 1, D)
    right = np.cumsum(of_each * one.is_right, axis=2)
    wrong = np.cumsum(of_each * one.is_wrong, axis=2)
    precision = right / (right + wrong + np.spacing(1))
    best = np.maximum.accumulate(precision[..., ::-1], axis=2)[..., ::-1]
    n_objects = np.maximum(weights @ one.n_objects, 1)
    recall = right / n_objects[:, None, None]
    values = np.zeros((*recall.shape[:2], len(_RECALLS)))
    for at in np.ndindex(recall.shape[:2]):
        places = np.searchsorted(recall[at], _RECALLS, side="left")
        reached = places < recall.shape[2]
        values[at][reached] = best[at][places[reached]]
    return values.mean(axis=(1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """What is left for a person to do, an image each."""

    edits: Numbers
    """(I,)."""
    drawing_all: Numbers
    """(I,) without a model."""
    instances: Numbers
    """(I,)."""

    def each(self, weights: Numbers) -> Numbers:
        """(B,) edits an instance of samples of images."""
        return np.asarray((weights @ self.edits) / (weights @ self.instances))

    def share(self, weights: Numbers) -> Numbers:
        """(B,) edits in percent of those that drawing everything takes."""
        return np.asarray(100 * (weights @ self.edits) / (weights @ self.drawing_all))


def edits_of(truth: CocoDataset, detections: CocoResults) -> Edits:
    """The effort of each image of a COCO data set; see core/evaluation/effort.py."""
    rows = list(_efforts(truth, detections))
    edits, drawing, instances = np.array(rows, float).reshape(-1, 3).T
    return Edits(edits, drawing, instances)


def _efforts(truth: CocoDataset, detections: CocoResults) -> Iterator[tuple[float, float, float]]:
    for image in truth["images"]:
        own = [one for one in truth["annotations"] if one["image_id"] == image["id"]]
        found = [one for one in detections if one["image_id"] == image["id"]]
        said = effort({**truth, "images": [image], "annotations": own}, found)
        each = said["edits_per_instance"]
        # without an object, what there is to do is to delete
        edits = said["false_positives"] if each is None else each * said["instances"]
        yield edits, said["edits_drawing_all"], said["instances"]


def samples(n_images: int, count: int, *, seed: int) -> Numbers:
    """(count, n_images) how often each image is in each sample of as many images."""
    random = np.random.default_rng(seed)
    chances = np.full(n_images, 1 / n_images)
    return random.multinomial(n_images, chances, size=count).astype(float)


def interval(values: Numbers) -> tuple[float, float]:
    """The middle 95 % of the samples' values; NaN where they say nothing."""
    said = values[~np.isnan(values)]
    if not said.size:
        return float("nan"), float("nan")
    low, high = np.percentile(said, (2.5, 97.5)).tolist()
    return low, high
