"""The picture of the live view, with what the model sees in it drawn over."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from core.types import Instance
from gui.canvas.overlay import OverlayItem, Tag, draw_tags
from gui.canvas.paint import UNKNOWN_CLASS_COLOUR, path_of
from gui.canvas.zoom_view import ZoomView
from gui.texts import tr

_PIXELS_FROM_ZOOM = 2.5
"""From here on the pixels are shown as they are."""
_FILL_ALPHA, _RIM_ALPHA = 60, 130
_RIM_PX, _LINE_PX = 4.0, 2.0


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
    box_path: QPainterPath
    colour: QColor
    text: str


class LiveView(ZoomView):
    """Shows one picture after the other; the left button pans, a double click fits."""

    painted = Signal(float, float)
    """The first painting of a picture: time.monotonic() at its end, and how long it took, s."""

    def __init__(self, parent: QWidget | None = None) -> None:
        scene = QGraphicsScene()
        super().__init__(scene, parent)
        scene.setParent(self)
        # every pixel is another one with every picture
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self._frame = _FrameItem()
        self._overlay = OverlayItem(self._paint_instances)
        self.scene().addItem(self._frame)
        self.scene().addItem(self._overlay)
        self._instances: Sequence[Instance] = ()
        self._look = LiveLook()
        self._names: Sequence[str] = ()
        self._colours: Sequence[str] = ()
        self._drawn: list[_Drawn] = []
        self._is_new = False

    def set_classes(self, names: Sequence[str], *, colours: Sequence[str]) -> None:
        """Takes names and colours of the weights' classes, in their order, from these."""
        self._names, self._colours = names, colours
        self._prepare()

    def set_look(self, look: LiveLook) -> None:
        """Draws this over the picture from now on, the one that is shown too."""
        self._look = look
        self._prepare()

    def show_picture(self, bgra: npt.NDArray[np.uint8], instances: Sequence[Instance]) -> None:
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
        return event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)

    def _prepare(self) -> None:
        self._drawn = [
            self._ready(one)
            for one in self._instances
            if (one.score or 0.0) >= self._look.lowest_score
        ]
        self.viewport().update()

    def _ready(self, instance: Instance) -> _Drawn:
        path = path_of(instance.parts)
        index, words = instance.class_id, []
        is_known = 0 <= index < len(self._names)
        if self._look.has_names:
            number = index + 1
            name = self._names[index] if is_known else tr("class {number}").format(number=number)
            words.append(name)
        if self._look.has_scores and instance.score is not None:
            words.append(f"{instance.score * 100:.0f} %")
        colour = QColor(self._colours[index] if is_known else UNKNOWN_CLASS_COLOUR)
        box = path.boundingRect()
        box_path = QPainterPath()
        box_path.addRect(box)
        return _Drawn(path, box, box_path, colour, "  ".join(words))

    def _paint_instances(self, painter: QPainter) -> None:
        drawn = self._drawn[::-1]  # the surest in front
        shapes = []
        if self._look.has_masks:
            for one in drawn:
                _fill(painter, one)
            shapes += [(one.path, one.colour) for one in drawn]
        if self._look.has_boxes:
            shapes += [(one.box_path, one.colour) for one in drawn]
        for path, colour in shapes:
            _outline(painter, path, colour=colour)
        metrics = QFontMetricsF(painter.font())
        draw_tags(painter, [self._tag(one, metrics) for one in drawn if one.text])

    def _tag(self, one: _Drawn, metrics: QFontMetricsF) -> Tag:
        """Words over the box's first corner, moved where they would lie outside of the view."""
        scale, visible = self.transform().m11(), self.visible_rect()
        width = (metrics.horizontalAdvance(one.text) + 8) / scale
        height = (metrics.height() + 2) / scale
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
        height, width = int(bgra.shape[0]), int(bgra.shape[1])
        is_resized = (self._image.height(), self._image.width()) != (height, width)
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


def _fill(painter: QPainter, one: _Drawn) -> None:
    """The inside of an instance. Smooth edges would cost four times the time, under a line."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    fill = QColor(one.colour)
    fill.setAlpha(_FILL_ALPHA)
    painter.fillPath(one.path, fill)


def _outline(painter: QPainter, path: QPainterPath, *, colour: QColor) -> None:
    """A line with a dark rim, clear on any picture.

    Measured with 20 instances of 640 x 480 on 1200 x 800: lines with smooth edges, as the canvas
    draws them, take 11 ms, these take 3 ms.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    pixels = painter.device().devicePixelRatioF()
    for shade, width in ((QColor(0, 0, 0, _RIM_ALPHA), _RIM_PX), (colour, _LINE_PX)):
        pen = QPen(shade, width * pixels)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawPath(path)
