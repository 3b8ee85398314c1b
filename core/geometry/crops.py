"""Soft mask crops, as Mask R-CNN gives them, to masks and to polygons.

Value i of an M x M crop is centred at x0 + (i + 0.5) * w / M of its box; between centres the mask
is bilinear, outside it falls to zero (detectron2's paste_masks_in_image, which samples that surface
at the centres of pixels).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.geometry.raster import Mask, Rle, level_set, parts_from_mask, rle_of_rings
from core.geometry.regions import clip
from core.geometry.simplify import Rings, are_valid, coarsest, ring_area, simplified_ring
from core.types import Part

Crop: TypeAlias = npt.NDArray[np.float32]

NEAR_IOU = 0.98
"""Of an outline to its mask: on the lobed objects of tests/bench/polygons.py, 16 vertices."""
FEWER_POINTS_IOU = 0.965
"""Where few vertices count more: on the same objects 11 vertices, at an IoU of .972 on average."""

# what a crop of 28 x 28 holds is seen with 8 samples a value
_MAX_SAMPLES = 224
_LEVEL = 0.5
_NO_AREA_PX2 = 1e-6
_SPECK_PX2 = 2.0
_TOLERANCE_VALUES = 0.3  # of the distance between two values of a crop


def paste(
    mask_crop: Crop, box_xyxy: npt.ArrayLike, size_hw: tuple[int, int]
) -> tuple[int, int, Mask]:
    """The pixels that a soft mask covers, as detectron2 pastes it: values of at least 0.5.

    Args:
        mask_crop: (M, M) float32, 0 to 1.
        box_xyxy: the box that it is stretched over, pixels of the image.
        size_hw: of the image.

    Returns:
        x0, y0 and (h, w) bool: the mask's place in the image, and its pixels there. All others are
        off; h or w is 0 where the box lies outside the image or is empty.
    """
    box = np.asarray(box_xyxy, dtype=np.float32)
    left, top, right, bottom = _pixel_range(box, size_hw)
    xs, ys = (np.arange(a, b, dtype=np.float32) + 0.5 for a, b in ((left, right), (top, bottom)))
    return left, top, _sampled(mask_crop, box, xs, ys)


def parts_from_crop(
    mask_crop: Crop,
    box_xyxy: npt.ArrayLike,
    size_hw: tuple[int, int],
    *,
    min_iou: float = NEAR_IOU,
    speck_px2: float = _SPECK_PX2,
) -> tuple[Part, ...]:
    """Polygons of a soft mask, with as few vertices as an IoU to its pasted mask allows.

    They follow the mask's level of 0.5 between pixels, keep its holes and parts, do not cross
    themselves and lie inside the image.

    Args:
        mask_crop: (M, M) float32, 0 to 1.
        box_xyxy: the box that it is stretched over, pixels of the image.
        size_hw: of the image.
        min_iou: the least IoU to `paste`'s mask.
        speck_px2: parts and holes of less area are left out, unless there is nothing else.

    Returns:
        Empty where the pasted mask is.
    """
    box = np.asarray(box_xyxy, dtype=np.float32)
    grid = _Grid(mask_crop, box, size_hw)
    if not grid.mask.any():
        return ()
    # fewer samples than pixels see the IoU to about a thousandth
    wanted = min_iou if grid.has_all_pixels else min_iou + 0.05 * (1 - min_iou)
    exact = _inside(_outlines(mask_crop, box), size_hw)
    for rings in (_without_specks(exact, speck_px2), exact):
        found = coarsest(
            rings,
            is_near=lambda parts: grid.iou(parts) >= wanted,
            bounds_xyxy=(0, 0, size_hw[1], size_hw[0]),
        )
        if found:
            return tuple(Part(outer, tuple(holes)) for outer, *holes in found)
    # a handful of pixels, where COCO's rounding to a fifth of a pixel decides
    return grid.parts()


def outline_of_crop(
    mask_crop: Crop, box_xyxy: npt.ArrayLike, size_hw: tuple[int, int]
) -> tuple[Part, ...]:
    """Polygons of a soft mask at one fixed tolerance: for pictures that pass quickly.

    A quarter of the time of `parts_from_crop`, as nothing is searched for, and no IoU is promised:
    on the lobed objects of tests/bench/polygons.py it is .99 on average and .976 at the least, with
    20 vertices. Parts, holes and borders are as there.

    Args:
        mask_crop: (M, M) float32, 0 to 1.
        box_xyxy: the box that it is stretched over, pixels of the image.
        size_hw: of the image.
    """
    box = np.asarray(box_xyxy, dtype=np.float32)
    if box[2] <= box[0] or box[3] <= box[1]:
        return ()
    exact = _without_specks(_inside(_outlines(mask_crop, box), size_hw), _SPECK_PX2)
    value_px = float(max(box[2] - box[0], box[3] - box[1])) / max(mask_crop.shape)
    fewer = [
        [
            np.clip(simplified_ring(ring, _TOLERANCE_VALUES * value_px), (0, 0), size_hw[::-1])
            for ring in rings
        ]
        for rings in exact
    ]
    kept = fewer if are_valid(fewer) else exact
    return tuple(Part(outer, tuple(holes)) for outer, *holes in kept)


class _Grid:
    """Where a polygon is held against a mask: its pixels, or fewer samples where they are many."""

    def __init__(
        self, mask_crop: Crop, box: npt.NDArray[np.float32], size_hw: tuple[int, int]
    ) -> None:
        left, top, right, bottom = _pixel_range(box, size_hw)
        self._low = np.array([left, top], dtype=np.float64)
        pixels = np.maximum([right - left, bottom - top], 0)
        samples = np.minimum(pixels, _MAX_SAMPLES)
        self._step = pixels / np.maximum(samples, 1)
        self.has_all_pixels = bool((self._step <= 1).all())
        xs, ys = (
            (low + (np.arange(n) + 0.5) * step).astype(np.float32)
            for low, n, step in zip(self._low, samples, self._step, strict=True)
        )
        self.mask = _sampled(mask_crop, box, xs, ys)
        self._rle: Rle = coco_mask.encode(np.asfortranarray(self.mask.astype(np.uint8)))

    def iou(self, parts: Rings) -> float:
        """IoU of polygons, in pixels of the image, to the mask."""
        local = [[(ring - self._low) / self._step for ring in rings] for rings in parts]
        rle = rle_of_rings(local, (self.mask.shape[0], self.mask.shape[1]))
        return float(coco_mask.iou([rle], [self._rle], [0])[0, 0])

    def parts(self) -> tuple[Part, ...]:
        """The mask's own outline."""
        return tuple(
            Part(
                part.outer * self._step + self._low,
                tuple(hole * self._step + self._low for hole in part.holes),
            )
            for part in parts_from_mask(self.mask)
        )


