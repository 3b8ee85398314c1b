"""Draw a box, which becomes a polygon of four vertices."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.paint import draw_band
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy

_SMALLEST_PX = 3.0
"""A smaller box on the screen was a click."""


class BoxTool(Tool):
    """The box goes from where the button went down to where it goes up."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._start: Xy | None = None
        self._at: Xy = (0.0, 0.0)

    def hint(self) -> str:
        return "Drag from corner to corner."

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        self._start = self._at = self.stage.inside(at.xy)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = self.stage.inside(at.xy)
        if self._start is not None:
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._start is None:
            return
        self._at = self.stage.inside(at.xy)
        box = self.bounds()
        self._drop()
        if min(box.width(), box.height()) * self.stage.scale >= _SMALLEST_PX:
            left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
            self.stage.drawn.add_polygon(
                [(left, top), (right, top), (right, bottom), (left, bottom)]
            )

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if self._start is None:
            return {}
        return {(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier): self._drop}

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        if self._start is None:
            return QRectF()
        return QRectF(QPointF(*self._start), QPointF(*self._at)).normalized()

    def paint(self, painter: QPainter) -> None:
        if self._start is not None:
            draw_band(painter, self.bounds())

    def _drop(self) -> None:
        self._start = None
        self.stage.redraw()


TOOL = ToolSpec("box", BoxTool)
