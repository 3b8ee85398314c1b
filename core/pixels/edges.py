"""Ways along the edges of a picture: intelligent scissors.

Mortensen and Barrett, Intelligent Scissors for Image Composition (SIGGRAPH 1995), as OpenCV has it:
the cheapest way between two points over a grid of pixels, on which edges cost little.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from core.geometry import parts_area, simplify, union
from core.pixels.window import Points, Rgb, Window, window_of
from core.types import Part

# of eleven settings the best worst case on 48 outlines of fruit and nuts, six points each
_CANNY_LOW, _CANNY_HIGH = 16, 60
_GRADIENT_LIMIT = 200.0
_FAINTEST = 24.0
"""Of Sobel's filter on 8-bit grey, where a step of one level gives 4: less is grain."""
_FARTHEST_PX = 96
"""An edge is not looked for farther away: it would take too long for a click."""
_PIECE_SHARE = 0.02
"""Of the largest piece: where a way touches itself, slivers come off."""


class EdgeMap:
    """The cheapest ways from one point of an image to all others in a window around it."""

    def __init__(self, start_xy: tuple[float, float], window: Window) -> None:
        self.start_xy = start_xy
        self._window = window
        self._scissors = cv2.segmentation.IntelligentScissorsMB()
        self._scissors.setEdgeFeatureCannyParameters(_CANNY_LOW, _CANNY_HIGH)
        self._scissors.setGradientMagnitudeMaxLimit(_GRADIENT_LIMIT)
        self._scissors.applyImage(window.pixels)
        self._scissors.buildMap(window.pixel_at(start_xy))

    def way_to(self, xy: tuple[float, float]) -> Points:
        """The way from the start to a point: (n, 2) pixels of the image, both ends included.

        Beside the window, it goes straight on from its border.
        """
        pixels = self._scissors.getContour(self._window.pixel_at(xy))
        between = self._window.centres(pixels)[1:-1]
        return np.concatenate([[self.start_xy], between, [xy]])


def edge_map(rgb: Rgb, start_xy: tuple[float, float], *, reach_px: float, most_px: int) -> EdgeMap:
    """The ways from a point. A quarter of a microsecond a pixel: not for the thread of a window.

    Args:
        rgb: (H, W, 3) uint8.
        start_xy: pixels of the image.
        reach_px: how far the window goes on every side, in pixels of the image.
        most_px: the longest side of the window in its own pixels.
    """
    x, y = start_xy
    box = (x - reach_px, y - reach_px, x + reach_px, y + reach_px)
    return EdgeMap(start_xy, window_of(rgb, box, most_px=most_px))


def strongest_edge_near(
    rgb: Rgb, xy: tuple[float, float], *, within_px: float
) -> tuple[float, float]:
    """The centre of the pixel with the clearest edge near a point; the point where there is none.

    Args:
        rgb: (H, W, 3) uint8.
        xy: pixels of the image.
        within_px: how far away it may be, in pixels of the image.
    """
    height, width = rgb.shape[:2]
    reach = min(max(math.ceil(within_px), 1), _FARTHEST_PX)
    column, row = (
        min(max(math.floor(at), 0), n - 1) for at, n in zip(xy, (width, height), strict=True)
    )
    left, top = max(column - reach - 2, 0), max(row - reach - 2, 0)
    near = np.ascontiguousarray(rgb[top : row + reach + 3, left : column + reach + 3])
    strength = _edge_strength(near)
    ys, xs = np.mgrid[: near.shape[0], : near.shape[1]]
    away = np.hypot(xs + left + 0.5 - xy[0], ys + top + 0.5 - xy[1])
    # of two edges that are as clear the nearer one
    score = np.where(away <= within_px, strength * (1 - 0.5 * away / reach), 0)
    best_row, best_column = np.unravel_index(int(score.argmax()), score.shape)
    if strength[best_row, best_column] < _FAINTEST or score[best_row, best_column] <= 0:
        return xy
    return left + int(best_column) + 0.5, top + int(best_row) + 0.5


def parts_of_way(ring: npt.ArrayLike, *, min_iou: float = 0.98) -> tuple[Part, ...]:
    """What a closed way goes round, with few vertices; empty where that is nothing.

    Where it runs out and back along the same pixels, as beside its points, nothing is enclosed.

    Args:
        ring: (n, 2) pixels of the image.
        min_iou: the least IoU to what the way itself encloses.
    """
    points = np.asarray(ring, dtype=np.float64).reshape(-1, 2)
    if len(points) < 3:
        return ()
    pieces = [Part(part.outer) for part in union((Part(points),))]
    sizes = [parts_area((piece,)) for piece in pieces]
    least = _PIECE_SHARE * max(sizes, default=0.0)
    return tuple(
        simplify(piece, min_iou=min_iou)
        for piece, size in zip(pieces, sizes, strict=True)
        if size > least
    )


def _edge_strength(rgb: Rgb) -> npt.NDArray[np.float32]:
    """How clear an edge each pixel is on, by the clearest of its colours: (h, w) float32."""
    smooth = cv2.GaussianBlur(rgb, (3, 3), 0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    strength: npt.NDArray[np.float32] = np.hypot(across, down).max(axis=2)
    return strength
