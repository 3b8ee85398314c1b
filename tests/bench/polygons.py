"""Polygons from soft masks: how many vertices, how near to the mask, how quickly.

With POLYGONS_COCO=FILE[:FILE...] in the environment, of the labels in these COCO files too.
"""

import time
from typing import Any

import numpy as np
from _polygon_sources import lobed
from _polygon_table import METHODS, iou, pasted, table, together_ms, vertices

from core.geometry import FEWER_POINTS_IOU, NEAR_IOU, parts_area, parts_from_crop

_COUNT = 200
_MIN_IOU = 0.98
_MEAN_IOU_OF_FEW = 0.97


def _fewer_points() -> tuple[float, float]:
    """Median vertices and mean IoU."""
    scenes = list(lobed(150, _COUNT))
    made = [(parts_from_crop(*scene, min_iou=FEWER_POINTS_IOU), scene) for scene in scenes]
    ious = [iou(parts, pasted(scene)) for parts, scene in made]
    return float(np.median([vertices(parts) for parts, _ in made])), float(np.mean(ious))


def _alone_ms(side_px: float) -> float:
    """CPU time of an instance that is made alone."""
    taken = []
    for scene in lobed(side_px, _COUNT):
        begin_s = time.process_time()
        parts_from_crop(*scene)
        taken.append(time.process_time() - begin_s)
    return 1000 * float(np.median(taken))


def _row(name: str, value: float, unit: str, budget: float, **rest: Any) -> dict[str, Any]:
    shared = {"peer": None, "peer_value": None, "holds": value <= budget}
    return {"name": name, "value": value, "unit": unit, "budget": budget, **shared, **rest}


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows, measured now."""
    counts, ious = [], []
    peers: dict[str, list[int]] = {"0.001 x perimeter": [], "0.004 x box side": []}
    for scene in lobed(150, _COUNT):
        parts = parts_from_crop(*scene)
        counts.append(vertices(parts))
        ious.append(iou(parts, pasted(scene)))
        for rule, of in peers.items():
            of.append(vertices(METHODS[rule](scene)))
    xany, labelme = peers.values()
    median, worst = float(np.median(counts)), float(min(ious))
    few, few_iou = _fewer_points()
    bias = [
        abs(parts_area(parts_from_crop(*scene)) / np.count_nonzero(pasted(scene)) - 1)
        for scene in lobed(50, _COUNT)
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
        *(
            _row(
                f"polygons, CPU time an instance of {side_px} px, {way}", made_ms, "ms", 2.0,
                how="soft mask to polygon, median",
            )
            for side_px in (50, 150, 300, 1000)
            for way, made_ms in (
                ("alone", _alone_ms(side_px)),
                ("twenty of an image at once", together_ms(side_px, min_iou=NEAR_IOU)),
            )
        ),
        _row(
            "polygons, area too large or too small", 100 * float(np.mean(bias)), "%", 0.5,
            how=f"mean of {_COUNT} objects of 50 px, against the pixels of the pasted mask",
        ),
        *table(),
    ]  # fmt: skip
