"""Masks that were found in pixels to parts with few vertices."""

import cv2
import numpy as np

from core.geometry import parts_from_crop
from core.geometry.raster import Mask
from core.pixels.window import Window
from core.types import Part

_SPECK_SHARE = 0.004
"""Of the largest piece: what is smaller is grain of the picture. Chosen on photos of fruit."""
_SMALLEST_SPECK_PX = 4


def parts_of_mask(mask: Mask, window: Window, size_hw: tuple[int, int]) -> tuple[Part, ...]:
    """The parts of a mask, with holes, as few vertices as predictions get, and without its specks.

    Args:
        mask: (h, w) bool, of the window's size.
        window: where it lies.
        size_hw: of the image.

    Returns:
        Empty where the mask is.
    """
    mask = without_specks(mask, share=_SPECK_SHARE)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return ()
    crop = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = np.tile(window.scale_xy, 2)
    edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    box_xyxy = edges * scale + np.tile(window.box_xyxy[:2], 2)
    return parts_from_crop(crop.astype(np.float32), box_xyxy, size_hw)


def without_specks(mask: Mask, *, share: float) -> Mask:
    """The mask without pieces, and without holes, that are less than a share of its largest piece.

    Args:
        mask: (h, w) bool.
        share: 0 to 1.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA]
    least = max(share * float(areas[1:].max()), _SMALLEST_SPECK_PX)
    least = min(least, float(areas[1:].max()))  # what there is stays, however small
    is_kept = areas >= least
    is_kept[0] = False
    kept: Mask = is_kept[labels]
    # what is round the mask is one piece with the border, hence no hole
    around = np.pad(~kept, 1, constant_values=True).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(around, connectivity=4)
    is_small = stats[:, cv2.CC_STAT_AREA] < least
    is_small[0] = False
    is_small[labels[0, 0]] = False
    filled: Mask = kept | is_small[labels[1:-1, 1:-1]]
    return filled
