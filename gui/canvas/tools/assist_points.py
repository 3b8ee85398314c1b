"""Point at an object, and an assistant outlines it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.events import Assisted
from core.types import Part
from gui.canvas.assisting import NOTHING_THERE, Assistance, with_found
from gui.canvas.paint import (
    draw_fill,
    draw_outline,
    draw_picked_handle,
    path_of,
    polygon_of,
    united,
)
from gui.canvas.stage import Stage
from gui.canvas.tool_options import TextOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import QT_TR_NOOP, tr

_THERE, _BESIDE = QColor("#0072b2"), QColor("#d55e00")
"""Blue and vermilion of Okabe and Ito, Color Universal Design (2008): told apart by everybody."""
_ARM_PX = 2.5
"""Of the plus and the minus in a point, from its middle."""
_ALT = Qt.KeyboardModifier.AltModifier
_POINT_FIRST = QT_TR_NOOP("Click on the object first; then on what does not belong to it.")


class AssistPointsTool(Tool):
    """Each click adds a point on the object, or beside it; what is outlined shows at once.

    Before the first click the outline follows the mouse, where answers come quickly enough.
    """

    takes_right_button = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._text = TextOption(
            "text",
            tr("Find"),
            placeholder=tr("jeans"),
            tip=tr("Enter finds all that is called so in the image, as predictions to review."),
        )
        self._text.changed.connect(self._find)
        self.options = (self._text,)
        self._assistance = Assistance(stage)
        self._points: list[tuple[float, float, bool]] = []
        self._parts: tuple[Part, ...] = ()
        """The outline so far, of the points or of what is under the mouse."""
        self._is_answered = True
        self._is_taken = False
        """Whether the outline is to be kept as soon as it is there."""
        self._hover: Xy | None = None
        """Where the mouse is, if that was not asked yet."""
        self._class_id: int | None = None
        """The class of the outline that is taken as soon as it is there; None: the current one."""
        self._later: list[tuple[float, float, bool]] = []
        """Points of the next object, while the outline of this one is on its way."""

    def hint(self) -> str:
        if self._is_finding or (self._points and not self._is_answered):
            return self._assistance.hint_while_asked()
        if not self._points:
            return self._assistance.hint(
                tr("Click on the object; a double-click takes it at once.")
            )
        return tr(
            "Enter takes it. A click adds, a right or Alt+click takes away; Backspace takes a point"
            " back."
        )

    def enter(self) -> None:
        self._assistance.begin()

    def leave(self) -> None:
        self._drop()
        self._assistance.end()

    def press(self, at: Pointer) -> None:
        self._add(at, is_there=not (at.is_right or at.holds(_ALT)))

    def double_click(self, at: Pointer) -> None:
        if self._points and not at.is_right:
            self._take()
        else:
            self.press(at)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        session = self._assistance.session
        if self._points or self._is_finding or session is None or not session.is_quick:
            return
        inside = self.stage.inside(at.xy) == at.xy
        self._hover = at.xy if inside else None
        if not inside:
            self._drop()
        elif self._is_answered:
            self._look_under_mouse()

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        nothing, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        if not self._points:
            return {(Qt.Key.Key_Escape, nothing): self._drop} if self._is_finding else {}
        return {
            (Qt.Key.Key_Return, nothing): self._take,
            (Qt.Key.Key_Enter, nothing): self._take,
            (Qt.Key.Key_Escape, nothing): self._drop,
            (Qt.Key.Key_Backspace, nothing): self.delete_vertex,
            (Qt.Key.Key_Z, ctrl): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last point back."""
        if self._points:
            del self._points[-1]
        if any(is_there for _, _, is_there in self._points):
            self._ask()
        else:
            self._drop()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        points = [(x, y) for x, y, _ in (*self._points, *self._later)]
        rects = [polygon_of(points).boundingRect()] if points else []
        return united([*rects, *(path_of((part,)).boundingRect() for part in self._parts)])

    def paint(self, painter: QPainter) -> None:
        if self._parts:
            class_id = self.stage.drawn.class_id
            colour = self.stage.colour_of(-1 if class_id is None else class_id)
            path = path_of(self._parts)
            draw_fill(painter, path, colour=colour)
            draw_outline(painter, path, colour=colour, is_strong=bool(self._points))
        for x, y, is_there in (*self._points, *self._later):
            draw_picked_handle(painter, QPointF(x, y), colour=_THERE if is_there else _BESIDE)
            arm = _ARM_PX / self.stage.scale
            pen = QPen(QColor("white"), 1.5 * painter.device().devicePixelRatioF())
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLine(QPointF(x - arm, y), QPointF(x + arm, y))
            if is_there:
                painter.drawLine(QPointF(x, y - arm), QPointF(x, y + arm))

    @property
    def _is_finding(self) -> bool:
        """Whether what is asked is a text."""
        return self._is_answered and self._assistance.is_asked

    def _add(self, at: Pointer, *, is_there: bool) -> None:
        x, y = self.stage.inside(at.xy)
        if self._is_taken:
            if not self._later:
                self._class_id = self.stage.drawn.class_id
            if is_there or self._later:
                self._later.append((x, y, is_there))
                self.stage.redraw()
            return
        if not self._points:
            if not is_there:
                self.stage.refused.emit(tr(_POINT_FIRST))
                return
            # a class key is for this outline from now on, not for what was drawn before
            self.stage.document.select(())
        self._points.append((x, y, is_there))
        self._ask()

    def _ask(self) -> None:
        self._hover, self._is_answered, self._is_taken = None, False, False
        self._assistance.ask(self._on_answer, points=self._points)
        self.stage.redraw()

    def _look_under_mouse(self) -> None:
        assert self._hover is not None
        (x, y), self._hover = self._hover, None
        self._is_answered = False
        self._assistance.ask(self._on_answer, points=[(x, y, True)])

    def _on_answer(self, found: Assisted | None) -> None:
        self._is_answered = True
        if found is None:
            self._is_taken, self._later = False, []
        else:
            self._parts = found.parts[0] if found.parts else ()
        if self._is_taken:
            self._take()
        elif self._hover is not None and not self._points:
            self._look_under_mouse()
        self.stage.redraw()

    def _take(self) -> None:
        if not self._is_answered:
            self._is_taken = True
        elif not self._parts:
            self._is_taken, self._later = False, []
            self.stage.refused.emit(tr(NOTHING_THERE))
        elif self.stage.drawn.add_parts(self._parts, class_id=self._class_id):
            later = self._later
            self._drop()
            if later:
                self.stage.document.select(())
                self._points = later
                self._ask()

    def _drop(self) -> None:
        self._assistance.forget()
        self._points, self._parts = [], ()
        self._is_answered, self._is_taken, self._hover = True, False, None
        self._later, self._class_id = [], None
        self.stage.redraw()

    def _find(self) -> None:
        text = self._text.value
        if not text or not self.stage.has_document:
            return
        self._drop()
        self._assistance.ask(lambda found: self._on_found(text, found), text=text)

    def _on_found(self, text: str, found: Assisted | None) -> None:
        if found is None:
            return
        self.stage.document.edit(
            tr("Find by text"),
            lambda labels: with_found(
                labels, found, text=text, class_names=self.stage.class_names,
                current_class_id=self.stage.drawn.class_id,
            ),
        )  # fmt: skip


TOOL = ToolSpec("assist_points", AssistPointsTool)
