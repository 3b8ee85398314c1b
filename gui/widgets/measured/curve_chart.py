"""A curve of shares, painted by hand: keys and the mouse move along it, Enter and a click pick.

No plotting library is loaded for it: it costs as much as the window's start.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
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

from core.plots.svg import DARK, LIGHT, Palette
from gui.widgets.measured.number_table import is_pick

_Key = Qt.Key
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_DARK = 128
_NONE = -1
_RADIUS = 5.0
_MOST_PAINTED = 1500
"""Points: a screen shows no more of them side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points from 0 to 1 both ways; without any, the note stands in their place."""

    title: str
    axes: tuple[str, str]
    x: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """(P,)."""
    y: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """(P,)."""
    words_of: Callable[[int], str] = str
    """What a point says."""
    mark: int | None = None
    """The point that is marked."""
    note: str = ""
    is_stairs: bool = False
    """Whether y holds from the point before, as where a threshold moves between two scores."""


def plot_palette(widget: QWidget) -> Palette:
    """The colours of plots on the ground of a widget."""
    ground = widget.palette().color(QPalette.ColorRole.Base)
    return DARK if ground.lightness() < _DARK else LIGHT


class CurveChart(QWidget):
    """One curve; the current point is ringed, and said."""

    moved = Signal(int)
    """The current point is another one."""
    picked = Signal(int)
    """A person wants what is behind this point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = Curve("", ("", ""))
        self._current = _NONE
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def current(self) -> int:
        """The current point, or -1."""
        return self._current

    @property
    def words(self) -> str:
        """What the current point says, or why there is none."""
        curve = self._curve
        return curve.note if self._current == _NONE else curve.words_of(self._current)

    def show_curve(self, curve: Curve) -> None:
        """Shows this one, at its mark."""
        self._curve = curve
        self._current = _NONE if curve.mark is None else curve.mark
        self._tell()

    def go_to(self, point: int) -> None:
        """Makes this the current point."""
        n = len(self._curve.x)
        if n and (point := min(max(point, 0), n - 1)) != self._current:
            self._current = point
            self._tell()

    def minimumSizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 11, line * 11)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 20, line * 17)

    # By keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go along the curve, Enter picks."""
        n, at = len(self._curve.x), self._current
        right = -1 if n and self._curve.x[0] > self._curve.x[-1] else 1
        steps = {
            _Key.Key_Left: at - right,
            _Key.Key_Right: at + right,
            _Key.Key_PageUp: at - max(1, n // 10),
            _Key.Key_PageDown: at + max(1, n // 10),
            _Key.Key_Home: 0,
            _Key.Key_End: n - 1,
        }
        if n and is_pick(event) and at != _NONE:
            self.picked.emit(at)
        elif n and event.key() in steps:
            self.go_to(steps[_Key(event.key())])
            self.moved.emit(self._current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Picks the nearest point."""
        point = self.point_near(event.position())
        if event.button() is Qt.MouseButton.LeftButton and point != _NONE:
            self.go_to(point)
            self.moved.emit(point)
            self.picked.emit(point)

    def point_near(self, at: QPointF) -> int:
        """The point that is nearest on the screen, or -1."""
        if not len(self._curve.x):
            return _NONE
        frame = self._frame()
        x = frame.left() + self._curve.x * frame.width()
        y = frame.bottom() - self._curve.y * frame.height()
        return int(((x - at.x()) ** 2 + (y - at.y()) ** 2).argmin())

    def place_of(self, point: int) -> QPointF:
        """Where a point is on the screen."""
        frame = self._frame()
        x, y = float(self._curve.x[point]), float(self._curve.y[point])
        return QPointF(frame.left() + x * frame.width(), frame.bottom() - y * frame.height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """As Qt asks."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """As Qt asks."""
        super().focusOutEvent(event)
        self.update()

    def _tell(self) -> None:
        title = self._curve.title
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.words)
        self.setToolTip(f"{title}\n{self.words}".strip())
        self.update()

    # Painting

    def _frame(self) -> QRectF:
        metrics = self.fontMetrics()
        line = metrics.lineSpacing()
        left = metrics.horizontalAdvance("0.75") + 8
        around = QRectF(self.rect())
        return around.adjusted(left, 2 * line + 6, -line, -2 * line - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, frame = plot_palette(self), self._frame()
        self._paint_axes(painter, frame, colours)
        if len(self._curve.x):
            self._paint_curve(painter, colours)
        else:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.setPen(QColor(colours.quiet))
            painter.drawText(frame, flags, self._curve.note)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_axes(self, painter: QPainter, frame: QRectF, colours: Palette) -> None:
        line = self.fontMetrics().lineSpacing()
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        middle, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight
        for tick in _TICKS:
            x, y = frame.left() + tick * frame.width(), frame.bottom() - tick * frame.height()
            painter.setPen(QColor(colours.line))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
            painter.setPen(ink)
            flags = right | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - line / 2, frame.left() - 5, line), flags, f"{tick:g}")
            below = QRectF(x - line * 2, frame.bottom() + 2, line * 4, line)
            painter.drawText(below, middle, f"{tick:g}")
        painter.setPen(ink)
        title = QRectF(2, 2, self.width() - 4, line)
        metrics = self.fontMetrics()
        elided = metrics.elidedText(
            self._curve.title, Qt.TextElideMode.ElideRight, int(title.width())
        )
        painter.drawText(title, middle, elided)
        lowest = QRectF(0, frame.bottom() + line + 2, self.width(), line)
        painter.drawText(lowest, middle, f"{self._curve.axes[0]} →")
        above = QRectF(frame.left(), frame.top() - line - 2, frame.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft, f"↑ {self._curve.axes[1]}")

    def _paint_curve(self, painter: QPainter, colours: Palette) -> None:
        painter.setPen(QPen(QColor(colours.first), 2))
        painter.drawPolyline(QPolygonF(self._corners()))
        painter.setBrush(QColor(colours.first))
        if len(self._curve.x) == 1:
            painter.drawEllipse(self.place_of(0), 2, 2)
        mark = self._curve.mark
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        if mark is not None:
            painter.setPen(QPen(ink, 1.5))
            painter.setBrush(QColor(colours.second))
            painter.drawEllipse(self.place_of(mark), _RADIUS, _RADIUS)
        if self._current not in (_NONE, mark):
            painter.setPen(QPen(ink, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.place_of(self._current), _RADIUS, _RADIUS)

    def _corners(self) -> list[QPointF]:
        n = len(self._curve.x)
        shown = np.unique(np.linspace(0, n - 1, min(n, _MOST_PAINTED)).round().astype(np.int64))
        frame, curve = self._frame(), self._curve
        x = (frame.left() + curve.x[shown] * frame.width()).tolist()
        y = (frame.bottom() - curve.y[shown] * frame.height()).tolist()
        places = list(map(QPointF, x, y))
        if not self._curve.is_stairs:
            return places
        corners = [places[0]]
        for before, after in pairwise(places):
            corners += [QPointF(after.x(), before.y()), after]
        return corners
