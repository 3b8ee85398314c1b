"""The stroke of a brush while it is painted, and the ring around the mouse."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.paint import draw_ring, polygon_of

_OVER_ALL_Z = 1.1e6
_EVERYWHERE = QRectF(-1e5, -1e5, 4e5, 4e5)
_RIM_PX = 4.0
"""How far the ring reaches over its circle, on the screen."""


class StrokeItem(QGraphicsItem):
    """Paints of the stroke only what is new.

    Its bounds never change: with each change Qt would paint all that lies in the old ones anew.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # exposedRect
        self.setZValue(_OVER_ALL_Z)
        self._points: list[tuple[float, float]] = []
        self._radius = 0.0
        self._colour = QColor()
        self._ring: tuple[QPointF, float] | None = None
        self._is_ring_dashed = False
        self._margin = 0.0

    def begin(self, xy: tuple[float, float], *, radius: float, colour: QColor) -> None:
        """Begins a stroke; what was there of another goes."""
        self.clear()
        self._radius, self._colour = radius, colour
        self.add(xy)

    def add(self, xy: tuple[float, float]) -> None:
        """Leads the stroke on."""
        self._points.append(xy)
        self.update(self._around(self._points[-2:]))

    def clear(self) -> None:
        """Shows no stroke any more."""
        if self._points:
            self.update(self._around(self._points))
            self._points = []

    def show_ring(
        self, xy: tuple[float, float], *, radius: float, is_dashed: bool, scale: float
    ) -> None:
        """Shows a ring.

        Args:
            xy: its middle.
            radius: in pixels of the image, as everything here.
            is_dashed: as an eraser's is.
            scale: pixels of the screen a pixel of the image.
        """
        self.hide_ring()
        self._margin = _RIM_PX / scale
        self._ring, self._is_ring_dashed = (QPointF(*xy), radius), is_dashed
        self.update(self._ring_rect())

    def hide_ring(self) -> None:
        """Shows no ring."""
        self.update(self._ring_rect())
        self._ring = None

    def boundingRect(self) -> QRectF:
        return _EVERYWHERE

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        exposed: QRectF = option.exposedRect
        path = QPainterPath()
        for run in self._runs_in(exposed):
            path.addPolygon(polygon_of(run))
        if not path.isEmpty():
            # one path, so that it does not grow darker where it crosses itself
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_round_pen(self._colour, 2 * self._radius))
            painter.drawPath(path)
        if self._ring is not None and self._ring_rect().intersects(exposed):
            middle, radius = self._ring
            draw_ring(painter, middle, radius=radius, is_dashed=self._is_ring_dashed)

    def _runs_in(self, rect: QRectF) -> Iterator[list[tuple[float, float]]]:
        """The stretches of the stroke that are seen in a rectangle."""
        if not self._points:
            return
        reach = self._radius + 1.0
        seen = rect.adjusted(-reach, -reach, reach, reach)
        starts = np.array(self._points)
        ends = np.concatenate([starts[1:], starts[-1:]])
        low, high = np.minimum(starts, ends), np.maximum(starts, ends)
        is_seen = (low[:, 0] <= seen.right()) & (high[:, 0] >= seen.left())
        is_seen &= (low[:, 1] <= seen.bottom()) & (high[:, 1] >= seen.top())
        edges = np.flatnonzero(np.diff(is_seen.astype(np.int8), prepend=0, append=0))
        for first, after in edges.reshape(-1, 2).tolist():
            run = self._points[first : after + 1]
            # Qt draws nothing of a line that goes nowhere
            yield run if len(run) > 1 else [*run, (run[0][0] + 1e-3, run[0][1])]

    def _around(self, points: list[tuple[float, float]]) -> QRectF:
        reach = self._radius + self._margin + 1.0
        rect: QRectF = polygon_of(points).boundingRect()
        return rect.adjusted(-reach, -reach, reach, reach)

    def _ring_rect(self) -> QRectF:
        if self._ring is None:
            return QRectF()
        middle, radius = self._ring
        reach = radius + self._margin
        return QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)


class RingHider(QObject):
    """Hides the ring of a stroke where the mouse leaves the views of its scene."""

    def __init__(self, item: StrokeItem) -> None:
        super().__init__()
        self._item = item

    def watch(self, is_on: bool, /) -> None:
        """Watches the mouse, or no longer."""
        scene = self._item.scene()
        for view in scene.views() if scene is not None else ():
            view.viewport().removeEventFilter(self)
            if is_on:
                view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._item.hide_ring()
        return False


def _round_pen(colour: QColor, width: float) -> QPen:
    solid, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    return QPen(colour, width, solid, cap, join)
