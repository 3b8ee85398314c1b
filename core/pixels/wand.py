"""Regions of like colour around points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.geometry.raster import Mask
from core.pixels.window import Rgb, Window, window_of

MOST_PX: Final = 2000
"""The longest side of what is looked at: 20 ms."""
_COLOUR_SHARE: Final = 0.5
"""Of the tolerance: shade differs more inside an object than its colour does."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A point of which the region is added, or taken away."""

    xy: tuple[float, float]
    takes_away: bool = False


def ready_for_picks(rgb: Rgb) -> Window:
    """The image as `coloured_like` wants it, to be made once: (h, w, 3) uint8 CIE L*a*b*.

    Args:
        rgb: (H, W, 3) uint8.
    """
    height, width = rgb.shape[:2]
    whole = window_of(rgb, (0, 0, width, height), most_px=MOST_PX)
    # single pixels of another colour are grain and would be left out
    smooth = cv2.medianBlur(whole.pixels, 3)
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), dtype=np.uint8)
    return Window(lab, whole.box_xyxy)


def coloured_like(window: Window, picks: Sequence[Pick], *, tolerance: int) -> Mask:
    """The pixels that hang together with a point and are of its colour, of several points in turn.

    Args:
        window: of `ready_for_picks`.
        picks: in the order in which they count; the nearest pixel of the image is taken.
        tolerance: how far a pixel's lightness may be from that of the point, 0 to 255; half as much
            its colour.

    Returns:
        (h, w) bool, of the window's size.
    """
    found: Mask = np.zeros(window.size_hw, dtype=np.bool_)
    for pick in picks:
        region = _flooded(window, pick.xy, tolerance)
        found = found & ~region if pick.takes_away else found | region
    return found


def _flooded(window: Window, xy: tuple[float, float], tolerance: int) -> Mask:
    height, width = window.size_hw
    filled = np.zeros((height + 2, width + 2), dtype=np.uint8)
    of_colour = round(tolerance * _COLOUR_SHARE)
    near = (tolerance, of_colour, of_colour)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
    cv2.floodFill(window.pixels, filled, window.pixel_at(xy), (0, 0, 0), near, near, flags)
    return filled[1:-1, 1:-1] > 0
