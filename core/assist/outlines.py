"""What a model saw to parts of few vertices, without the specks that such models leave."""

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from core.assist.library import Sighting
from core.geometry import parts_from_crop, rounded
from core.types import Part

_SMALL_SHARE = 0.02
"""A piece of less than this share of the largest one is a speck, not a part of the instance."""
_HOLE_SHARE = 0.005
"""A hole of less than this share of the whole is a speck."""
_BLUR_PX = 0.5
"""Takes the stairs out of a mask. Measured on drawn lobed objects of 8 to 200 px against their true
outline: a fifth fewer vertices and a nearer outline; with 0.7 it is farther away again."""
_MARGIN_PX = 2

Mask: TypeAlias = npt.NDArray[np.bool_]
Points: TypeAlias = npt.NDArray[np.float64]


def parts_of_sighting(
    sighting: Sighting,
    picture_hw: tuple[int, int],
    size_hw: tuple[int, int],
    *,
    on: Points,
    beside: Points,
) -> tuple[Part, ...]:
    """Parts of what was seen, in pixels of the image and inside it.

    Args:
        sighting: in pixels of the picture.
        picture_hw: of the picture that the model was shown.
        size_hw: of the image that the picture is a smaller one of.
        on: (n, 2) x y in pixels of the picture; pieces under them are kept.
        beside: (n, 2) the same; other pieces under them are dropped.

    Returns:
        Empty where nothing was seen, or no mask.
    """
    mask, corner = _inside(sighting, picture_hw)
    if not mask.any():
        return ()
    mask, smallest_px = _without_specks(mask, on - corner, beside - corner)
    scale = np.array(size_hw[::-1]) / np.array(picture_hw[::-1])
    low, high = corner - _MARGIN_PX, corner + mask.shape[::-1] + _MARGIN_PX
    speck_px = min(_HOLE_SHARE * int(mask.sum()), 0.5 * smallest_px)
    parts = parts_from_crop(
        _softened(mask, corner, picture_hw),
        np.concatenate([low * scale, high * scale]),
        size_hw,
        speck_px2=speck_px * float(scale.prod()),
    )
    return tuple(map(rounded, parts))


def _inside(sighting: Sighting, picture_hw: tuple[int, int]) -> tuple[Mask, Points]:
    """The mask as far as it lies in the picture, and where its first pixel lies."""
    x0, y0, _, _ = sighting.box_xyxy
    left, top = max(x0, 0), max(y0, 0)
    corner = np.array([left, top], dtype=np.float64)
    if sighting.mask is None:
        return np.zeros((0, 0), dtype=np.bool_), corner
    height, width = picture_hw
    return sighting.mask[top - y0 : max(height - y0, 0), left - x0 : max(width - x0, 0)], corner


def _softened(mask: Mask, corner: Points, picture_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """The mask with a margin, without stairs; what touches the picture's border goes on behind."""
    m = _MARGIN_PX
    soft = np.pad(mask.astype(np.float32), m)
    (x0, y0), (height, width) = corner, mask.shape
    if x0 <= 0:
        soft[:, :m] = soft[:, m : m + 1]
    if x0 + width >= picture_hw[1]:
        soft[:, -m:] = soft[:, -m - 1 : -m]
    if y0 <= 0:
        soft[:m] = soft[m : m + 1]
    if y0 + height >= picture_hw[0]:
        soft[-m:] = soft[-m - 1 : -m]
    blurred = cv2.GaussianBlur(soft, (0, 0), _BLUR_PX, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, dtype=np.float32)


def _without_specks(mask: Mask, on: Points, beside: Points) -> tuple[Mask, int]:
    """The pieces of a mask that count, and the pixels of the smallest of them."""
    _, found, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels, areas = np.asarray(found, dtype=np.int32), stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0  # what is not of the mask
    is_kept = areas >= _SMALL_SHARE * areas.max()
    is_kept[_labels_at(labels, beside)] = False
    is_kept[_labels_at(labels, on)] = True
    is_kept[0] = False
    if not is_kept.any():
        is_kept[areas.argmax()] = True
    return is_kept[labels], int(areas[is_kept].min())


def _labels_at(labels: npt.NDArray[np.int32], points: Points) -> list[int]:
    height, width = labels.shape
    places = np.floor(points).astype(np.int64)
    return [int(labels[y, x]) for x, y in places if 0 <= x < width and 0 <= y < height]
