"""A bar a round, for each of a few numbers: small charts side by side, painted by hand.

They are few bars that change seldom: no plotting library is loaded for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QWidget

_BAR_PX = 44.0
"""The widest."""
_PART_OF_PLACE = 0.6
"""Of the place of a round that its bar takes."""
_FAINT_INK = 160


@dataclass(frozen=True, slots=True)
class Bars:
    """One chart."""

    title: str
    values: Sequence[float | None]
    """One a round; None: there is no number."""
    texts: Sequence[str]
    """The values as they are written."""
    names: Sequence[str]
    """Of the rounds, short."""
    most: float | None = None
    """The value of a bar as high as the chart; None: the largest one."""


class EffortBars(QWidget):
    """Charts beside each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._charts: list[_Chart] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(16)

    def show_bars(self, charts: Sequence[Bars]) -> None:
        """Shows these charts and no others."""
        for chart in self._charts:
            self._layout.removeWidget(chart)
            chart.setParent(None)
            chart.deleteLater()
        self._charts = [_Chart(bars) for bars in charts]
        for chart in self._charts:
            self._layout.addWidget(chart, 1)


class _Chart(QWidget):
    """The bars of one number, each with its value above and its round below."""

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self._bars = bars
        pairs = zip(bars.names, bars.texts, strict=True)
        said = [f"{name}: {text}" for name, text in pairs]
        self.setAccessibleName(f"{bars.title}. {', '.join(said)}")
        self.setToolTip("\n".join((bars.title, *said)))

    def minimumSizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 7, line * 8)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 14, line * 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = float(self.fontMetrics().lineSpacing())
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(ink)
        title = QRectF(0, 0, self.width(), line)
        middle = Qt.AlignmentFlag.AlignCenter
        painter.drawText(title, middle, self._elided(self._bars.title, title.width()))
        ground = self.height() - line - 4
        painter.setPen(_fainter(ink))
        painter.drawLine(0, round(ground), self.width(), round(ground))
        if self._bars.values:
            self._paint_bars(painter, top=2.5 * line, ground=ground)

    def _paint_bars(self, painter: QPainter, *, top: float, ground: float) -> None:
        bars, line = self._bars, float(self.fontMetrics().lineSpacing())
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        most = bars.most or max((one for one in bars.values if one is not None), default=0) or 1
        across = self.width() / len(bars.values)
        wide = min(across * _PART_OF_PLACE, _BAR_PX)
        middle = Qt.AlignmentFlag.AlignCenter
        for place, value in enumerate(bars.values):
            high = (ground - top) * min((value or 0) / most, 1)
            left = across * place
            bar = QRectF(left + (across - wide) / 2, ground - high, wide, high)
            is_last = place == len(bars.values) - 1
            colour = self.palette().color(QPalette.ColorRole.Highlight)
            painter.fillRect(bar, colour if is_last else _fainter(colour))
            painter.setPen(ink)
            above = QRectF(left, bar.top() - line - 2, across, line)
            painter.drawText(above, middle, self._elided(bars.texts[place], across))
            painter.setPen(_fainter(ink))
            below = QRectF(left, ground + 4, across, line)
            painter.drawText(below, middle, self._elided(bars.names[place], across - 4))

    def _elided(self, text: str, width: float) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))


def _fainter(colour: QColor) -> QColor:
    faint = QColor(colour)
    faint.setAlpha(_FAINT_INK)
    return faint
