"""Draw a polygon, click by click."""

import math
from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from gui.canvas.paint import (
    draw_fill,
    draw_handles,
    draw_outline,
    draw_picked_handle,
    polygon_of,
    united,
)
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.document import Document

_CLOSE_PX = 10.0
"""How far from the first point a click still closes the polygon, on the screen."""


class PolygonTool(Tool):
    """Each click adds a point; the first point, Enter or a double click closes.

    A polygon that is half drawn stays with its image while another tool or image is visited.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._points: list[Xy] = []
        self._at: Xy | None = None
        self._put_aside: WeakKeyDictionary[Document, list[Xy]] = WeakKeyDictionary()

    def enter(self) -> None:
        if self.stage.has_document:
            self._points = self._put_aside.pop(self.stage.document, [])
        self.stage.redraw()

    def hint(self) -> str:
        if not self._points:
            return "Click along the border."
        return "Click the first point, double-click or press Enter to close; Backspace takes back."

    def leave(self) -> None:
        if self._points and self.stage.has_document:
            self._put_aside[self.stage.document] = self._points
        self._points, self._at = [], None
        self.stage.redraw()

    def press(self, at: Pointer) -> None:
        self._at = self.stage.inside(at.xy)
        if self._is_closing():
            self._close()
        # a double click presses twice at one place, which is one point
        elif not self._points or self._at != self._points[-1]:
            if not self._points:
                # a class key is for this outline from now on, not for what was drawn before
                self.stage.document.select(())
            self._points.append(self._at)
        self.stage.redraw()

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = self.stage.inside(at.xy)
        if self._points:
            self.stage.redraw()

    def double_click(self, at: Pointer) -> None:
        if self._points:
            self._close()

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if not self._points:
            return {}
        nothing, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        return {
            (Qt.Key.Key_Return, nothing): self._close,
            (Qt.Key.Key_Enter, nothing): self._close,
            (Qt.Key.Key_Escape, nothing): self._drop,
            (Qt.Key.Key_Backspace, nothing): self.delete_vertex,
            (Qt.Key.Key_Z, ctrl): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last point back."""
        if self._points:
            del self._points[-1]
            self.stage.redraw()

    def cursor(self) -> Qt.CursorShape:
        is_closing = self._is_closing()
        return Qt.CursorShape.PointingHandCursor if is_closing else Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        points = [*self._points, self._at] if self._at and self._points else self._points
        return united([polygon_of(points).boundingRect()]) if points else QRectF()

    def paint(self, painter: QPainter) -> None:
        if not self._points:
            return
        points = (
            [*self._points] if self._is_closing() or not self._at else [*self._points, self._at]
        )
        path = QPainterPath()
        path.addPolygon(polygon_of(points))
        class_id = self.stage.drawn.class_id
        colour = self.stage.colour_of(-1 if class_id is None else class_id)
        draw_fill(painter, path, colour=colour)
        if self._is_closing():
            path.closeSubpath()
        draw_outline(painter, path, colour=colour)
        draw_handles(painter, polygon_of(self._points))
        if self._is_closing():
            draw_picked_handle(painter, QPointF(*self._points[0]), colour=colour)

    def _is_closing(self) -> bool:
        """Whether a click would close the polygon."""
        if self._at is None or len(self._points) < 3:
            return False
        return math.dist(self._at, self._points[0]) * self.stage.scale <= _CLOSE_PX

    def _close(self) -> None:
        if self.stage.drawn.add_polygon(self._points):
            self._drop()

    def _drop(self) -> None:
        self._points = []
        self.stage.redraw()


TOOL = ToolSpec("polygon", PolygonTool)
