"""Take regions of like colour by clicks."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from core.geometry import contains
from core.pixels import Pick, Window, coloured_like, parts_of_mask, ready_for_picks
from core.pixels.window import Rgb
from core.types import Part
from gui.canvas.found import NO_PICTURE, Found
from gui.canvas.stage import Stage
from gui.canvas.tool_options import NumberOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec
from gui.texts import tr

_A_NOTCH = 2
"""By how much a notch of the wheel changes the tolerance."""


class WandTool(Tool):
    """A click takes the region around it; Shift adds another click's region, Alt or the right
    button takes it away."""

    takes_right_button = True  # many desktops take Alt and the mouse for themselves

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._tolerance = NumberOption(
            "tolerance",
            tr("Tolerance"),
            value=20,
            low=1,
            high=200,
            tip=tr(
                "How much the colour may differ from that of the pixel that was clicked; the wheel"
                " changes it after a click."
            ),
        )
        self.options = (self._tolerance,)
        self._picks: tuple[Pick, ...] = ()
        self._window: Window | None = None
        self._turned = 0.0
        self._is_kept_when_found = False
        self._found = Found(stage, self._on_found)
        self._tolerance.changed.connect(self._search)

    def hint(self) -> str:
        if not self._picks:
            return tr("Click on a region of one colour.")
        return tr(
            "Enter or a double click keeps it; the wheel takes in more or less, Shift+click adds a"
            " region, Alt or the right button takes one away."
        )

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        height, width = self.stage.size_hw
        x, y = at.xy
        if not (0 <= x < width and 0 <= y < height):
            return
        if self.stage.pixels() is None:
            self.stage.refused.emit(tr(NO_PICTURE))
            return
        takes_away = at.is_right or at.holds(Qt.KeyboardModifier.AltModifier)
        adds = at.holds(Qt.KeyboardModifier.ShiftModifier) or takes_away
        if takes_away and not self._picks:
            return  # there is nothing to take it from
        if not adds and contains(self._found.parts, at.xy):
            return  # the first press of a double click, which keeps it
        if not self._picks:
            # a class key is for this region from now on, not for what was drawn before
            self.stage.document.select(())
        before = self._picks if adds else ()
        self._picks = (*before, Pick(at.xy, takes_away=takes_away))
        self._search()

    def double_click(self, at: Pointer) -> None:
        if at.is_right:
            self.press(at)
        elif self._picks:
            self._keep()

    def wheel(self, at: Pointer, notches: float) -> bool:
        if not self._picks:
            return False
        # a touchpad gives parts of a notch
        self._turned += notches * _A_NOTCH
        whole = int(self._turned)
        self._turned -= whole
        self._tolerance.set_value(self._tolerance.value + whole)
        return True

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if not self._picks:
            return {}
        nothing, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        return {
            (Qt.Key.Key_Return, nothing): self._keep,
            (Qt.Key.Key_Enter, nothing): self._keep,
            (Qt.Key.Key_Escape, nothing): self._drop,
            (Qt.Key.Key_Backspace, nothing): self.delete_vertex,
            (Qt.Key.Key_Z, ctrl): self.delete_vertex,
        }

    def delete_vertex(self) -> None:
        """Takes the last click back."""
        self._picks = self._picks[:-1]
        if self._picks:
            self._search()
        else:
            self._drop()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        return self._found.bounds()

    def paint(self, painter: QPainter) -> None:
        self._found.paint(painter)

    def _search(self) -> None:
        rgb = self.stage.pixels()
        if self._picks and rgb is not None:
            self._found.search(
                partial(_regions, rgb, self._window, self._picks, self._tolerance.value)
            )

    def _on_found(self, answer: tuple[Window, tuple[Part, ...]]) -> None:
        self._window, parts = answer
        self._found.show(parts)
        if self._is_kept_when_found:
            self._keep()

    def _keep(self) -> None:
        self._is_kept_when_found = self._found.is_searching
        if not self._found.is_searching and self._found.keep():
            self._drop()

    def _drop(self) -> None:
        self._picks, self._window = (), None
        self._is_kept_when_found = False
        self._turned = 0.0
        self._found.drop()


def _regions(
    rgb: Rgb, window: Window | None, picks: tuple[Pick, ...], tolerance: int
) -> tuple[Window, tuple[Part, ...]]:
    """The window to use again, and what is alike. Called in a thread."""
    height, width = rgb.shape[:2]
    window = window or ready_for_picks(rgb)
    mask = coloured_like(window, picks, tolerance=tolerance)
    return window, parts_of_mask(mask, window, (height, width))


TOOL = ToolSpec("wand", WandTool)
