"""The image itself, at several sizes, so that it is sharp and quick at every zoom."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.look import Look, looked_at

_SMALLEST_PX = 512
_PIXELS_FROM_ZOOM = 2.0
"""From here on the pixels are shown as they are: who zooms in that far wants to see them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image ready to be painted: full size first, each of the others half as large."""

    levels: tuple[QImage, ...]

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width of the full image."""
        return self.levels[0].height(), self.levels[0].width()

    def rgb(self) -> npt.NDArray[np.uint8]:
        """The full image, (H, W, 3) uint8 RGB, read-only and without a copy; it keeps the image."""
        full = self.levels[0]
        height, width = self.size_hw
        rows = np.frombuffer(full.constBits(), np.uint8).reshape(height, full.bytesPerLine())
        pixels = rows[:, : 4 * width].reshape(height, width, 4)[..., 2::-1]
        pixels.setflags(write=False)
        return pixels


def picture_of(rgb: npt.NDArray[np.uint8]) -> Picture:
    """The picture of an image, (H, W, 3) uint8 RGB. Needs no GUI thread: 12 megapixels take 40 ms.

    Raises:
        ValueError: the array has another shape or type.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise ValueError(f"an image is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    levels = [_image(rgb)]
    while max(rgb.shape[:2]) > 2 * _SMALLEST_PX:
        half = ((rgb.shape[1] + 1) // 2, (rgb.shape[0] + 1) // 2)
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        levels.append(_image(rgb))
    return Picture(tuple(levels))


def _image(rgb: npt.NDArray[np.uint8]) -> QImage:
    height, width = rgb.shape[:2]
    pixels = np.ascontiguousarray(rgb)
    view = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # a copy in the format of the screen: painting RGB888 converts every pixel every time
    return view.convertToFormat(QImage.Format.Format_RGB32)


class PictureItem(QGraphicsItem):
    """Paints a picture, one image pixel a unit of the scene."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._look = Look()
        self._looked: dict[int, QImage] = {}
        """Levels in the look, as they were painted."""
        self._is_coarse = False

    def set_picture(self, picture: Picture | None) -> None:
        """Shows this one from now on, or none."""
        self.prepareGeometryChange()
        self._picture = picture
        self._looked.clear()
        self.update()

    def set_look(self, look: Look) -> None:
        """Shows pictures so from now on."""
        self._look = look
        self._looked.clear()
        self.update()

    def set_coarse(self, is_coarse: bool, /) -> None:
        """From the next painting on, takes the quickest way, or the finest."""
        self._is_coarse = is_coarse

    def boundingRect(self) -> QRectF:
        if self._picture is None:
            return QRectF()
        height, width = self._picture.size_hw
        return QRectF(0, 0, width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._picture is None:
            return
        scale = option.levelOfDetailFromTransform(painter.deviceTransform())
        levels = self._picture.levels
        level = int(np.clip(np.log2(1 / scale) if scale < 1 else 0, 0, len(levels) - 1))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _PIXELS_FROM_ZOOM)
        if level not in self._looked:
            self._looked[level] = looked_at(levels[level], self._look)
        painter.drawImage(self.boundingRect(), self._looked[level])
