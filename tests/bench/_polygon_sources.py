"""Soft masks to make polygons of: drawn ones, those of a trained network, and those of labels."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from core.geometry import mask_from_rle

SIDE = 28
_FINE = 16

Crop: TypeAlias = npt.NDArray[np.float32]
Scene: TypeAlias = tuple[Crop, npt.NDArray[np.float32], tuple[int, int]]
"""A soft crop, its box, and the size of its image."""


def lobed(size_px: float, count: int) -> Iterator[Scene]:
    """Lobed objects of that many pixels across, as a network's mask head sees them."""
    random = np.random.default_rng(0)
    turns = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    for _ in range(count):
        waves = [
            0.25 * random.normal() / k * np.cos(k * turns + random.uniform(0, 6))
            for k in range(2, 8)
        ]
        radius = np.clip(1 + np.sum(waves, axis=0), 0.25, None)
        stretch = random.uniform(0.5, 1.6)
        ring = np.stack([radius * np.cos(turns), stretch * radius * np.sin(turns)], axis=1)
        ring *= size_px / np.sqrt(shapely.Polygon(ring).area)
        span = np.ptp(ring, axis=0)
        crop = _seen([ring])
        crop += 0.2 * crop * (1 - crop) * random.normal(size=crop.shape)
        yield in_image(crop.astype(np.float32), span, random.uniform(4, 12, size=2))


def in_image(crop: Crop, span: npt.NDArray[Any], at: npt.NDArray[Any]) -> Scene:
    """A crop stretched over a box of this width and height, in an image a little larger."""
    box = np.concatenate([at, at + span]).astype(np.float32)
    return crop, box, (int(box[3]) + 8, int(box[2]) + 8)


def of_size(crop: Crop, width_to_height: float, size_px: float, at: npt.NDArray[Any]) -> Scene:
    """A crop stretched over a box of that many pixels across."""
    across = size_px * np.sqrt(width_to_height)
    return in_image(crop, np.array([across, size_px * size_px / across]), at)


def of_network(golden: Path) -> list[tuple[Crop, float]]:
    """What the trained network of the golden data sees in its images: crops, width to height."""
    import torch

    from core.configs import EngineConfig
    from core.engines.maskrcnn import load
    from core.images import read_image

    torch.set_num_threads(1)
    engine = load(EngineConfig(weights=str(golden / "mask_rcnn_tiny.pth"), score=0.05))
    made = []
    for path in sorted((golden / "images").glob("*.png")):
        (found,) = engine.predict([read_image(path)])
        assert found.masks is not None
        spans = np.maximum(found.boxes[:, 2:] - found.boxes[:, :2], 1)
        made += [
            (crop, float(width / height))
            for crop, (width, height) in zip(found.masks, spans, strict=True)
            if (crop >= 0.5).mean() > 0.05
        ]
    return made


def of_labels(coco_file: Path) -> list[tuple[Crop, float]]:
    """The instances of a COCO file as a network would see them: crops, width to height."""
    made = []
    for annotation in json.loads(coco_file.read_text())["annotations"]:
        segmentation = annotation["segmentation"]
        if isinstance(segmentation, dict):
            mask = mask_from_rle(segmentation)
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            if not len(rows):
                continue
            fine = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            crop, span = _softened(fine.astype(np.uint8)), np.array(fine.shape[::-1])
        else:
            rings = [np.array(ring, dtype=np.float64).reshape(-1, 2) for ring in segmentation]
            crop, span = _seen(rings), np.ptp(np.concatenate(rings), axis=0)
        if span.all() and (crop >= 0.5).any():
            made.append((crop, float(span[0] / span[1])))
    return made


def _seen(rings: list[npt.NDArray[Any]]) -> Crop:
    every = np.concatenate(rings)
    low, span = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
    fine = np.zeros((_FINE * SIDE, _FINE * SIDE), dtype=np.uint8)
    for ring in rings:
        cv2.fillPoly(fine, [((ring - low) / span * _FINE * SIDE).astype(np.int32)], 1)
    return _softened(fine)


def _softened(fine: npt.NDArray[np.uint8]) -> Crop:
    side = _FINE * SIDE
    if fine.shape != (side, side):
        fine = np.asarray(cv2.resize(fine, (side, side), interpolation=cv2.INTER_NEAREST))
    soft = cv2.GaussianBlur(fine.astype(np.float32), (0, 0), 8)
    return np.asarray(cv2.resize(soft, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
