"""What is drawn by dragging from corner to corner: a box, an ellipse."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from gui.canvas.paint import draw_band, draw_fill, draw_outline, draw_picked_handle, polygon_of
from gui.canvas.snapping import Snap, snapped
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, Xy

_SMALLEST_PX = 3.0
"""A smaller box on the screen was a click."""


class BoxDragTool(Tool):
    """The box goes from where the button went down to where it goes up; with Shift it is square.

    What it becomes is up to the tool: `outline`.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.options = (stage.snapping,)
        self._start: Xy | None = None
        self._at: Snap = Snap((0.0, 0.0))

    def outline(self, box: QRectF) -> Sequence[Xy]:
        """The points of what is drawn in a box that has an area."""
        raise NotImplementedError

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        self._at = snapped(self.stage, at.xy)
        self._start = self._at.xy

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        was_marked, self._at = self._at.is_snapped, self._held(at)
        if self._start is not None or self._at.is_snapped or was_marked:
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._start is None:
            return
        self._at = self._held(at)
        box = self._box()
        self._drop()
        if min(box.width(), box.height()) * self.stage.scale >= _SMALLEST_PX:
            self.stage.drawn.add_polygon(self.outline(box))

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if self._start is None:
            return {}
        return {
            (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier): self._drop,
            # what is undone is what is being drawn, not what was drawn before it
            (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier): self._drop,
        }

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        if self._start is not None:
            return self._box()
        return QRectF(QPointF(*self._at.xy), QPointF(*self._at.xy)).adjusted(0, 0, 1e-6, 1e-6)

    def paint(self, painter: QPainter) -> None:
        class_id = self.stage.drawn.class_id
        colour = self.stage.colour_of(-1 if class_id is None else class_id)
        if self._start is not None:
            box = self._box()
            draw_band(painter, box)
            path = QPainterPath()
            path.addPolygon(polygon_of(self.outline(box)))
            path.closeSubpath()
            draw_fill(painter, path, colour=colour)
            draw_outline(painter, path, colour=colour)
        if self._at.is_snapped:
            draw_picked_handle(painter, QPointF(*self._at.xy), colour=colour)

    def _held(self, at: Pointer) -> Snap:
        """Where the mouse is taken to be: with Shift as far across as down, inside the image."""
        start = self._start
        if start is None or not at.holds(Qt.KeyboardModifier.ShiftModifier):
            return snapped(self.stage, at.xy)
        height, width = self.stage.size_hw
        across, down = at.xy[0] - start[0], at.xy[1] - start[1]
        room = [
            size - begin if shift > 0 else begin
            for begin, shift, size in zip(start, (across, down), (width, height), strict=True)
        ]
        side = min(max(abs(across), abs(down)), *room)
        return Snap((_gone(start[0], across, side), _gone(start[1], down, side)))

    def _box(self) -> QRectF:
        start = self._at.xy if self._start is None else self._start
        return QRectF(QPointF(*start), QPointF(*self._at.xy)).normalized()

    def _drop(self) -> None:
        self._start, self._at = None, Snap(self._at.xy)
        self.stage.redraw()


def _gone(start: float, shift: float, side: float) -> float:
    return start + side if shift > 0 else start - side