def _pixel_range(
    box: npt.NDArray[np.float32], size_hw: tuple[int, int]
) -> tuple[int, int, int, int]:
    """left, top, right, bottom of the pixels that detectron2 looks at."""
    x0, y0 = np.maximum(np.floor(box[:2]) - 1, 0)
    x1, y1 = np.minimum(np.ceil(box[2:]) + 1, size_hw[::-1])
    return int(x0), int(y0), max(int(x1), int(x0)), max(int(y1), int(y0))


def _sampled(
    crop: Crop,
    box: npt.NDArray[np.float32],
    xs: npt.NDArray[np.float32],
    ys: npt.NDArray[np.float32],
) -> Mask:
    """Whether the surface is at least 0.5 at each (y, x): (len(ys), len(xs)) bool."""
    if not len(xs) or not len(ys) or box[2] <= box[0] or box[3] <= box[1]:
        return np.zeros((len(ys), len(xs)), dtype=np.bool_)
    height, width = crop.shape
    at_x = _index(xs, box[0], box[2], width)
    at_y = _index(ys, box[1], box[3], height)
    # axis by axis, and no matrix product: BLAS would start threads, which wait for each other when
    # the cores are busy
    padded = np.pad(crop.astype(np.float32, copy=False), ((1, 2), (1, 2)))
    values = _between(_between(padded.T, at_x).T, at_y)
    mask: Mask = values >= _LEVEL
    # this rounds otherwise than torch's grid_sample: settle what is close
    close_y, close_x = np.nonzero(np.abs(values - np.float32(_LEVEL)) < 1e-5)
    if len(close_y):
        mask[close_y, close_x] = _bilinear(crop, at_y[close_y], at_x[close_x]) >= _LEVEL
    return mask


