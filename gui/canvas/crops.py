"""Crops of instances: a square of the picture around each, with its outline. Made in threads."""

import math
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from core.errors import AppError
from core.geometry import bounds_of
from core.images import read_image, thumbnail
from core.project import Project
from core.types import Instance
from gui.canvas.paint import UNKNOWN_CLASS_COLOUR, draw_outline_of, path_of

_CONTEXT = 0.35
"""Of the longer side of an instance: so much of the picture is seen on each side of it."""
_LEAST_PX = 24.0
"""Of the picture: a tiny instance is shown with what lies around it."""
_KEPT = 2
_STEP_PX = 256
_REDUCED = 2.0
"""A picture that is to be shown at less than half its size is decoded at a lower one."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """The crop of one instance, or why there is none."""

    key: str
    instance_id: str
    image: QImage | None


def window_of(instance: Instance) -> tuple[float, float, float]:
    """The first corner and the side of the square around an instance, in pixels of its image."""
    x0, y0, x1, y1 = bounds_of(instance.parts)
    longer = max(x1 - x0, y1 - y0)
    side = max(longer * (1 + 2 * _CONTEXT), _LEAST_PX)
    return (x0 + x1 - side) / 2, (y0 + y1 - side) / 2, side


def crop_of(
    pixels: npt.NDArray[np.uint8],
    instance: Instance,
    *,
    scale: float,
    side_px: int,
    colour: QColor,
) -> QImage:
    """The square around an instance, side_px on a side, grey where the picture ends.

    Args:
        pixels: (H, W, 3) uint8 RGB, of the image at any size.
        instance: in pixels of the image at its full size.
        scale: of `pixels` to that size.
        side_px: of the crop.
        colour: of the outline.
    """
    x, y, side = window_of(instance)
    # whole pixels of the picture, so that the outline lies on them exactly
    left, top, n = math.floor(x * scale), math.floor(y * scale), max(1, math.ceil(side * scale))
    cut = _window(pixels, left, top, n)
    way = cv2.INTER_AREA if n > side_px else cv2.INTER_LINEAR
    made = np.ascontiguousarray(cv2.resize(cut, (side_px, side_px), interpolation=way))
    view = QImage(made.data, side_px, side_px, 3 * side_px, QImage.Format.Format_RGB888)
    image = view.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    across, pixel = scale * side_px / n, side_px / n
    painter.setTransform(QTransform(across, 0, 0, across, -left * pixel, -top * pixel))
    draw_outline_of(painter, instance, path_of(instance.parts), colour=colour, is_strong=False)
    painter.end()
    return image


def _window(pixels: npt.NDArray[np.uint8], left: int, top: int, side: int) -> npt.NDArray[np.uint8]:
    """(side, side, 3) of the picture from a corner on, grey where it ends."""
    height, width = pixels.shape[:2]
    cut = np.full((side, side, 3), 128, dtype=np.uint8)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + side, width), min(top + side, height)
    if x0 < x1 and y0 < y1:
        cut[y0 - top : y1 - top, x0 - left : x1 - left] = pixels[y0:y1, x0:x1]
    return cut


class CropMaker:
    """Makes crops of a project's instances; several threads may call at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int], tuple[npt.NDArray[np.uint8], float]]
        self._kept = OrderedDict()

    def crops(
        self, key: str, ids: Collection[str], *, side_px: int, colours: Mapping[int, str]
    ) -> Iterator[Crop]:
        """The crops of these instances of an image, those too that were turned down.

        Args:
            key: of the image.
            ids: of the instances; one that is not there any more has no image.
            side_px: of each crop.
            colours: of the classes.
        """
        try:
            labels = self._project.read(key).labels
            everyone = (*labels.instances, *labels.rejected)
            wanted = {one.id: one for one in everyone if one.id in ids}
            pixels, scale = self._pixels(key, list(wanted.values()), labels.size_hw, side_px)
        except AppError:
            wanted = {}
        for instance_id in ids:
            one = wanted.get(instance_id)
            if one is None:
                yield Crop(key, instance_id, None)
                continue
            colour = QColor(colours.get(one.class_id, UNKNOWN_CLASS_COLOUR))
            image = crop_of(pixels, one, scale=scale, side_px=side_px, colour=colour)
            yield Crop(key, instance_id, image)

    def _pixels(
        self, key: str, instances: Sequence[Instance], size_hw: tuple[int, int], side_px: int
    ) -> tuple[npt.NDArray[np.uint8], float]:
        """The picture, no larger than these crops need, and its scale."""
        longer = max(size_hw)
        smallest = min((window_of(one)[2] for one in instances), default=float(longer))
        needed = math.ceil(longer * side_px / smallest)
        # in steps, so that the next crops of this image find it decoded
        at = 0 if needed * _REDUCED > longer else _STEP_PX * math.ceil(needed / _STEP_PX)
        with self._lock:
            kept = self._kept.get((key, at))
        if kept is not None:
            return kept
        path = self._project.image_path(key)
        pixels = thumbnail(path, at) if at else read_image(path)
        made = pixels, max(pixels.shape[:2]) / longer
        with self._lock:
            self._kept[key, at] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made
