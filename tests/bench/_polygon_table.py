"""Rows of a table: polygons by ours and by fixed rules, of objects of all sizes."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from _polygon_sources import Crop, Scene, lobed, of_labels, of_network, of_size

from core.geometry import (
    FEWER_POINTS_IOU,
    mask_of,
    parts_area,
    parts_from_crop,
    parts_from_crops,
    paste,
)
from core.types import Part

LABELS = "POLYGONS_COCO"
"""The environment's variable that names COCO files, to make polygons of their instances too."""

_GOLDEN = Path(__file__).resolve().parents[1] / "golden"
_COUNTS = {20: 150, 50: 150, 100: 150, 300: 60, 1000: 12, 4000: 4}
"""Objects of each size in pixels; of the large ones fewer, as their pixels take long to count."""

Polygons: TypeAlias = Callable[[Scene], tuple[Part, ...]]


def table() -> list[dict[str, Any]]:
    """A row for each source of masks, size and method."""
    rows = []
    for source, scenes_of in _sources():
        for side_px, count in _COUNTS.items():
            scenes = list(scenes_of(side_px, count))
            for method, polygons in METHODS.items():
                rows.append(_row(source, side_px, method, scenes, polygons))
    return rows


def pasted(scene: Scene) -> npt.NDArray[np.bool_]:
    """The mask in its whole image."""
    x0, y0, mask = paste(*scene)
    whole = np.zeros(scene[2], dtype=np.bool_)
    whole[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    return whole


def vertices(parts: tuple[Part, ...]) -> int:
    """Of all rings."""
    return sum(len(ring) for part in parts for ring in part.rings)


def iou(parts: tuple[Part, ...], truth: npt.NDArray[np.bool_]) -> float:
    """Of polygons to a mask."""
    mask = mask_of(parts, (truth.shape[0], truth.shape[1]))
    return float(np.count_nonzero(truth & mask) / max(np.count_nonzero(truth | mask), 1))


def together_ms(side_px: float, *, min_iou: float) -> float:
    """CPU time an instance where the 20 of an image are made at once."""
    scenes = list(lobed(side_px, 100))
    images = [scenes[i : i + 20] for i in range(0, len(scenes), 20)]
    taken = []
    for image in images:
        crops, boxes = np.stack([one[0] for one in image]), np.stack([one[1] for one in image])
        size_hw = (max(one[2][0] for one in image), max(one[2][1] for one in image))
        begin_s = time.process_time()
        parts_from_crops(crops, boxes, size_hw, min_iou=min_iou)
        taken.append((time.process_time() - begin_s) / len(image))
    return 1000 * float(np.median(taken))


def _by_rule(tolerance_of: Callable[[Any], float]) -> Polygons:
    """A mask's contours at a fixed tolerance, which is what others do."""

    def polygons(scene: Scene) -> tuple[Part, ...]:
        x0, y0, mask = paste(*scene)
        found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        fewer = (cv2.approxPolyDP(one, tolerance_of(one), True).reshape(-1, 2) for one in found)
        # a point of theirs is the centre of a pixel, taken for its corner
        return tuple(Part(ring + np.array([x0, y0])) for ring in fewer if len(ring) > 2)

    return polygons


METHODS: dict[str, Polygons] = {
    "ours": lambda scene: parts_from_crop(*scene),
    "ours, fewer points": lambda scene: parts_from_crop(*scene, min_iou=FEWER_POINTS_IOU),
    "0.001 x perimeter": _by_rule(lambda one: 0.001 * cv2.arcLength(one, True)),
    "0.004 x box side": _by_rule(lambda one: 0.004 * float(np.ptp(one, axis=0).max())),
}


def _sources() -> Iterator[tuple[str, Callable[[int, int], Iterator[Scene]]]]:
    yield "lobed objects", lobed
    yield "a trained network's masks", _stretched(of_network(_GOLDEN))
    for name in filter(None, os.environ.get(LABELS, "").split(os.pathsep)):
        yield f"labels of {Path(name).parent.name}", _stretched(of_labels(Path(name)))


def _stretched(crops: list[tuple[Crop, float]]) -> Callable[[int, int], Iterator[Scene]]:
    def scenes_of(side_px: int, count: int) -> Iterator[Scene]:
        random = np.random.default_rng(0)
        for i in random.permutation(len(crops))[:count].tolist():
            yield of_size(*crops[i], side_px, random.uniform(4, 12, size=2))

    return scenes_of


def _row(
    source: str, side_px: int, method: str, scenes: list[Scene], polygons: Polygons
) -> dict[str, Any]:
    counts, ious, seconds, bias = [], [], [], []
    for scene in scenes:
        truth = pasted(scene)
        if not truth.any():
            continue
        begin_s = time.process_time()
        parts = polygons(scene)
        seconds.append(time.process_time() - begin_s)
        counts.append(vertices(parts))
        ious.append(iou(parts, truth))
        bias.append((parts_area(parts) if parts else 0.0) / np.count_nonzero(truth) - 1)
    median_ms = 1000 * float(np.median(seconds))
    measured = f"mean IoU {np.mean(ious):.4f}, worst {min(ious):.4f}, {median_ms:.2f} ms CPU"
    return {
        "name": f"polygons of {source}, {side_px} px, {method}: {measured}, "
        f"area {100 * np.mean(bias):+.2f} %; vertices",
        "value": float(np.median(counts)),
        "unit": "median",
        "budget": "n/a",
        "peer": None,
        "peer_value": None,
        "holds": True,
        "how": f"{len(counts)} masks of 28 x 28 stretched over boxes of about {side_px} px",
    }
