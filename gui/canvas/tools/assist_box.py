"""Drag a box around an object, and a model outlines it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from core.events import Assisted
from gui.canvas.assisting import NOTHING_THERE, Assistance
from gui.canvas.paint import draw_band, united
from gui.canvas.stage import Stage
from gui.canvas.tool_options import ChoiceOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import tr

_SMALLEST_PX = 3.0
"""A smaller box on the screen was a click."""
_ASSISTANT, _OWN, _OWN_CLASS = "assist", "weights", "weights_class"


@dataclass(slots=True)
class _Box:
    """One that was dragged, and is not outlined yet."""

    rect: QRectF
    class_id: int | None = None
    """The class that was current when the next one was begun; None: there is no next one yet."""


class AssistBoxTool(Tool):
    """What stands in the box is outlined when the button goes up.

    Nobody has to wait for that: boxes that are dragged meanwhile are outlined one after the other.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._by = ChoiceOption(
            "by",
            tr("Outlined by"),
            value=_ASSISTANT,
            choices={
                _ASSISTANT: tr("Assistant"),
                _OWN: tr("Own weights, as the current class"),
                _OWN_CLASS: tr("Own weights, with their class"),
            },
            tip=tr(
                "A general assistant, or the Mask R-CNN that is chosen to pre-label with. That one"
                " outlines what is in the box as an instance of the current class, so choose the"
                " class first; or it says the class, too, as the class map has it."
            ),
        )
        self._by.changed.connect(self._on_by_changed)
        self.options = (self._by,)
        self._assistance = Assistance(stage)
        self._why_not = ""
        """Why the own weights cannot, as it was when they were chosen or the tool was taken."""
        self._start: Xy | None = None
        self._end: Xy = (0.0, 0.0)
        self._boxes: list[_Box] = []
        """In their order; the first is the one that is asked about."""
        stage.drawn.waiting_changed.connect(self._ask)

    def hint(self) -> str:
        if self._boxes:
            return self._assistance.hint_while_asked()
        if self._why_not:
            return self._why_not
        of_class = tr("Choose the class, then drag a box around the object.")
        of_any = tr("Drag a box around the object.")
        return self._assistance.hint(of_class if self._by.value == _OWN else of_any)

    def enter(self) -> None:
        is_own = self._by.value != _ASSISTANT
        self._why_not = self._assistance.why_not_own() if is_own else ""
        if not is_own:
            self._assistance.begin()

    def leave(self) -> None:
        self._start, self._boxes = None, []
        self._assistance.end()
        self.stage.redraw()

    def press(self, at: Pointer) -> None:
        for box in self._boxes:
            box.class_id = self.stage.drawn.class_id if box.class_id is None else box.class_id
        self._start = self._end = self.stage.inside(at.xy)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        if self._start is not None:
            self._end = self.stage.inside(at.xy)
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._start is None:
            return
        self._end = self.stage.inside(at.xy)
        rect, self._start = self._dragged(), None
        if min(rect.width(), rect.height()) * self.stage.scale >= _SMALLEST_PX:
            # a class key is for this outline from now on, not for what was drawn before
            self.stage.document.select(())
            self._boxes.append(_Box(rect))
            self._ask()
        self.stage.redraw()

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if self._start is None and not self._boxes:
            return {}
        return {(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier): self._give_up}

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        return united([self._dragged(), *(box.rect for box in self._boxes)])

    def paint(self, painter: QPainter) -> None:
        for rect in (self._dragged(), *(box.rect for box in self._boxes)):
            if not rect.isNull():
                draw_band(painter, rect)

    def _dragged(self) -> QRectF:
        if self._start is None:
            return QRectF()
        return QRectF(QPointF(*self._start), QPointF(*self._end)).normalized()

    def _ask(self) -> None:
        """Asks about the first box, unless it is asked, or what came before waits for its class."""
        if not self._boxes or self._assistance.is_asked or self.stage.drawn.waiting:
            return
        box, drawn = self._boxes[0], self.stage.drawn
        rect, class_id = box.rect, drawn.class_id if box.class_id is None else box.class_id
        # the mask that the model has for the class that a person gives, where it knows that one
        names = self._assistance.own_names_of(class_id) if self._by.value == _OWN else ()
        self._assistance.ask(
            self._on_answer,
            box_xyxy=(rect.left(), rect.top(), rect.right(), rect.bottom()),
            by_own_weights=self._by.value != _ASSISTANT,
            class_names=names,
        )

    def _on_answer(self, found: Assisted | None) -> None:
        if found is None:  # none of the others would be answered either
            self._boxes = []
            self.stage.redraw()
            return
        box = self._boxes.pop(0)
        if found.parts:
            seen = self._assistance.own_class_id(found) if self._by.value == _OWN_CLASS else None
            class_id = box.class_id if seen is None else seen
            self.stage.drawn.add_parts(found.parts[0], class_id=class_id)
        else:
            self.stage.refused.emit(tr(NOTHING_THERE))
        # Outlined as the class that was said before: the next class key is for the next box.
        is_settled = self._by.value == _OWN and not self.stage.drawn.waiting
        if self._boxes or self._start is not None or is_settled:
            self.stage.document.select(())
        self._ask()
        self.stage.redraw()

    def _on_by_changed(self) -> None:
        self.leave()
        self.enter()
        self.stage.redraw()

    def _give_up(self) -> None:
        """Drops the box that is dragged, else all that are not outlined yet."""
        if self._start is None and self._boxes:
            self._assistance.forget()
            self._boxes = []
        self._start = None
        self.stage.redraw()


TOOL = ToolSpec("assist_box", AssistBoxTool)
