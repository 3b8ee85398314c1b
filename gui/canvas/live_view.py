"""The picture of the live view, with what the model sees in it drawn over."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPainterPath
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from core.types import Instance
from gui.canvas.overlay import OverlayItem, Tag, draw_tags
from gui.canvas.paint import draw_fill, draw_outline, path_of
from gui.canvas.zoom_view import ZoomView

_PIXELS_FROM_ZOOM = 2.5
"""From here on the pixels are shown as they are."""


@dataclass(frozen=True, slots=True)
class LiveLook:
    """What is drawn over the picture."""

    lowest_score: float = 0.5
    has_masks: bool = True
    has_boxes: bool = True
    has_names: bool = True
    has_scores: bool = True


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An instance ready to be painted."""

    path: QPainterPath
    box: QRectF
    colour: QColor
    text: str


class LiveView(ZoomView):
    """Shows one picture after the other; the left button pans, a double click fits."""

    painted = Signal(float, float)
    """The first painting of a picture: time.monotonic() at its end, and how long it took, s."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QGraphicsScene(), parent)
        self.scene().setParent(self)
        # every pixel is another one with every picture
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame = _FrameItem()
        self._overlay = OverlayItem(self._paint_instances)
        self.scene().addItem(self._frame)
        self.scene().addItem(self._overlay)
        self._instances: Sequence[Instance] = ()
        self._look = LiveLook()
        self._name_of: Callable[[int], str] = str
        self._colour_of: Callable[[int], str] = _grey
        self._drawn: list[_Drawn] = []
        self._is_new = False

    def set_classes(
        self, *, name_of: Callable[[int], str], colour_of: Callable[[int], str]
    ) -> None:
        """Takes names and colours of the weights' classes, by their index, from these."""
        self._name_of, self._colour_of = name_of, colour_of
        self._prepare()

    def set_look(self, look: LiveLook) -> None:
        """Draws this over the picture from now on, the one that is shown too."""
        self._look = look
        self._prepare()

    def show_picture(
        self, bgra: npt.NDArray[np.uint8], instances: Sequence[Instance]
    ) -> None:
        """Shows a picture.

        Args:
            bgra: (H, W, 4) uint8; nobody changes it while it is shown.
            instances: what was seen in it, best first, classes by their index in the weights.
        """
        self._instances = instances
        self._is_new = True
        if self._frame.set_pixels(bgra):
            rect = self._frame.boundingRect()
            self.scene().setSceneRect(rect)
            self._overlay.set_bounds(rect)
            self.fit()
        self._prepare()

    @property
    def n_shown(self) -> int:
        """How many instances reach the threshold."""
        return len(self._drawn)

    def image_rect(self) -> QRectF:
        return self._frame.boundingRect()

    def paintEvent(self, event: QPaintEvent) -> None:
        began_s = time.monotonic()
        super().paintEvent(event)
        if self._is_new:
            self._is_new = False
            ended_s = time.monotonic()
            self.painted.emit(ended_s, ended_s - began_s)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def _is_panning_button(self, event: QMouseEvent) -> bool:
        # there is nothing to draw or to select here
        is_left = event.button() is Qt.MouseButton.LeftButton
        return is_left or super()._is_panning_button(event)

    def _prepare(self) -> None:
        self._drawn = [
            self._ready(one)
            for one in self._instances
            if (one.score or 0.0) >= self._look.lowest_score
        ]
        self.viewport().update()

    def _ready(self, instance: Instance) -> _Drawn:
        path = path_of(instance.parts)
        words = []
        if self._look.has_names:
            words.append(self._name_of(instance.class_id))
        if self._look.has_scores and instance.score is not None:
            words.append(f"{instance.score * 100:.0f} %")
        colour = QColor(self._colour_of(instance.class_id))
        return _Drawn(path, path.boundingRect(), colour, " ".join(words))

    def _paint_instances(self, painter: QPainter) -> None:
        for one in reversed(self._drawn):  # the surest in front
            if self._look.has_masks:
                draw_fill(painter, one.path, colour=one.colour)
                draw_outline(painter, one.path, colour=one.colour, is_strong=False)
        if self._look.has_boxes:
            # upright lines are sharper without, and quicker
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            for one in reversed(self._drawn):
                box = QPainterPath()
                box.addRect(one.box)
                draw_outline(painter, box, colour=one.colour, is_strong=False)
        metrics = QFontMetricsF(painter.font())
        draw_tags(painter, [self._tag(one, metrics) for one in self._drawn[::-1] if one.text])

    def _tag(self, one: _Drawn, metrics: QFontMetricsF) -> Tag:
        """Words over the box's first corner, moved where they would lie outside of the view."""
        scale, visible = self.transform().m11(), self.visible_rect()
        width, height = (metrics.horizontalAdvance(one.text) + 8) / scale, (
            metrics.height() + 2
        ) / scale
        x = max(min(one.box.left(), visible.right() - width), visible.left())
        y = max(one.box.top(), visible.top() + height)
        return Tag(one.text, QPointF(x, y), one.colour)


class _FrameItem(QGraphicsItem):
    """Paints the pixels, one a unit of the scene."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._image = QImage()

    def set_pixels(self, bgra: npt.NDArray[np.uint8]) -> bool:
        """Shows these; whether their size is another than before."""
        height, width = bgra.shape[:2]
        is_resized = self._image.width() != width or self._image.height() != height
        if is_resized:
            self.prepareGeometryChange()
        # QImage does not keep what it shows alive
        self._pixels = bgra
        self._image = QImage(bgra.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return is_resized

    def boundingRect(self) -> QRectF:
        return QRectF(self._image.rect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self._image.isNull():
            zoom = painter.deviceTransform().m11()
            is_smooth = zoom < _PIXELS_FROM_ZOOM
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            painter.drawImage(self.boundingRect(), self._image)


def _grey(_class_id: int) -> str:
    return "#9a9a9a"
