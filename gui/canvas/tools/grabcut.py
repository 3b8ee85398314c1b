"""Cut an object out of a box by its colours, and correct it by strokes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from core.pixels import Cut, Stroke, cut_out, parts_of_cut, recut
from core.pixels.window import Rgb
from core.types import Part
from gui.canvas.found import NO_PICTURE, Found, draw_stroke
from gui.canvas.paint import draw_band, polygon_of, united
from gui.canvas.stage import Stage
from gui.canvas.tool_options import NumberOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import QT_TR_NOOP, tr

_SMALLEST_PX = 3.0
"""A smaller box on the screen was a click."""
_A_NOTCH = 2
"""By how much a notch of the wheel changes the width of a stroke."""
_NOTHING_FOUND = QT_TR_NOOP(
    "Nothing stands out from its surroundings in this box. Stroke over the object to show what it"
    " is, or drop the box with Escape and drag it closer around the object."
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a search gave."""

    cut: Cut
    parts: tuple[Part, ...]


class GrabcutTool(Tool):
    """A drag makes the box; then strokes say what belongs to the object, with Alt or the right
    button what does not.

    A click beside the box, or Enter, keeps what is shown.
    """

    takes_right_button = True  # many desktops take Alt and a drag for moving the window

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._iterations = NumberOption(
            "iterations",
            tr("Iterations"),
            value=5,
            low=1,
            high=15,
            tip=tr(
                "How often the colours are learnt anew: more takes longer and is seldom better."
            ),
        )
        self._width = NumberOption(
            "stroke",
            tr("Stroke"),
            value=12,
            low=2,
            high=80,
            unit=" px",
            tip=tr(
                "How wide a stroke is on the screen; the wheel changes it while a box is there."
            ),
        )
        self.options = (self._iterations, self._width)
        self._start: Xy | None = None
        self._at: Xy = (0.0, 0.0)
        self._box: QRectF | None = None
        self._line: list[Xy] = []
        self._is_object = True
        self._strokes: list[Stroke] = []  # that what is shown knows nothing of
        self._n_in_search = 0
        self._past: list[_Answer] = []
        self._turned = 0.0
        self._is_kept_when_found = False
        self._found = Found(stage, self._on_found)

    def hint(self) -> str:
        if self._box is None:
            return tr("Drag a box around an object.")
        if self._found.is_searching:
            return tr("Looking for the object; Escape drops the box.")
        return tr(
            "Stroke over what was left out, with Alt or the right button over what is too much;"
            " Enter keeps it."
        )

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        if self.stage.pixels() is None:
            self.stage.refused.emit(tr(NO_PICTURE))
            return
        is_ground = at.is_right or at.holds(Qt.KeyboardModifier.AltModifier)
        is_stroke = is_ground or at.holds(Qt.KeyboardModifier.ControlModifier)
        if self._box is not None and (is_stroke or self._box.contains(QPointF(*at.xy))):
            self._line, self._is_object = [self.stage.inside(at.xy)], not is_ground
        elif self._box is not None:
            self._keep()
        elif not at.is_right:
            self._start = self._at = self.stage.inside(at.xy)
            self.stage.document.select(())
        self.stage.redraw()

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        self._at = self.stage.inside(at.xy)
        if self._line:
            self._line.append(self._at)
        if self._line or self._start is not None:
            self.stage.redraw()

    def release(self, at: Pointer) -> None:
        self.move(at, is_pressed=True)
        if self._start is not None:
            box, self._start = _rect(self._start, self._at), None
            if min(box.width(), box.height()) * self.stage.scale >= _SMALLEST_PX:
                self._box = box
                self._go_on()
        elif self._line:
            self._strokes, self._line = self._strokes_shown(), []
            self._go_on()
        self.stage.redraw()

    def wheel(self, at: Pointer, notches: float) -> bool:
        if self._box is None:
            return False
        self._turned += notches * _A_NOTCH  # a touchpad gives parts of a notch
        whole = int(self._turned)
        self._turned -= whole
        self._width.set_value(self._width.value + whole)
        return True

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        nothing, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        if self._start is not None:
            return {(Qt.Key.Key_Escape, nothing): self._drop}
        if self._box is None:
            return {}
        return {
            (Qt.Key.Key_Return, nothing): self._keep,
            (Qt.Key.Key_Enter, nothing): self._keep,
            (Qt.Key.Key_Escape, nothing): self._drop,
            (Qt.Key.Key_Backspace, nothing): self.delete_vertex,
            (Qt.Key.Key_Z, ctrl): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last stroke back, or else the box."""
        if len(self._strokes) > self._n_in_search:
            del self._strokes[-1]
            self.stage.redraw()
        elif self._n_in_search or len(self._past) < 2:
            self._take_search_back()
        else:
            del self._past[-1]
            self._found.show(self._past[-1].parts)

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        rects = [self._found.bounds()]
        if self._start is not None:
            rects.append(_rect(self._start, self._at))
        if self._box is not None:
            rects.append(self._box)
        for stroke in self._strokes_shown():
            far = stroke.radius_px
            line = polygon_of(stroke.points).boundingRect()
            rects.append(line.adjusted(-far, -far, far, far))
        return united(rects)

    def paint(self, painter: QPainter) -> None:
        self._found.paint(painter)
        if self._start is not None:
            draw_band(painter, _rect(self._start, self._at))
        elif self._box is not None:
            draw_band(painter, self._box)
        for stroke in self._strokes_shown():
            draw_stroke(painter, stroke.points, width=2 * stroke.radius_px, adds=stroke.is_object)

    def _strokes_shown(self) -> list[Stroke]:
        if not self._line:
            return self._strokes
        radius = self._width.value / 2 / self.stage.scale
        line = Stroke(np.array(self._line), radius, is_object=self._is_object)
        return [*self._strokes, line]

    def _go_on(self) -> None:
        """Looks for the object, with all strokes that are new; one search after the other."""
        rgb = self.stage.pixels()
        if self._found.is_searching or rgb is None or self._box is None:
            return
        iterations, size_hw = self._iterations.value, self.stage.size_hw
        if not self._past:
            box = (self._box.left(), self._box.top(), self._box.right(), self._box.bottom())
            self._found.search(partial(_first, rgb, box, iterations, size_hw))
        elif self._strokes:
            self._n_in_search = len(self._strokes)
            strokes = tuple(self._strokes)
            cut = self._past[-1].cut
            self._found.search(partial(_next, cut, strokes, iterations, size_hw))

    def _on_found(self, answer: _Answer) -> None:
        del self._strokes[: self._n_in_search]
        self._n_in_search = 0
        self._past.append(answer)
        self._found.show(answer.parts)
        self._go_on()
        if not answer.parts and not self._found.is_searching:
            self.stage.refused.emit(tr(_NOTHING_FOUND))
        elif self._is_kept_when_found:
            self._keep()

    def _take_search_back(self) -> None:
        if not self._past or not self._n_in_search:
            self._drop()
            return
        self._found.drop()
        self._strokes, self._n_in_search = [], 0
        self._found.show(self._past[-1].parts)

    def _keep(self) -> None:
        self._is_kept_when_found = self._found.is_searching
        if not self._found.is_searching and self._found.keep():
            self._drop()

    def _drop(self) -> None:
        self._start = self._box = None
        self._line, self._strokes, self._past = [], [], []
        self._n_in_search, self._turned = 0, 0.0
        self._is_kept_when_found = False
        self._found.drop()


def _rect(start: Xy, end: Xy) -> QRectF:
    return QRectF(QPointF(*start), QPointF(*end)).normalized()


def _first(
    rgb: Rgb, box_xyxy: tuple[float, float, float, float], iterations: int, size_hw: tuple[int, int]
) -> _Answer:
    """Called in a thread."""
    cut = cut_out(rgb, box_xyxy, iterations=iterations)
    return _Answer(cut, parts_of_cut(cut, size_hw))


def _next(
    cut: Cut, strokes: tuple[Stroke, ...], iterations: int, size_hw: tuple[int, int]
) -> _Answer:
    """Called in a thread."""
    after = recut(cut, strokes, iterations=iterations)
    return _Answer(after, parts_of_cut(after, size_hw))


TOOL = ToolSpec("grabcut", GrabcutTool)
