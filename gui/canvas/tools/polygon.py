"""Draw a polygon, by clicks, freehand, or both."""

import math
from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from core.geometry import Line, Ways, simplified_line
from gui.canvas.paint import (
    draw_fill,
    draw_handles,
    draw_outline,
    draw_picked_handle,
    polygon_of,
    united,
)
from gui.canvas.snapping import Snap, closing_way, snapped, ways_along
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.canvas.tracing import Trace
from gui.document import Document
from gui.texts import tr

_CLOSE_PX = 10.0
"""How far from the first point a click still closes the polygon, on the screen."""
_STROKE_PX = 5.0
"""A press that moves less is a click: hands shake."""
_APART_PX = 2.0
"""A stroke takes a point where the mouse is so far from the one before, on the screen."""
_TOLERANCE_PX = 1.0
"""How far a simplified stroke may be from what was drawn, on the screen: less is not seen."""
_NOTHING: Line = np.empty((0, 2))


class PolygonTool(Tool):
    """Each click adds a point, each stroke a line; the first point, Enter or a double click closes.

    A polygon that is half drawn stays with its image while another tool or image is visited.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.options = (stage.snapping,)
        self._trace = Trace()
        self._stroke: list[Xy] = []
        self._at: Snap | None = None
        self._is_other_way = False
        self._put_aside: WeakKeyDictionary[Document, Trace] = WeakKeyDictionary()

    def enter(self) -> None:
        if self.stage.has_document:
            self._trace = self._put_aside.pop(self.stage.document, Trace())
        self.stage.redraw()

    def hint(self) -> str:
        if not self._trace.steps:
            return tr("Click along the border, or drag to draw freehand.")
        if self._ways() is not None:
            return tr(
                "Click to follow the neighbour's border; Tab or the wheel takes the other way."
            )
        return tr(
            "Click the first point, double-click or press Enter to close; Backspace takes back."
        )

    def leave(self) -> None:
        if self._trace.steps and self.stage.has_document:
            self._put_aside[self.stage.document] = self._trace
        self._trace, self._stroke, self._at = Trace(), [], None
        self.stage.redraw()

    def press(self, at: Pointer) -> None:
        self._at = snapped(self.stage, at.xy)
        if self._is_closing():
            self._close()
        # a double click presses twice at one place, which is one point
        elif self._trace.last is None or self._at.xy != self._trace.last.xy:
            if not self._trace.steps:
                # a class key is for this outline from now on, not for what was drawn before
                self.stage.document.select(())
            is_followed = self._ways() is not None
            self._trace = self._trace.with_step(self._way(), self._at, is_followed=is_followed)
            self._is_other_way = False
        self._stroke = [self.stage.inside(at.xy)] if self._trace.steps else []
        self.stage.redraw()

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = snapped(self.stage, at.xy)
        if is_pressed and self._stroke:
            inside = self.stage.inside(at.xy)
            if math.dist(inside, self._stroke[-1]) * self.stage.scale >= _APART_PX:
                self._stroke.append(inside)
        if self._trace.steps:
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        self.move(at, is_pressed=True)
        stroke, self._stroke = self._stroke, []
        if self._at is not None and self._is_stroke(stroke):
            line = np.array([*stroke[:-1], self._at.xy])
            simple = simplified_line(line, tolerance=_TOLERANCE_PX / self.stage.scale)
            drawn = self._trace.with_step(simple[1:-1], self._at, is_followed=False)
            is_closing, self._trace = self._is_near_first(drawn), drawn
            if is_closing:
                # the first point is there already
                points = drawn.points[:-1]
                self._finish(points)
        self.stage.redraw()

    def double_click(self, at: Pointer) -> None:
        if self._trace.steps:
            self._close()

    def wheel(self, at: Pointer, notches: float) -> bool:
        if self._ways() is None:
            return False
        self._turn_round()
        return True

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if not self._trace.steps:
            return {}
        nothing, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        turn = {(Qt.Key.Key_Tab, nothing): self._turn_round} if self._ways() is not None else {}
        return {
            **turn,
            (Qt.Key.Key_Return, nothing): self._close,
            (Qt.Key.Key_Enter, nothing): self._close,
            (Qt.Key.Key_Escape, nothing): self._drop,
            (Qt.Key.Key_Backspace, nothing): self.delete_vertex,
            (Qt.Key.Key_Z, ctrl): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last click or stroke back."""
        if self._trace.steps:
            self._trace, self._stroke = self._trace.without_last(), []
            self.stage.redraw()

    def cursor(self) -> Qt.CursorShape:
        is_closing = self._is_closing()
        return Qt.CursorShape.PointingHandCursor if is_closing else Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        points = self._draft() if self._trace.steps else self._snap_mark()
        return united([polygon_of(points).boundingRect()]) if points else QRectF()

    def paint(self, painter: QPainter) -> None:
        class_id = self.stage.drawn.class_id
        colour = self.stage.colour_of(-1 if class_id is None else class_id)
        for mark in self._snap_mark():
            draw_picked_handle(painter, QPointF(*mark), colour=colour)
        if not self._trace.steps:
            return
        path = QPainterPath()
        path.addPolygon(polygon_of(self._draft()))
        draw_fill(painter, path, colour=colour)
        if self._is_closing():
            path.closeSubpath()
        draw_outline(painter, path, colour=colour)
        points = self._trace.points
        draw_handles(painter, polygon_of(points))
        if self._is_closing():
            draw_picked_handle(painter, QPointF(*points[0]), colour=colour)

    def _draft(self) -> list[Xy]:
        """The line as it is painted: what was drawn, and from there to the mouse."""
        points = self._trace.points
        if len(self._stroke) > 1:
            return [*points, *self._stroke[1:]]
        if self._at is None:
            return points
        if self._is_closing():
            return [*points, *_tuples(self._closing_line())]
        return [*points, *_tuples(self._way()), self._at.xy]

    def _snap_mark(self) -> list[Xy]:
        is_marked = self._at is not None and self._at.is_snapped and not self._is_closing()
        return [self._at.xy] if self._at is not None and is_marked else []

    def _ways(self) -> Ways | None:
        """Both ways along a neighbour's border from the last point to the mouse, if there are."""
        last = self._trace.last
        if last is None or self._at is None or len(self._stroke) > 1 or self._is_closing():
            return None
        return ways_along(self.stage, last, self._at)

    def _way(self) -> Line:
        """The vertices of a neighbour that a click here would follow."""
        ways = self._ways()
        if ways is None:
            return _NOTHING
        return ways.longer if self._is_other_way else ways.shorter

    def _turn_round(self) -> None:
        self._is_other_way = not self._is_other_way
        self.stage.redraw()

    def _is_stroke(self, stroke: list[Xy]) -> bool:
        if len(stroke) < 2:
            return False
        return max(math.dist(stroke[0], one) for one in stroke) * self.stage.scale >= _STROKE_PX

    def _is_closing(self) -> bool:
        """Whether a click would close the polygon."""
        if self._at is None or len(self._trace.points) < 3 or len(self._stroke) > 1:
            return False
        return self._is_by_first(self._at.xy)

    def _is_near_first(self, trace: Trace) -> bool:
        """Whether a stroke that was just drawn came back to where the outline begins."""
        return len(trace.points) >= 4 and self._is_by_first(trace.points[-1])

    def _is_by_first(self, xy: Xy) -> bool:
        first = self._trace.first
        return first is not None and math.dist(xy, first.xy) * self.stage.scale <= _CLOSE_PX

    def _closing_line(self) -> Line:
        """The vertices of a neighbour by which the outline closes."""
        first, last = self._trace.first, self._trace.last
        if first is None or last is None or not self._trace.leaves_the_border:
            return _NOTHING
        return closing_way(self.stage, self._trace.points, first, last)

    def _close(self) -> None:
        self._finish([*self._trace.points, *_tuples(self._closing_line())])

    def _finish(self, points: list[Xy]) -> None:
        if self.stage.drawn.add_polygon(points):
            self._drop()

    def _drop(self) -> None:
        self._trace, self._stroke, self._is_other_way = Trace(), [], False
        self.stage.redraw()


def _tuples(line: Line) -> list[Xy]:
    return [(float(x), float(y)) for x, y in line]


TOOL = ToolSpec("polygon", PolygonTool)
