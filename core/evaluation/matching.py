"""Which detection found which instance, as COCO matches; see core.matches for what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pycocotools.mask

from core.evaluation.sides import Sides, rle_of_coco, size_hw_of, truth_for
from core.matches import IGNORED, IOU, LEFT_OUT, NONE, Found, Indices, Matches, Numbers, Truths

_MOST_OF_A_CLASS = 100  # COCOeval's maxDets


@dataclass(slots=True)
class _Columns:
    """The rows of all images, one after the other."""

    truths: list[tuple[Any, ...]]
    """image, class, name, area, box."""
    found: list[tuple[Any, ...]]
    """image, class, number, score, area, box, of_class, of_any, iou."""


def matches_of(sides: Sides) -> Matches:
    """Of masks where both sides have some, else of boxes."""
    task = "segm" if sides.has_masks else "bbox"
    truths = _by_image(truth_for(task, sides.dataset["annotations"]))
    found = _by_image(
        [one for one in sides.detections if task == "bbox" or one["segmentation"] is not None]
    )
    columns = _Columns([], [])
    for index, image in enumerate(sides.dataset["images"]):
        of_image = (truths.get(image["id"], []), found.get(image["id"], []))
        _add_image(columns, index, *of_image, _Compared(task, image))
    return _matches(task, sides, columns)


@dataclass(frozen=True, slots=True)
class _Compared:
    task: str
    image: Mapping[str, Any]

    def shape(self, one: Mapping[str, Any]) -> Any:
        """What pycocotools takes the overlap of."""
        if self.task == "bbox":
            return one["bbox"]
        if isinstance(one["segmentation"], list):  # the box of what has no mask
            return rle_of_coco(one["segmentation"], size_hw_of(self.image))
        return {**one["segmentation"], "counts": one["segmentation"]["counts"].encode("ascii")}

    def area(self, one: Mapping[str, Any], shape: Any) -> float:
        if self.task == "bbox":
            return float(one["bbox"][2] * one["bbox"][3])
        return float(pycocotools.mask.area(shape))

    def ious(self, found: Sequence[Any], truth: Sequence[Any], crowds: Sequence[int]) -> Numbers:
        """(D, G)."""
        if not found or not truth:
            return np.zeros((len(found), len(truth)))
        return np.asarray(pycocotools.mask.iou(found, truth, crowds), np.float64)


def _by_image(several: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    images: dict[int, list[dict[str, Any]]] = {}
    for one in several:
        images.setdefault(one["image_id"], []).append(one)
    return images


def _add_image(
    columns: _Columns,
    index: int,
    truths: Sequence[dict[str, Any]],
    found: Sequence[dict[str, Any]],
    compared: _Compared,
) -> None:
    # what counts first: a region that counts neither way is taken only where nothing else is free
    truths = sorted(truths, key=lambda one: one["iscrowd"])
    found = sorted(found, key=lambda one: -one["score"])
    shapes = [compared.shape(one) for one in found]
    is_crowd = np.array([one["iscrowd"] for one in truths], np.bool_)
    ious = compared.ious(
        shapes, [compared.shape(one) for one in truths], is_crowd.astype(int).tolist()
    )
    truth_class = np.array([one["category_id"] - 1 for one in truths], np.int64)
    found_class = np.array([one["category_id"] - 1 for one in found], np.int64)
    of_class = np.full(len(found), NONE)
    for class_index in np.unique(found_class):
        rows, cols = np.flatnonzero(found_class == class_index), truth_class == class_index
        counted, rest = rows[:_MOST_OF_A_CLASS], rows[_MOST_OF_A_CLASS:]
        of_class[counted] = _matched(
            ious[np.ix_(counted, cols)], is_crowd[cols], np.flatnonzero(cols)
        )
        of_class[rest] = LEFT_OUT
    of_any = _matched(ious, is_crowd, np.arange(len(truths)))
    first = len(columns.truths)
    for one, crowd, k in zip(truths, is_crowd, truth_class, strict=True):
        if not crowd:
            columns.truths.append((index, k, one["name"], one["area"], one["bbox"]))
    for i, one in enumerate(found):
        columns.found.append((
            index, found_class[i], one["number"], one["score"],
            compared.area(one, shapes[i]), one["bbox"],
            *(at + first if at > NONE else at for at in (of_class[i], of_any[i])),
            _overlap(ious[i], of_any[i], is_crowd),
        ))  # fmt: skip


def _overlap(ious: Numbers, partner: int, is_crowd: npt.NDArray[np.bool_]) -> float:
    if partner > NONE:
        return float(ious[partner])
    return float(ious[~is_crowd].max(initial=0.0))


def _matched(ious: Numbers, is_crowd: npt.NDArray[np.bool_], places: Indices) -> Indices:
    """(D,) the place of the instance that each detection takes, NONE or IGNORED.

    Args:
        ious: (D, G), detections by descending score, crowds last.
        is_crowd: (G,).
        places: (G,) what the columns are called.
    """
    taken = np.zeros(len(is_crowd), np.bool_)
    matched = np.full(len(ious), NONE)
    least = min(IOU, 1 - 1e-10)  # COCOeval's guard, kept for other thresholds
    for row in np.flatnonzero((ious >= least).any(axis=1)):
        free = (ious[row] >= least) & ~taken
        usual, crowds = np.flatnonzero(free & ~is_crowd), np.flatnonzero(free & is_crowd)
        if len(usual):
            overlaps = ious[row, usual]
            best = usual[len(usual) - 1 - overlaps[::-1].argmax()]  # COCOeval: the last of equals
            taken[best] = True
            matched[row] = places[best]
        elif len(crowds):
            matched[row] = IGNORED
    return matched


def _matches(task: str, sides: Sides, columns: _Columns) -> Matches:
    t = _transposed(columns.truths, 5)
    f = _transposed(columns.found, 9)
    return Matches(
        task,
        tuple(image["name"] for image in sides.dataset["images"]),
        tuple(sides.class_names),
        Truths(_indices(t[0]), _indices(t[1]), tuple(t[2]), _numbers(t[3]), _boxes(t[4])),
        Found(
            image=_indices(f[0]),
            class_index=_indices(f[1]),
            number=_indices(f[2]),
            score=_numbers(f[3]),
            area=_numbers(f[4]),
            box_xywh=_boxes(f[5]),
            of_class=_indices(f[6]),
            of_any=_indices(f[7]),
            iou=_numbers(f[8]),
        ),
    )


def _transposed(rows: Sequence[tuple[Any, ...]], n_columns: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * n_columns


def _indices(values: Sequence[Any]) -> Indices:
    return np.array(values, np.int64)


def _numbers(values: Sequence[Any]) -> Numbers:
    return np.array(values, np.float64)


def _boxes(values: Sequence[Any]) -> Numbers:
    return np.array(values, np.float64).reshape(-1, 4)
