"""Polygons from soft masks: how many vertices, how near to the mask, how quickly."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from core.geometry import FEWER_POINTS_IOU, mask_of, parts_area, parts_from_crop, paste
from core.types import Part

_COUNT = 200
_SIDE = 28
_MIN_IOU = 0.98
_MEAN_IOU_OF_FEW = 0.97

Scene: TypeAlias = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], tuple[int, int]]
"""A soft crop, its box, and the size of its image."""


def _scenes(size_px: float) -> Iterator[Scene]:
    """Lobed objects of that many pixels across, as a network's mask head sees them."""
    random = np.random.default_rng(0)
    turns = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    for _ in range(_COUNT):
        waves = [
            0.25 * random.normal() / k * np.cos(k * turns + random.uniform(0, 6))
            for k in range(2, 8)
        ]
        radius = np.clip(1 + np.sum(waves, axis=0), 0.25, None)
        stretch = random.uniform(0.5, 1.6)
        ring = np.stack([radius * np.cos(turns), stretch * radius * np.sin(turns)], axis=1)
        ring *= size_px / np.sqrt(shapely.Polygon(ring).area)
        low, span = ring.min(axis=0), np.ptp(ring, axis=0)
        fine = np.zeros((16 * _SIDE, 16 * _SIDE), dtype=np.uint8)
        cv2.fillPoly(fine, [((ring - low) / span * 16 * _SIDE).astype(np.int32)], 1)
        soft = cv2.GaussianBlur(fine.astype(np.float32), (0, 0), 8)
        crop = cv2.resize(soft, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        crop += 0.2 * crop * (1 - crop) * random.normal(size=crop.shape)
        at = random.uniform(4, 12, size=2)
        box = np.concatenate([at, at + span]).astype(np.float32)
        yield crop.astype(np.float32), box, (int(box[3]) + 8, int(box[2]) + 8)


def _pasted(scene: Scene) -> npt.NDArray[np.bool_]:
    x0, y0, mask = paste(*scene)
    whole = np.zeros(scene[2], dtype=np.bool_)
    whole[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    return whole


def _iou(parts: Sequence[Part], scene: Scene) -> float:
    truth, mask = _pasted(scene), mask_of(parts, scene[2])
    return float(np.count_nonzero(truth & mask) / np.count_nonzero(truth | mask))


def _fewer_points() -> tuple[float, float]:
    """Median vertices and mean IoU."""
    made = [(parts_from_crop(*scene, min_iou=FEWER_POINTS_IOU), scene) for scene in _scenes(150)]
    ious = [_iou(parts, scene) for parts, scene in made]
    return float(np.median([_vertices(parts) for parts, _ in made])), float(np.mean(ious))


def _by_rule(mask: npt.NDArray[np.bool_], tolerance_of: Callable[[Any], float]) -> int:
    """Vertices of a mask's contours at a fixed tolerance, which is what others do."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return sum(len(cv2.approxPolyDP(one, tolerance_of(one), True)) for one in contours)


def _vertices(parts: Sequence[Part]) -> int:
    return sum(len(ring) for part in parts for ring in part.rings)


def _row(name: str, value: float, unit: str, budget: float, **rest: Any) -> dict[str, Any]:
    shared = {"peer": None, "peer_value": None, "holds": value <= budget}
    return {"name": name, "value": value, "unit": unit, "budget": budget, **shared, **rest}


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows, measured now."""
    counts, ious, seconds, xany, labelme = [], [], [], [], []
    for scene in _scenes(150):
        begin = time.perf_counter()
        parts = parts_from_crop(*scene)
        seconds.append(time.perf_counter() - begin)
        truth = _pasted(scene)
        counts.append(_vertices(parts))
        ious.append(_iou(parts, scene))
        xany.append(_by_rule(truth, lambda one: 0.001 * cv2.arcLength(one, True)))
        labelme.append(_by_rule(truth, lambda one: 0.004 * float(np.ptp(one, axis=0).max())))
    median, worst = float(np.median(counts)), float(min(ious))
    few, few_iou = _fewer_points()
    bias = [
        abs(parts_area(parts_from_crop(*scene)) / np.count_nonzero(_pasted(scene)) - 1)
        for scene in _scenes(50)
    ]
    how = f"{_COUNT} lobed objects of 150 px, soft masks of 28 x 28, IoU {worst:.4f} or more"
    name = "polygons, median vertices at IoU 0.98"
    holds = median <= 20 and worst >= _MIN_IOU
    return [
        _row(
            name, median, "vertices", 20, holds=holds, how=how,
            peer="labelme's rule, 0.004 x box", peer_value=float(np.median(labelme)),
        ),
        _row(
            f"{name}, other peer", median, "vertices", 20, holds=holds, how=how,
            peer="X-AnyLabeling's rule, 0.001 x perimeter", peer_value=float(np.median(xany)),
        ),
        _row(
            f"polygons, median vertices with fewer points, mean IoU {few_iou:.4f}", few, "vertices",
            12, holds=few <= 12 and few_iou >= _MEAN_IOU_OF_FEW, how=f"{_COUNT} objects of 150 px",
            peer="labelme's rule, 0.004 x box", peer_value=float(np.median(labelme)),
        ),
        _row(
            "polygons, time an instance", 1000 * float(np.median(seconds)), "ms", 2.0,
            how="soft mask to polygon, median, one thread",
        ),
        _row(
            "polygons, area too large or too small", 100 * float(np.mean(bias)), "%", 0.5,
            how=f"mean of {_COUNT} objects of 50 px, against the pixels of the pasted mask",
        ),
    ]  # fmt: skip
