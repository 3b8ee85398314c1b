"""A grid of crops, of which only those that are seen are painted: tens of thousands scroll freely.

The arrows move, Shift extends, a drag paints over crops; what is done with them is left open.
"""

from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from gui.texts import tr
from gui.widgets.crop_cell import Cell, least_size, paint_cell

_Key = Qt.Key


class CropGrid(QAbstractScrollArea):
    """Shows cells by their places, 0 to `count` - 1, row by row."""

    current_changed = Signal()
    selection_changed = Signal()
    painted = Signal(object)
    """tuple of the places that a drag went over, when the button went up."""
    opened = Signal(int)
    """A place was double clicked, or Enter pressed on it."""
    seen = Signal()
    """Other places are seen; see `visible_places`."""

    def __init__(self, cell_of: Callable[[int], Cell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell_of = cell_of
        self._count = 0
        self._current = -1
        self._anchor = -1
        self._selected: set[int] = set()
        self._stroke: dict[int, None] | None = None
        """The places that a drag went over, while it goes on."""
        self._last_at = QPointF()
        self._empty_text = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.viewport().setAutoFillBackground(True)

    # What is shown

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self._count

    @property
    def current(self) -> int:
        """The place that has the keyboard; -1 where there is none."""
        return self._current

    @property
    def selected(self) -> tuple[int, ...]:
        """The places that are selected, in their order."""
        return tuple(sorted(self._selected))

    def set_count(self, count: int, *, current: int = 0, selected: Collection[int] = ()) -> None:
        """Shows so many cells, all of them new; where none is selected, the current one is."""
        self._count = count
        self._current = max(min(current, count - 1), 0 if count else -1)
        self._anchor = self._current
        self._selected = {one for one in selected if one < count}
        if not self._selected and count:
            self._selected = {self._current}
        self._stroke = None
        self._lay_out()
        self.viewport().update()
        self._tell()

    @property
    def empty_text(self) -> str:
        """What stands in the middle while there is no cell."""
        return self._empty_text

    def set_empty_text(self, text: str) -> None:
        """What stands in the middle while there is no cell: what to do next."""
        self._empty_text = text
        self.viewport().update()

    def refresh(self, places: Iterable[int] | None = None) -> None:
        """Paints these places anew, or all that are seen."""
        if places is None:
            self.viewport().update()
            return
        for place in places:
            self.viewport().update(self.rect_of(place))

    def visible_places(self) -> range:
        """The places that are seen, in part at least."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        row = self._cell_size().height()
        first = top // row * self.n_columns
        last = ((top + height) // row + 1) * self.n_columns
        return range(min(first, self._count), min(last, self._count))

    @property
    def n_columns(self) -> int:
        """How many cells stand beside each other."""
        return max(1, self.viewport().width() // least_size(self.fontMetrics()).width())

    def rect_of(self, place: int) -> QRect:
        """Where a cell is in the viewport; it need not be seen."""
        size = self._cell_size()
        row, column = divmod(place, self.n_columns)
        top = row * size.height() - self.verticalScrollBar().value()
        return QRect(column * size.width(), top, size.width(), size.height())

    def place_at(self, x: float, y: float) -> int:
        """The place at a point of the viewport; -1 where there is none."""
        size = self._cell_size()
        column = int(x // size.width())
        row = int((y + self.verticalScrollBar().value()) // size.height())
        place = row * self.n_columns + column
        is_there = 0 <= column < self.n_columns and 0 <= place < self._count
        return place if is_there else -1

    def select(self, places: Iterable[int]) -> None:
        """Selects these and no others."""
        selected = {one for one in places if 0 <= one < self._count}
        if selected != self._selected:
            self._selected = selected
            self.viewport().update()
            self.selection_changed.emit()

    def go_to(self, place: int, *, extends: bool = False) -> None:
        """Makes a place the current one, and selects it or all from the anchor to it."""
        if not self._count:
            return
        place = min(max(place, 0), self._count - 1)
        if not extends or self._anchor < 0:
            self._anchor = place
        self._current = place
        low, high = sorted((self._anchor, place))
        self._selected = set(range(low, high + 1))
        self._bring_into_view(place)
        self.viewport().update()
        self._tell()

    # By keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves, selects and opens; all other keys are left to whoever holds the grid."""
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        steps = self._steps()
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (_Key.Key_Return, _Key.Key_Enter) and self._current >= 0:
            self.opened.emit(self._current)
        elif event.key() == _Key.Key_A and is_control:
            self.select(range(self._count))
        elif event.key() == _Key.Key_Escape:
            self.select(())
        elif (to := steps.get(_Key(event.key()))) is not None and not is_control:
            self.go_to(to, extends=extends)
        else:
            event.ignore()

    def _steps(self) -> dict[Qt.Key, int]:
        """Where each key leads from the current place."""
        at, columns = self._current, self.n_columns
        screen = max(1, self.viewport().height() // self._cell_size().height()) * columns
        below = at + columns if at + columns < self._count else at
        return {
            _Key.Key_Left: at - 1,
            _Key.Key_Right: at + 1,
            _Key.Key_Up: at - columns if at >= columns else at,
            _Key.Key_Down: below,
            _Key.Key_PageUp: at - screen,
            _Key.Key_PageDown: at + screen,
            _Key.Key_Home: 0,
            _Key.Key_End: self._count - 1,
        }

    # By mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click selects, Ctrl adds, Shift extends; a drag paints."""
        at = event.position()
        place = self.place_at(at.x(), at.y())
        if event.button() is not Qt.MouseButton.LeftButton or place < 0:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.go_to(place, extends=True)
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._current = self._anchor = place
            self.select(self._selected ^ {place})
            self._tell()
            return
        self.go_to(place)
        self._stroke = {place: None}
        self._last_at = at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """As Qt asks."""
        if self._stroke is None:
            return
        for place in self._between(self._last_at, event.position()):
            self._stroke[place] = None
        self._last_at = event.position()
        self.select(self._stroke)
        if len(self._stroke) > 1:
            self._bring_into_view(next(reversed(self._stroke)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As Qt asks."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None and len(stroke) > 1:
            self.painted.emit(tuple(stroke))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As Qt asks."""
        place = self.place_at(event.position().x(), event.position().y())
        if place >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(place)

    def _between(self, start: QPointF, end: QPointF) -> list[int]:
        """The places on the way of the mouse, which may jump over some."""
        size = self._cell_size()
        way = end - start
        n_steps = int(max(abs(way.x()) / size.width(), abs(way.y()) / size.height()) * 4) + 1
        points = (start + way * (step / n_steps) for step in range(1, n_steps + 1))
        places = (self.place_at(at.x(), at.y()) for at in points)
        return [place for place in places if place >= 0]

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._count:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            around = self.viewport().rect().adjusted(32, 32, -32, -32)
            painter.drawText(around, flags, self._empty_text)
        for place in self.visible_places():
            rect = self.rect_of(place)
            if rect.intersects(event.rect()):
                paint_cell(
                    painter, self._cell_of(place), rect, self.palette(),
                    is_selected=place in self._selected,
                    is_current=place == self._current and self.hasFocus(),
                )  # fmt: skip
        painter.end()

    # Inside

    def viewportEvent(self, event: QEvent) -> bool:
        """The tooltip is of the cell under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos().x(), event.pos().y())
            text = self._cell_of(place).tooltip if place >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks."""
        super().resizeEvent(event)
        self._lay_out()
        self.seen.emit()

    def _cell_size(self) -> QSize:
        """With what is left of a row shared among its cells."""
        least = least_size(self.fontMetrics())
        return QSize(max(least.width(), self.viewport().width() // self.n_columns), least.height())

    def _lay_out(self) -> None:
        size, bar = self._cell_size(), self.verticalScrollBar()
        n_rows = -(-self._count // self.n_columns)
        bar.setRange(0, max(0, n_rows * size.height() - self.viewport().height()))
        bar.setSingleStep(size.height() // 2)
        bar.setPageStep(self.viewport().height())

    def _bring_into_view(self, place: int) -> None:
        rect, bar = self.rect_of(place), self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif (below := rect.top() + rect.height() - self.viewport().height()) > 0:
            bar.setValue(bar.value() + below)

    def _on_scrolled(self) -> None:
        self.viewport().update()
        self.seen.emit()

    def _tell(self) -> None:
        if self._current >= 0:
            cell = self._cell_of(self._current)
            where = tr("{place} of {count}").format(place=self._current + 1, count=self._count)
            self.setAccessibleDescription(f"{cell.title}, {cell.words}, {where}")
        self.current_changed.emit()
        self.selection_changed.emit()
        self.seen.emit()
