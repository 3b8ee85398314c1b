"""Cut instances apart by a line."""

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from core import edits
from core.types import ImageLabels
from gui.canvas.paint import draw_handles, draw_outline, polygon_of, united
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import QT_TR_NOOP, tr

_DRAG_PX = 4.0
"""A press that moves less is a click: hands shake."""
_NOTHING = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_CUT_NONE = QT_TR_NOOP(
    "The line goes right through no instance that it may cut. Begin and end it beside the instance."
)
_CUT_NONE_SELECTED = QT_TR_NOOP(
    "The line does not go right through what is selected. With nothing selected it cuts all that it"
    " goes through; Escape lets go."
)


class CutTool(Tool):
    """A drag cuts straight; clicks lead the line round corners, Enter or a double click cuts.

    The selected instances are cut; with none selected all that the line goes right through.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._points: list[Xy] = []
        self._at: Xy = (0.0, 0.0)

    def hint(self) -> str:
        if self._points:
            return tr("Click for a corner; Enter or a double click cuts; Backspace takes back.")
        if self.stage.document.selection:
            return tr(
                "Drag a line right across to cut the selected, or click from corner to corner;"
                " Escape lets go, to cut whatever it goes through."
            )
        return tr("Drag a line right across what it is to cut, or click from corner to corner.")

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        self._at = at.xy
        # a double click presses twice at one place, which is one point
        if not self._points or at.xy != self._points[-1]:
            self._points.append(at.xy)
        self.stage.redraw()

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = at.xy
        if self._points:
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._points and math.dist(at.xy, self._points[-1]) * self.stage.scale >= _DRAG_PX:
            self._points.append(at.xy)
            self._cut()

    def double_click(self, at: Pointer) -> None:
        if len(self._points) > 1:
            self._cut()
        else:
            self.press(at)

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if not self._points and self.stage.document.selection:
            return {(Qt.Key.Key_Escape, _NOTHING): lambda: self.stage.document.select(())}
        if not self._points:
            return {}
        return {
            (Qt.Key.Key_Return, _NOTHING): self._cut,
            (Qt.Key.Key_Enter, _NOTHING): self._cut,
            (Qt.Key.Key_Escape, _NOTHING): self._drop,
            (Qt.Key.Key_Backspace, _NOTHING): self.delete_vertex,
            (Qt.Key.Key_Z, _CTRL): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last point back."""
        if self._points:
            del self._points[-1]
            self.stage.redraw()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        if not self._points:
            return QRectF()
        return united([polygon_of([*self._points, self._at]).boundingRect()])

    def paint(self, painter: QPainter) -> None:
        if self._points:
            path = QPainterPath()
            path.addPolygon(polygon_of([*self._points, self._at]))
            draw_outline(painter, path, colour=QColor("white"), is_dashed=True)
            draw_handles(painter, polygon_of(self._points))

    def _cut(self) -> None:
        line = tuple(self._points)
        if len(line) < 2:
            self.stage.refused.emit(
                tr("A cut needs a line: click where it begins and where it ends.")
            )
            return
        self._drop()
        document = self.stage.document
        before, selected = document.labels, document.selection
        if selected:
            is_done = document.edit_selected(
                tr("Cut"),
                lambda labels, ids: edits.with_cut(
                    labels, frozenset(ids) - document.marks.hidden, line=line
                ),
            )
        else:
            is_done = document.edit(tr("Cut"), lambda labels: self._with_all_cut(labels, line))
        if is_done and document.labels is before:
            self.stage.refused.emit(tr(_CUT_NONE_SELECTED if selected else _CUT_NONE))
        elif is_done:
            changed = edits.changed_ids(before, document.labels)
            document.select(selected | changed)

    def _with_all_cut(self, labels: ImageLabels, line: tuple[Xy, ...]) -> ImageLabels:
        ids = {one.id for one in labels.instances} - self.stage.document.marks.out_of_reach
        return edits.with_cut(labels, ids, line=line)

    def _drop(self) -> None:
        self._points = []
        self.stage.redraw()


TOOL = ToolSpec("cut", CutTool)