def _index(
    at: npt.NDArray[np.float32], low: np.float32, high: np.float32, n: int
) -> npt.NDArray[np.float32]:
    """Pixel positions as positions in the crop, with the roundings of detectron2 and torch."""
    unit = (at - low) / (high - low) * np.float32(2) - np.float32(1)
    # torch multiplies and subtracts with one rounding, as does double precision rounded once
    index = (unit + np.float32(1)).astype(np.float64) * (n / 2) - 0.5
    return index.astype(np.float32)


def _between(
    padded: npt.NDArray[np.float32], index: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Rows between the rows of an array with one row of zeros before and two behind."""
    at = np.clip(index, -1, len(padded) - 3) + np.float32(1)
    before = at.astype(np.intp)
    share = (at - before.astype(np.float32))[:, None]
    rows: npt.NDArray[np.float32] = padded[before]
    return rows + share * (padded[before + 1] - rows)


def _bilinear(
    crop: Crop, at_y: npt.NDArray[np.float32], at_x: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The surface at points, in the order of operations of torch's grid_sample: (n,)."""
    padded = np.pad(crop.astype(np.float32, copy=False), 2)
    y0, x0 = np.floor(at_y), np.floor(at_x)
    west, north = at_x - x0, at_y - y0
    east, south = np.float32(1) - west, np.float32(1) - north
    row = np.clip(y0.astype(np.int64) + 2, 0, padded.shape[0] - 2)
    column = np.clip(x0.astype(np.int64) + 2, 0, padded.shape[1] - 2)
    total: npt.NDArray[np.float32] = (
        padded[row, column] * (east * south)
        + padded[row, column + 1] * (west * south)
        + padded[row + 1, column] * (east * north)
        + padded[row + 1, column + 1] * (west * north)
    )
    return total


def _outlines(crop: Crop, box: npt.NDArray[np.float32]) -> Rings:
    """The level 0.5 of the surface, in pixels of the image."""
    height, width = crop.shape
    padded = np.zeros((height + 2, width + 2), dtype=np.float64)
    padded[1:-1, 1:-1] = crop
    scale = np.array([(box[2] - box[0]) / width, (box[3] - box[1]) / height], dtype=np.float64)
    low = box[:2].astype(np.float64) - 0.5 * scale
    parts = ([ring * scale + low for ring in rings] for rings in level_set(padded, _LEVEL))
    # where the surface just touches its level a ring may have no area
    return [rings for rings in parts if abs(ring_area(rings[0])) > _NO_AREA_PX2]


def _inside(parts: Rings, size_hw: tuple[int, int]) -> Rings:
    """The rings, cut at the image's border where they reach over it."""
    high = size_hw[::-1]
    if all((rings[0] >= 0).all() and (rings[0] <= high).all() for rings in parts):
        return parts
    inside = clip([Part(outer, tuple(holes)) for outer, *holes in parts], size_hw)
    return [list(part.rings) for part in inside]


def _without_specks(parts: Rings, speck_px2: float) -> Rings:
    sizes = [abs(ring_area(rings[0])) for rings in parts]
    least = min(speck_px2, max(sizes, default=0.0))
    return [
        [rings[0], *(hole for hole in rings[1:] if abs(ring_area(hole)) >= speck_px2)]
        for rings, size in zip(parts, sizes, strict=True)
        if size >= least
    ]
