"""Masks as samples, to hold polygons against them."""

from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.geometry.coarsening import Floats, Rings
from core.geometry.pasting import LEVEL, Crop, paste, pixel_range
from core.geometry.raster import Mask, Rle, parts_from_rle, rle_of_rings
from core.types import Part

Box: TypeAlias = npt.NDArray[np.float32]

# what a crop of 28 x 28 holds is seen with 8 samples a value
_MAX_SAMPLES = 224
_CLOSE = 1e-5


class Grid:
    """Where a polygon is held against a mask: its pixels, or fewer samples where they are many.

    However large the box is, it is 224 x 224 samples at most, and no more than their run lengths
    are kept.

    Args:
        crop: (h, w) float32, 0 to 1.
        box: (4,) that it is stretched over, pixels of the image.
        size_hw: of the image.
    """

    def __init__(self, crop: Crop, box: Box, size_hw: tuple[int, int]) -> None:
        sampled = _sampled_all_over if _is_large(box, size_hw) else _sampled_by_pixels
        mask, self._low, self._step = sampled(crop, box, size_hw)
        self._size_hw = mask.shape[0], mask.shape[1]
        self.has_all_pixels = bool((self._step <= 1).all())
        self._rle: Rle | None = coco_mask.encode(mask.view(np.uint8)) if mask.any() else None

    @property
    def has_pixels(self) -> bool:
        """Whether there is anything of the mask."""
        return self._rle is not None

    def iou(self, parts: Rings) -> float:
        """IoU of polygons, in pixels of the image, to the mask."""
        local = [[(ring - self._low) / self._step for ring in rings] for rings in parts]
        rle = rle_of_rings(local, self._size_hw)
        return float(coco_mask.iou([rle], [self._rle], [0])[0, 0])

    def parts(self) -> tuple[Part, ...]:
        """The mask's own outline."""
        if self._rle is None:
            return ()
        return tuple(
            Part(
                part.outer * self._step + self._low,
                tuple(hole * self._step + self._low for hole in part.holes),
            )
            for part in parts_from_rle(self._rle)
        )


def _is_large(box: Box, size_hw: tuple[int, int]) -> bool:
    """Whether it is so on both sides, and much of it lies in the image."""
    return bool((box[2:] - box[:2] > _MAX_SAMPLES).all()) and _has_many_pixels(box, size_hw)


def _has_many_pixels(box: Box, size_hw: tuple[int, int]) -> bool:
    left, top, right, bottom = pixel_range(box, size_hw)
    return max(right - left, 0) * max(bottom - top, 0) > _MAX_SAMPLES**2


def _sampled_by_pixels(
    crop: Crop, box: Box, size_hw: tuple[int, int]
) -> tuple[Mask, Floats, Floats]:
    """The surface at the centres of pixels, or along a long side at fewer places.

    With torch's roundings, as `paste` has them, where more than a thousandth may be the level.

    Returns:
        (h, w) bool in Fortran's order, as COCO's code wants it; x y of its corner, and the x and y
        from one sample to the next, in pixels of the image.
    """
    left, top, right, bottom = pixel_range(box, size_hw)
    low, pixels = np.array([left, top], np.float64), np.array([right - left, bottom - top])
    n_xy = np.minimum(pixels, _MAX_SAMPLES) if _has_many_pixels(box, size_hw) else pixels
    step = pixels / np.maximum(n_xy, 1)
    spans = (box[2:] - box[:2]).astype(np.float64)
    if not n_xy.all() or (spans <= 0).any():
        return np.zeros(n_xy, np.bool_).T, low, step
    per_sample = step * crop.shape[::-1] / spans
    first = (low - box[:2]) * crop.shape[::-1] / spans + per_sample / 2 - 0.5
    # x and y are exchanged
    where = np.array([[0, per_sample[0], first[0]], [per_sample[1], 0, first[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    values = cv2.warpAffine(crop, where, n_xy[::-1].tolist(), flags=flags)
    close = cv2.inRange(values, LEVEL - _CLOSE, LEVEL + _CLOSE)
    if (step == 1).all() and 1000 * cv2.countNonZero(close) > close.size:
        return np.asfortranarray(paste(crop, box, size_hw)[2]), low, step
    return _is_on(values), low, step


def _sampled_all_over(
    crop: Crop, box: Box, size_hw: tuple[int, int]
) -> tuple[Mask, Floats, Floats]:
    """The same for a large box, at fewer places than pixels and in a quarter of the time."""
    values_px = (box[2:] - box[:2]).astype(np.float64) / crop.shape[::-1]
    low = box[:2] - values_px
    step = values_px * (np.array(crop.shape[::-1]) + 2) / _MAX_SAMPLES
    values = cv2.resize(np.pad(crop, 1).T, (_MAX_SAMPLES, _MAX_SAMPLES))
    # only what lies in the image
    first = np.clip(np.ceil(-low / step - 0.5), 0, _MAX_SAMPLES).astype(int)
    last = np.clip(np.ceil((size_hw[::-1] - low) / step - 0.5), 0, _MAX_SAMPLES).astype(int)
    inside = np.ascontiguousarray(values[first[0] : last[0], first[1] : last[1]])
    return _is_on(inside), low + first * step, step


def _is_on(values: npt.NDArray[Any]) -> Mask:
    """Of values by x and y, by y and x."""
    mask: Mask = (values >= LEVEL).T
    return mask
