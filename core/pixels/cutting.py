"""The object in a box, told from what is around the box: GrabCut, and strokes that correct it.

Rother, Kolmogorov and Blake, GrabCut (SIGGRAPH 2004), as OpenCV has it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from core.geometry.raster import Mask
from core.pixels.masks import parts_of_mask
from core.pixels.window import Points, Rgb, Window, window_of
from core.types import Part

Labels: TypeAlias = npt.NDArray[np.uint8]
"""(h, w) uint8: OpenCV's GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD."""

MOST_PX: Final = 448
"""The longest side of what is cut out of: 0.3 to 1.3 s an iteration, measured on photos of fruit on
a core of a shared server."""
_MARGIN: Final = 0.15
"""How much of its sides around a box tells what does not belong to the object. Of .15, .35 and .6
the best on 48 boxes around fruit and nuts: farther away other objects lie."""
_SMALLEST_MARGIN_PX: Final = 12.0
_SMALLEST_ROUND_PX: Final = 8
_SUBPIXEL_BITS: Final = 4
_NO_RECT: Final = (0, 0, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line over pixels of which a person says what they are."""

    points: Points
    """(n, 2) pixels of the image, n >= 1."""
    radius_px: float
    """Pixels of the image."""
    is_object: bool


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """An object and its surroundings, told apart."""

    window: Window
    labels: Labels


def cut_out(rgb: Rgb, box_xyxy: tuple[float, float, float, float], *, iterations: int) -> Cut:
    """The object in a box. Takes up to seconds: not for the thread of a window.

    Args:
        rgb: (H, W, 3) uint8.
        box_xyxy: around the object, pixels of the image.
        iterations: how often what is learnt of the colours is learnt anew.
    """
    x0, y0, x1, y1 = box_xyxy
    across = max(_MARGIN * (x1 - x0), _SMALLEST_MARGIN_PX)
    down = max(_MARGIN * (y1 - y0), _SMALLEST_MARGIN_PX)
    window = window_of(rgb, (x0 - across, y0 - down, x1 + across, y1 + down), most_px=MOST_PX)
    left, top = window.pixel_at((x0, y0))
    right, bottom = window.pixel_at((x1 - 1e-6, y1 - 1e-6))
    labels: Labels = np.full(window.size_hw, cv2.GC_BGD, dtype=np.uint8)
    labels[top : bottom + 1, left : right + 1] = cv2.GC_PR_FGD
    if min(bottom - top, right - left) >= _SMALLEST_ROUND_PX:
        # few objects have corners: to begin with them on the other side spares the worst slips
        labels[top : bottom + 1, left : right + 1] = cv2.GC_PR_BGD
        middle = ((left + right) // 2, (top + bottom) // 2)
        axes = ((right - left) // 2, (bottom - top) // 2)
        cv2.ellipse(labels, middle, axes, 0, 0, 360, cv2.GC_PR_FGD, -1)
    if not (labels == cv2.GC_BGD).any():
        labels[[0, -1]] = cv2.GC_BGD  # the box is the image: its rim has to do
        labels[:, [0, -1]] = cv2.GC_BGD
    return _learnt(Cut(window, labels), iterations=iterations)


def recut(cut: Cut, strokes: Iterable[Stroke], *, iterations: int) -> Cut:
    """The cut, made anew where strokes say what belongs to the object and what does not."""
    labels = cut.labels.copy()
    for stroke in strokes:
        _draw(labels, stroke, cut.window)
    return _learnt(replace(cut, labels=labels), iterations=iterations)


def parts_of_cut(cut: Cut, size_hw: tuple[int, int]) -> tuple[Part, ...]:
    """The object's parts, with few vertices; empty where nothing stands out.

    Args:
        cut: of an image.
        size_hw: of the image.
    """
    return parts_of_mask(_is_object(cut.labels), cut.window, size_hw)


def _learnt(cut: Cut, *, iterations: int) -> Cut:
    is_object = _is_object(cut.labels)
    if is_object.all() or not is_object.any():
        return cut  # there is nothing to learn one of the two from
    labels = cut.labels.copy()
    # OpenCV begins with random clusters: the same box shall always give the same object
    cv2.setRNGSeed(0)
    cv2.grabCut(
        cut.window.pixels, labels, _NO_RECT,
        np.zeros((1, 65)), np.zeros((1, 65)), iterations, cv2.GC_INIT_WITH_MASK,
    )  # fmt: skip
    return replace(cut, labels=labels)


def _is_object(labels: Labels) -> Mask:
    is_object: Mask = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return is_object


def _draw(labels: Labels, stroke: Stroke, window: Window) -> None:
    local = window.local(stroke.points) - 0.5  # OpenCV counts from the centre of a pixel
    fine = np.rint(local * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)
    width = max(round(2 * stroke.radius_px / float(window.scale_xy.max())), 1)
    value = cv2.GC_FGD if stroke.is_object else cv2.GC_BGD
    if len(fine) == 1:
        fine = np.concatenate([fine, fine])
    cv2.polylines(labels, [fine], False, value, width, cv2.LINE_8, _SUBPIXEL_BITS)
