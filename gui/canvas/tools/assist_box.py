"""Drag a box around an object, and a model outlines it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from core.events import Assisted
from gui.canvas.assisting import NOTHING_THERE, Assistance
from gui.canvas.paint import draw_band
from gui.canvas.stage import Stage
from gui.canvas.tool_options import ChoiceOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy

_SMALLEST_PX = 3.0
"""A smaller box on the screen was a click."""
_OWN = "weights"


class AssistBoxTool(Tool):
    """What stands in the box is outlined when the button goes up."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._by = ChoiceOption(
            "by",
            "Outlined by",
            value="assist",
            choices={"assist": "Assistant", _OWN: "Own weights"},
            tip="A general assistant, or the Mask R-CNN that is chosen to pre-label with.",
        )
        self._by.changed.connect(self._on_by_changed)
        self.options = (self._by,)
        self._assistance = Assistance(stage)
        self._start: Xy | None = None
        self._end: Xy = (0.0, 0.0)
        self._is_asked = False
        """Whether the box stands, and its answer is on the way."""

    def hint(self) -> str:
        if self._is_asked:
            return self._assistance.hint_while_asked()
        return self._assistance.hint("Drag a box around the object.")

    def enter(self) -> None:
        if self._by.value != _OWN:
            self._assistance.begin()

    def leave(self) -> None:
        self._drop()
        self._assistance.end()

    def press(self, at: Pointer) -> None:
        self._drop()
        self._start = self._end = self.stage.inside(at.xy)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        if self._start is not None and is_pressed and not self._is_asked:
            self._end = self.stage.inside(at.xy)
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._start is None or self._is_asked:
            return
        self._end = self.stage.inside(at.xy)
        box = self.bounds()
        if min(box.width(), box.height()) * self.stage.scale < _SMALLEST_PX:
            self._drop()
            return
        # a class key is for this outline from now on, not for what was drawn before
        self.stage.document.select(())
        self._is_asked = True
        self._assistance.ask(
            self._on_answer,
            box_xyxy=(box.left(), box.top(), box.right(), box.bottom()),
            by_own_weights=self._by.value == _OWN,
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
        return QRectF(QPointF(*self._start), QPointF(*self._end)).normalized()

    def paint(self, painter: QPainter) -> None:
        if self._start is not None:
            draw_band(painter, self.bounds())

    def _on_answer(self, found: Assisted | None) -> None:
        self._start, self._is_asked = None, False
        self.stage.redraw()
        if found is None:
            return
        if found.parts:
            self.stage.drawn.add_parts(found.parts[0])
        else:
            self.stage.refused.emit(NOTHING_THERE)

    def _on_by_changed(self) -> None:
        self.leave()
        self.enter()

    def _drop(self) -> None:
        if self._is_asked:
            self._assistance.forget()
        self._start, self._is_asked = None, False
        self.stage.redraw()


TOOL = ToolSpec("assist_box", AssistBoxTool)
