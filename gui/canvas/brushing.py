"""What brush and eraser do: a round stroke that is added to an instance or taken out of some."""

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from core import edits
from core.geometry import stroke_of_brush
from gui.canvas.erasing import edit_that_erases
from gui.canvas.stage import Stage
from gui.canvas.stroke_item import RingHider, StrokeItem
from gui.canvas.tool_options import NumberOption
from gui.canvas.tools import Keys, Pointer, Tool, Xy
from gui.texts import tr

_LEAST_PX, _MOST_PX, _FIRST_PX = 1, 2000, 40
_GROWTH = 1.15
"""How much larger a notch of the wheel, or a key, makes the brush."""
_STEP_PX = 1.0
"""The way of the mouse on the screen that is worth a point of the stroke."""
_STROKE_ALPHA = 120
_ERASED = QColor(128, 128, 128, 160)
_NOTHING = Qt.KeyboardModifier.NoModifier


class PaintingTool(Tool):
    """Paints with the left button and erases with Alt or the right one; the eraser only erases."""

    takes_right_button = True

    def __init__(self, stage: Stage, *, erases: bool) -> None:
        super().__init__(stage)
        self.size = NumberOption(
            "size", tr("Size"), value=_FIRST_PX, low=_LEAST_PX, high=_MOST_PX, unit=" px",
            tip=tr("The diameter in pixels of the image. The wheel sets it, or the keys , and '."),
        )  # fmt: skip
        self.options = (self.size,)
        self._always_erases = erases
        self._is_erasing = False
        self._points: list[Xy] = []
        self._targets: frozenset[str] = frozenset()
        self._at: Pointer | None = None
        self._turned = 0.0
        self._item = StrokeItem()
        self._item.hide()
        self._ring_hider = RingHider(self._item)
        stage.scene.addItem(self._item)
        self.size.changed.connect(self._show_ring)

    @property
    def is_painting(self) -> bool:
        """Whether a stroke is on its way."""
        return bool(self._points)

    def hint(self) -> str:
        has_selection = bool(self.stage.document.selection)
        if self._always_erases:
            if has_selection:
                return tr("Drag to erase from the selected; the wheel sets the size.")
            return tr("Drag to erase from the instance you begin on; the wheel sets the size.")
        if has_selection:
            return tr(
                "Drag to add to the selected, with Alt or the right button to erase; the wheel sets"
                " the size; Escape lets go, for a new instance."
            )
        return tr(
            "Drag to paint a new instance, with Alt or the right button to erase; the wheel sets"
            " the size."
        )

    def enter(self) -> None:
        self._item.show()
        self._ring_hider.watch(True)

    def leave(self) -> None:
        self._drop()
        self._ring_hider.watch(False)
        self._item.hide_ring()
        self._item.hide()

    def press(self, at: Pointer) -> None:
        if self._points:
            return
        self._is_erasing = self._erases(at)
        targets = self._erasable(at.xy) if self._is_erasing else self._paintable(at.xy)
        if targets is not None:
            self._targets, self._points = targets, [at.xy]
            self._item.begin(at.xy, radius=self._radius, colour=self._colour())
        self._follow(at)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        if self._points and math.dist(at.xy, self._points[-1]) * self.stage.scale >= _STEP_PX:
            self._points.append(at.xy)
            self._item.add(at.xy)
        self._follow(at)

    def release(self, at: Pointer) -> None:
        if not self._points:
            return
        points, targets = [*self._points, at.xy], self._targets
        self._drop()
        stroke = stroke_of_brush(points, radius_px=self._radius, size_hw=self.stage.size_hw)
        if not stroke:
            return  # beside the image
        if self._is_erasing:
            edit_that_erases(
                self.stage,
                tr("Erase"),
                lambda labels: edits.with_erased(labels, targets, stroke=stroke),
            )
        elif targets:
            (one,) = targets
            self.stage.document.edit(
                tr("Paint"), lambda labels: edits.with_painted(labels, one, stroke=stroke)
            )
        else:
            self.stage.drawn.add_parts(stroke)

    def wheel(self, at: Pointer, notches: float) -> bool:
        self._at = at
        self._turned += notches
        while abs(self._turned) >= 1:
            step = math.copysign(1.0, self._turned)
            self._turned -= step
            self._resize(larger=step > 0)
        return True

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if self._points:
            return {
                (Qt.Key.Key_Escape, _NOTHING): self._drop,
                (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier): self._drop,
            }
        found: dict[Keys, Callable[[], None]] = {
            (Qt.Key.Key_Comma, _NOTHING): lambda: self._resize(larger=False),
            (Qt.Key.Key_Apostrophe, _NOTHING): lambda: self._resize(larger=True),
        }
        if self.stage.document.selection:
            found[(Qt.Key.Key_Escape, _NOTHING)] = lambda: self.stage.document.select(())
        return found

    def labels_changed(self, ids: frozenset[str]) -> None:
        known = {one.id for one in self.stage.document.labels.instances}
        if not self._targets <= known - self.stage.document.marks.out_of_reach:
            self._drop()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    @property
    def _radius(self) -> float:
        return self.size.value / 2

    def _erases(self, at: Pointer) -> bool:
        return self._always_erases or at.is_right or at.holds(Qt.KeyboardModifier.AltModifier)

    def _paintable(self, xy: Xy) -> frozenset[str] | None:
        """The one to paint on; none of them for a new one; None where neither can be."""
        selected = self.stage.document.selection
        if len(selected) < 2:
            return self._in_reach(selected)
        hit = self.stage.instance_at(xy)
        if hit in selected:
            return frozenset({hit})
        self.stage.refused.emit(
            tr("Several instances are selected. Begin on the one to paint on, or select it alone.")
        )
        return None

    def _erasable(self, xy: Xy) -> frozenset[str] | None:
        """Those to erase from; None where there are none."""
        if selected := self.stage.document.selection:
            return self._in_reach(selected)
        hit = self.stage.instance_at(xy)
        if hit is not None:
            return frozenset({hit})
        self.stage.refused.emit(tr("Begin on the instance to erase from, or select it first."))
        return None

    def _in_reach(self, ids: frozenset[str]) -> frozenset[str] | None:
        in_reach = ids - self.stage.document.marks.out_of_reach
        if in_reach != ids:
            self.stage.refused.emit(
                tr("What is locked or hidden is not painted on. Unlock or show it first.")
            )
        return in_reach if in_reach or not ids else None

    def _resize(self, *, larger: bool) -> None:
        value = self.size.value
        if larger:
            self.size.set_value(max(value + 1, round(value * _GROWTH)))
        else:
            self.size.set_value(min(value - 1, round(value / _GROWTH)))

    def _colour(self) -> QColor:
        if self._is_erasing:
            return _ERASED
        class_id = self.stage.drawn.class_id
        for one in self._targets:
            class_id = self.stage.document.labels.instance(one).class_id
        colour = QColor(self.stage.colour_of(-1 if class_id is None else class_id))
        colour.setAlpha(_STROKE_ALPHA)
        return colour

    def _follow(self, at: Pointer) -> None:
        self._at = at
        self._show_ring()

    def _show_ring(self) -> None:
        if self._at is not None and self._item.isVisible():
            is_dashed = self._is_erasing if self._points else self._erases(self._at)
            self._item.show_ring(
                self._at.xy, radius=self._radius, is_dashed=is_dashed, scale=self.stage.scale
            )

    def _drop(self) -> None:
        self._points, self._targets = [], frozenset()
        self._item.clear()
