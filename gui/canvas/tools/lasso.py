"""Draw a border that follows the edges of the picture by itself."""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from core.events import Failed
from core.pixels import EdgeMap, edge_map, parts_of_way, strongest_edge_near
from core.pixels.window import Points, Rgb
from gui.canvas.lasso_draft import LassoDraft
from gui.canvas.paint import (
    draw_fill,
    draw_handles,
    draw_outline,
    draw_picked_handle,
    polygon_of,
    united,
)
from gui.canvas.stage import Stage
from gui.canvas.tool_options import NumberOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.document import Document
from gui.runs import ThreadRun
from gui.texts import QT_TR_NOOP, tr

_CLOSE_PX = 10.0
"""How far from the first point a click still closes the border, on the screen."""
_STEP_PX = 40.0
"""How far apart the points are that a drag sets, on the screen."""
_STEP_VIEW_PX = 120.0
"""How far around those edges are looked for: a drag sets them faster than large maps are made."""
_VIEW_PX = 480.0
"""How far around a point edges are looked for, on the screen: what can be seen to be one."""
_MOST_PX = 640
"""The longest side of what is looked at: a tenth of a second."""
_NOT_ENCLOSED = QT_TR_NOOP("Nothing is enclosed yet. Click further round the object, then close.")


class LassoTool(Tool):
    """A click sets a point, and the border runs to it along the edges; Shift draws it straight.
    A drag along the border sets points by itself.

    A border that is half drawn stays with its image while another tool or image is visited.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._reach = NumberOption(
            "reach",
            tr("Reach"),
            value=4,
            low=0,
            high=40,
            unit=" px",
            tip=tr(
                "How far from an edge a click is still put on it, on the screen; 0 leaves it"
                " where it is."
            ),
        )
        self.options = (self._reach,)
        self._draft = LassoDraft()
        self._at: Xy | None = None
        self._ahead: Points | None = None
        self._has_dragged = False
        self._put_aside: WeakKeyDictionary[Document, LassoDraft] = WeakKeyDictionary()
        pool = ThreadPoolExecutor(1, thread_name_prefix="lasso")
        # not the latest alone: each point that was set needs its edges, however quickly one clicks
        self._looking = ThreadRun(_edges_around, pool, parent=stage)
        self._looking.reported.connect(self._on_edges)
        self._looking.ended.connect(self._on_ended)

    def hint(self) -> str:
        if self._draft.is_closed:
            return tr("Looking for the edges; Escape drops the border.")
        if self.stage.pixels() is None:
            return tr(
                "There are no pixels to follow here, so lines are straight; click along the border."
            )
        if not self._draft.points:
            return tr(
                "Click on the border of an object, then on it further round, or drag along it."
            )
        return tr(
            "Click further round, with Shift straight; the first point, a double click or Enter"
            " closes, Backspace takes back."
        )

    def enter(self) -> None:
        if self.stage.has_document:
            self._draft = self._put_aside.pop(self.stage.document, LassoDraft())
            for point in (*self._draft.wanted, *self._draft.points[-1:]):
                self._look_around(point)
        self.stage.redraw()

    def leave(self) -> None:
        if self._draft.points and self.stage.has_document:
            self._draft.open()
            self._put_aside[self.stage.document] = self._draft
        self._drop()

    def press(self, at: Pointer) -> None:
        if self._draft.is_closed:
            return
        self._at = self.stage.inside(at.xy)
        if self._is_closing():
            self._close(is_straight=self._is_straight(at))
            return
        self._has_dragged = False
        self._set_point(at)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = self.stage.inside(at.xy)
        if is_pressed and self._draft.points and not self._draft.is_closed:
            away = math.dist(self._at, self._draft.points[-1]) * self.stage.scale
            if away >= _STEP_PX and not self._is_closing():
                self._has_dragged = True
                self._set_point(at, view_px=_STEP_VIEW_PX)
        self._look_ahead(is_straight=self._is_straight(at))

    def release(self, at: Pointer) -> None:
        has_dragged, self._has_dragged = self._has_dragged, False
        if not has_dragged or self._draft.is_closed:
            return
        if self._is_closing():
            self._close(is_straight=self._is_straight(at))
        else:
            for point in self._draft.points[-1:]:
                self._look_around(point)

    def double_click(self, at: Pointer) -> None:
        if self._draft.points and not self._draft.is_closed:
            self._close(is_straight=self._is_straight(at))

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if not self._draft.points:
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
        if self._draft.is_closed:
            self._draft.open()
        elif self._draft.points:
            self._draft.take_back()
            for point in self._draft.points[-1:]:
                self._look_around(point)
        self._look_ahead()

    def cursor(self) -> Qt.CursorShape:
        is_closing = self._is_closing()
        return Qt.CursorShape.PointingHandCursor if is_closing else Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        if not self._draft.points:
            return QRectF()
        return united([polygon_of(self._line()).boundingRect()])

    def paint(self, painter: QPainter) -> None:
        if not self._draft.points:
            return
        path = QPainterPath()
        path.addPolygon(polygon_of(self._line()))
        class_id = self.stage.drawn.class_id
        colour = self.stage.colour_of(-1 if class_id is None else class_id)
        draw_fill(painter, path, colour=colour)
        draw_outline(painter, path, colour=colour)
        draw_handles(painter, polygon_of(self._draft.points))
        if self._is_closing():
            draw_picked_handle(painter, QPointF(*self._draft.points[0]), colour=colour)

    def _line(self) -> Points:
        line = self._draft.line()
        return line if self._ahead is None else np.concatenate([line, self._ahead[1:]])

    def _is_straight(self, at: Pointer) -> bool:
        return at.holds(Qt.KeyboardModifier.ShiftModifier) or self.stage.pixels() is None

    def _is_closing(self) -> bool:
        """Whether a click would close the border."""
        if self._at is None or len(self._draft.points) < 2:
            return False
        return math.dist(self._at, self._draft.points[0]) * self.stage.scale <= _CLOSE_PX

    def _set_point(self, at: Pointer, *, view_px: float = _VIEW_PX) -> None:
        xy = self.stage.inside(at.xy)
        point = xy if at.holds(Qt.KeyboardModifier.ShiftModifier) else self._on_edge(xy)
        # a double click presses twice at one place, which is one point
        if not self._draft.points or point != self._draft.points[-1]:
            if not self._draft.points:
                # a class key is for this outline from now on, not for what was drawn before
                self.stage.document.select(())
            self._draft.add(point, is_straight=self._is_straight(at))
            self._look_around(point, view_px=view_px)
        self._ahead = None
        self.stage.redraw()

    def _on_edge(self, xy: Xy) -> Xy:
        rgb, reach = self.stage.pixels(), self._reach.value / self.stage.scale
        return xy if rgb is None or not reach else strongest_edge_near(rgb, xy, within_px=reach)

    def _look_around(self, point: Xy, *, view_px: float = _VIEW_PX) -> None:
        rgb = self.stage.pixels()
        if rgb is not None:
            self._looking.start(rgb, point, view_px / self.stage.scale)

    def _look_ahead(self, *, is_straight: bool = False) -> None:
        """Draws the border on to the mouse."""
        self._ahead = None
        if self._at is None or not self._draft.points:
            return
        if not self._draft.is_closed:
            end = self._draft.points[0] if self._is_closing() else self._at
            if not is_straight and not self._is_closing():
                end = self._on_edge(end)
            self._ahead = self._draft.way_on(end, is_straight=is_straight)
        self.stage.redraw()

    def _on_edges(self, edges: EdgeMap) -> None:
        self._draft.learn(edges)
        if self._draft.is_closed:
            self._keep()
        else:
            self._look_ahead()

    def _on_ended(self, end: object) -> None:
        if isinstance(end, Failed):
            self.stage.refused.emit(end.sentence)
            self._draft.straighten()
            if self._draft.is_closed:
                self._keep()

    def _close(self, *, is_straight: bool | None = None) -> None:
        if not self._draft.is_closed:
            straight = self.stage.pixels() is None if is_straight is None else is_straight
            self._draft.close(is_straight=straight)
            self._ahead = None
            self._keep()

    def _keep(self) -> None:
        """Makes an instance of it, once all its edges are known."""
        if self._draft.wanted:
            self.stage.redraw()
            return
        parts = parts_of_way(self._draft.line())
        if not parts:
            self.stage.refused.emit(tr(_NOT_ENCLOSED))
            self._draft.open()
        elif self.stage.drawn.add_parts(parts):
            self._drop()
        else:
            self._draft.open()

    def _drop(self) -> None:
        self._draft, self._at, self._ahead = LassoDraft(), None, None
        self.stage.redraw()


def _edges_around(rgb: Rgb, point: Xy, reach_px: float) -> EdgeMap:
    """Called in a thread."""
    return edge_map(rgb, point, reach_px=reach_px, most_px=_MOST_PX)


TOOL = ToolSpec("lasso", LassoTool)
