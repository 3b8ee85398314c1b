"""A rectangle of an image, made smaller where it has more pixels than are worth the time."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Rgb: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""
Points: TypeAlias = npt.NDArray[np.float64]
"""(n, 2) x y."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Pixels of a rectangle of an image, and where they lie in it."""

    pixels: Rgb
    box_xyxy: tuple[int, int, int, int]
    """What the pixels cover: left, top, right, bottom in pixels of the image."""

    @property
    def size_hw(self) -> tuple[int, int]:
        """Of the window's own pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def scale_xy(self) -> Points:
        """(2,) pixels of the image a pixel of the window."""
        left, top, right, bottom = self.box_xyxy
        height, width = self.size_hw
        return np.array([(right - left) / width, (bottom - top) / height])

    def local(self, points: npt.ArrayLike) -> Points:
        """Points of the image in pixels of the window; not clipped to it."""
        inside: Points = (np.asarray(points, dtype=np.float64) - self.box_xyxy[:2]) / self.scale_xy
        return inside

    def pixel_at(self, xy: tuple[float, float]) -> tuple[int, int]:
        """Column and row of the window's pixel that is nearest to a point of the image."""
        height, width = self.size_hw
        x, y = self.local(xy).tolist()
        return min(max(math.floor(x), 0), width - 1), min(max(math.floor(y), 0), height - 1)

    def centres(self, pixels: npt.ArrayLike) -> Points:
        """The centres of pixels of the window, (n, 2) column and row, as points of the image."""
        columns_rows = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
        points: Points = (columns_rows + 0.5) * self.scale_xy + self.box_xyxy[:2]
        return points


def window_of(rgb: Rgb, box_xyxy: tuple[float, float, float, float], *, most_px: int) -> Window:
    """The pixels of a box, cut at the image's border and with no longer side than this.

    Args:
        rgb: (H, W, 3) uint8, of whatever strides.
        box_xyxy: in pixels of the image; where it lies outside, the nearest pixels are taken.
        most_px: the longest side of the window.
    """
    height, width = rgb.shape[:2]
    left = min(max(math.floor(box_xyxy[0]), 0), width - 1)
    top = min(max(math.floor(box_xyxy[1]), 0), height - 1)
    right = min(max(math.ceil(box_xyxy[2]), left + 1), width)
    bottom = min(max(math.ceil(box_xyxy[3]), top + 1), height)
    # a copy: OpenCV does not take the strides of a screen's format
    pixels = np.ascontiguousarray(rgb[top:bottom, left:right])
    factor = most_px / max(pixels.shape[:2])
    if factor < 1:
        side = (
            max(round(pixels.shape[1] * factor), 1),
            max(round(pixels.shape[0] * factor), 1),
        )
        pixels = np.asarray(cv2.resize(pixels, side, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Window(pixels, (left, top, right, bottom))
