"""A number from round to round as one line, painted by hand; keys and the mouse pick a round."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from gui.texts import tr
from gui.widgets.measured.curve_chart import plot_palette
from gui.widgets.measured.number_table import is_pick

_NONE = -1
_RADIUS = 5.0


@dataclass(frozen=True, slots=True)
class RoundsLine:
    """One number over the rounds."""

    title: str
    names: Sequence[str]
    """Of the rounds, the oldest first."""
    values: Sequence[float | None]
    """One a round, on the same images; None: not measured on them."""
    others: Sequence[float | None]
    """One a round, on its images of then: painted hollow, beside the line."""
    decimals: int = 1


class RoundsChart(QWidget):
    """The line, with each value above its point."""

    picked = Signal(int)
    """A person wants what is behind this round."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = RoundsLine("", (), (), ())
        self._current = _NONE
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def line(self) -> RoundsLine:
        """What is shown."""
        return self._line

    @property
    def current(self) -> int:
        """The current round, or -1."""
        return self._current

    def show_line(self, line: RoundsLine) -> None:
        """Shows this one; the newest round is the current one."""
        self._line = line
        self._current = len(line.names) - 1
        self._tell()

    def minimumSizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 10, line * 9)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 20, line * 15)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from round to round, Enter picks."""
        last = len(self._line.names) - 1
        steps = {
            Qt.Key.Key_Left: self._current - 1,
            Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if is_pick(event) and self._current != _NONE:
            self.picked.emit(self._current)
        elif event.key() in steps and last >= 0:
            self._current = min(max(steps[Qt.Key(event.key())], 0), last)
            self._tell()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Picks the round that is nearest."""
        n = len(self._line.names)
        if n and event.button() is Qt.MouseButton.LeftButton:
            frame = self._frame()
            share = (event.position().x() - frame.left()) / max(frame.width(), 1)
            self._current = min(max(int(share * n), 0), n - 1)
            self._tell()
            self.picked.emit(self._current)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """As Qt asks."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """As Qt asks."""
        super().focusOutEvent(event)
        self.update()

    def words(self, place: int) -> str:
        """What a round says."""
        line = self._line
        now, then = (_text(side[place], line.decimals) for side in (line.values, line.others))
        text = tr("{round}: {number}; on its images of then {other}")
        return text.format(round=line.names[place], number=now, other=then)

    def _tell(self) -> None:
        said = [self.words(place) for place in range(len(self._line.names))]
        self.setAccessibleName(self._line.title)
        self.setAccessibleDescription("" if self._current == _NONE else said[self._current])
        self.setToolTip("\n".join((self._line.title, *said)))
        self.update()

    # Painting

    def _frame(self) -> QRectF:
        line = self.fontMetrics().lineSpacing()
        return QRectF(self.rect()).adjusted(4, 2.6 * line, -4, -1.6 * line)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, frame = self.fontMetrics().lineSpacing(), self._frame()
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(ink)
        title = QRectF(0, 2, self.width(), line)
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, self._line.title)
        painter.setPen(QColor(plot_palette(self).quiet))
        painter.drawLine(frame.bottomLeft(), frame.bottomRight())
        if self._line.names:
            self._paint_names(painter, frame)
            self._paint_others(painter)
            self._paint_values(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def place_of(self, place: int, value: float) -> QPointF:
        """Where a value of a round is on the screen."""
        frame, line = self._frame(), self._line
        known = [one for one in (*line.values, *line.others) if one is not None]
        most = max(known, default=0) or 1
        x = frame.left() + (place + 0.5) * frame.width() / len(line.names)
        return QPointF(x, frame.bottom() - frame.height() * min(value / most, 1))

    def _paint_names(self, painter: QPainter, frame: QRectF) -> None:
        across, height = frame.width() / len(self._line.names), self.fontMetrics().lineSpacing()
        for place, name in enumerate(self._line.names):
            below = QRectF(frame.left() + across * place, frame.bottom() + 4, across, height)
            is_current = place == self._current
            role = QPalette.ColorRole.WindowText
            painter.setPen(
                self.palette().color(role) if is_current else QColor(plot_palette(self).quiet)
            )
            shown = self.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideMiddle, int(across - 4)
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_others(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(plot_palette(self).quiet), 1.5))
        for place, value in enumerate(self._line.others):
            if value is not None:
                at = self.place_of(place, value)
                painter.drawRect(QRectF(at.x() - _RADIUS, at.y() - _RADIUS, 10, 10))

    def _paint_values(self, painter: QPainter) -> None:
        there = [(n, one) for n, one in enumerate(self._line.values) if one is not None]
        places = {n: self.place_of(n, one) for n, one in there}
        colours = plot_palette(self)
        painter.setPen(QPen(QColor(colours.first), 2))
        painter.drawPolyline(QPolygonF(list(places.values())))
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        height = self.fontMetrics().lineSpacing()
        for place, value in there:
            at = places[place]
            painter.setPen(QPen(ink, 1.5 if place == self._current else 0.5))
            painter.setBrush(QColor(colours.second if place == self._current else colours.first))
            painter.drawEllipse(at, _RADIUS, _RADIUS)
            painter.setPen(ink)
            above = QRectF(at.x() - 60, at.y() - _RADIUS - height - 2, 120, height)
            text = _text(value, self._line.decimals)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)


def _text(value: float | None, decimals: int) -> str:
    return tr("n/a") if value is None else f"{value:.{decimals}f}"
