"""Live plots of a run: losses, learning rate, and AP on the val images, over its iterations.

pyqtgraph costs 150 to 500 ms to import, so it is imported in a thread when there is something to
plot: it is Python and lets go of the interpreter all the while. PySide6 comes before it (with
another binding installed it may pick that one otherwise).
"""

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.texts import QT_TR_NOOP, tr

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999933")
_DARK, _LIGHTER_PERCENT = 128, 145
"""On a ground of less lightness the curves are lighter."""
_REDRAW_MS = 300  # one plot each time, as it costs a frame; iterations come faster than eyes follow
_SPARSE = 0.3  # of the numbers on an axis, where 1 is pyqtgraph's own density
_LOSS, _RATE, _AP = "loss", "rate", "ap"
_TITLES = {
    _LOSS: QT_TR_NOOP("Loss"),
    _RATE: QT_TR_NOOP("Learning rate"),
    _AP: QT_TR_NOOP("AP on the val images, percent"),
}
_RATE_NAME = "lr"
_SHOWN_AS = {
    "total_loss": QT_TR_NOOP("total"),
    "loss_cls": QT_TR_NOOP("class"),
    "loss_box_reg": QT_TR_NOOP("box"),
    "loss_mask": QT_TR_NOOP("mask"),
    "loss_rpn_cls": QT_TR_NOOP("proposal"),
    "loss_rpn_loc": QT_TR_NOOP("proposal box"),
    "segm/AP": QT_TR_NOOP("mask AP"),
    "segm/AP50": QT_TR_NOOP("mask AP50"),
    "bbox/AP": QT_TR_NOOP("box AP"),
    "bbox/AP50": QT_TR_NOOP("box AP50"),
}


class Curves(QWidget):
    """Curves that grow; made of points (iteration, value) under the names that are shown."""

    _imported = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._importing: threading.Thread | None = None
        self._is_imported = False
        self._imported.connect(self._on_imported, Qt.ConnectionType.QueuedConnection)
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._plots: dict[str, Any] = {}
        self._curves: dict[str, Any] = {}
        self._legends: dict[str, QLabel] = {}
        self._changed: set[str] = set()
        self._turns = [_LOSS, _RATE, _AP]
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self._draw_one)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setMinimumHeight(120)

    @property
    def names(self) -> tuple[str, ...]:
        """The curves that have points."""
        return tuple(self._points)

    def points_of(self, name: str) -> tuple[list[float], list[float]]:
        """Iterations and values of a curve."""
        return self._points[name]

    def clear(self) -> None:
        """Begins anew."""
        self._points.clear()
        self._changed.clear()
        self._forget_curves()

    def _forget_curves(self) -> None:
        for plot in self._plots.values():
            plot.clear()
        self._curves.clear()
        for which, legend in self._legends.items():
            legend.setText(tr(_TITLES[which]))

    def add(self, iteration: int, values: Mapping[str, float]) -> None:
        """One more point of each curve; what no plot shows is left out."""
        for name, value in values.items():
            if _plot_of(name):
                xs, ys = self._points.setdefault(name, ([], []))
                # A run that broke off goes on from its last checkpoint: what came after is void.
                while xs and xs[-1] >= iteration:
                    del xs[-1], ys[-1]
                xs.append(iteration)
                ys.append(value)
                self._changed.add(name)
        if self._changed and not self._redraw.isActive():
            self._redraw.start()

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        self._changed.update(self._points)
        self._draw_changed()

    def changeEvent(self, event: QEvent) -> None:
        """As Qt asks."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plots:
            self._forget_curves()  # their colours are for the ground that was
            self._colour()
            self._changed.update(self._points)
            self._draw_changed()

    def _can_plot(self) -> bool:
        """Whether pyqtgraph is there; else it is on its way."""
        if self._importing is None:
            self._importing = threading.Thread(target=self._import, name="plots", daemon=True)
            self._importing.start()
        return self._is_imported

    def _import(self) -> None:
        """Called in a thread."""
        import pyqtgraph  # noqa: F401 (for the window's thread, which then has it at once)

        with contextlib.suppress(RuntimeError):  # the window, and this widget with it, is gone
            self._imported.emit()

    def _on_imported(self) -> None:
        self._is_imported = True
        self._draw_changed()

    def _build(self) -> None:
        import pyqtgraph

        for which, title in _TITLES.items():
            column = QVBoxLayout()
            column.setSpacing(4)
            legend = QLabel(tr(title))
            legend.setWordWrap(True)
            legend.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(legend)
            plot = pyqtgraph.PlotWidget()
            plot.setAccessibleName(tr(title))
            plot.setMenuEnabled(False)
            plot.hideButtons()
            plot.showGrid(x=False, y=True, alpha=0.2)
            plot.setMouseEnabled(x=False, y=False)
            column.addWidget(plot, 1)
            self._layout.addLayout(column, 2 if which != _RATE else 1)
            self._legends[which] = legend
            self._plots[which] = plot
        self._plots[_AP].setYRange(0, 100)
        self._plots[_RATE].getAxis("bottom").setTickDensity(_SPARSE)  # it is the narrow one
        # "0.0005" rather than "500 µ": a rate has no unit that could be micro
        self._plots[_RATE].getAxis("left").enableAutoSIPrefix(False)
        self._colour()

    def _colour(self) -> None:
        ink = self.palette().color(QPalette.ColorRole.Text)
        for plot in self._plots.values():
            plot.setBackground(self.palette().color(QPalette.ColorRole.Base))
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(ink)
                axis.setTextPen(ink)

    def _draw_one(self) -> None:
        """Draws the plot that has waited longest, and the next a moment later."""
        if self._changed:
            waiting = {_plot_of(name) for name in self._changed}
            self._turns.sort(key=lambda which: which not in waiting)
            self._draw_changed(self._turns[0])
            self._turns.append(self._turns.pop(0))
        if self._changed and self.isVisible():
            self._redraw.start()

    def _draw_changed(self, only: str = "") -> None:
        if not (self._changed and self.isVisible() and self._can_plot()):
            return
        if not self._plots:
            self._build()
        drawn = sorted(name for name in self._changed if only in ("", _plot_of(name)))
        for name in drawn:
            self._draw(name)
        self._changed.difference_update(drawn)
        iterations = [x for xs, _ in self._points.values() for x in (xs[0], xs[-1])]
        for which in {_plot_of(name) for name in drawn}:
            self._plots[which].setXRange(min(iterations), max(iterations))

    def _draw(self, name: str) -> None:
        if name not in self._curves:
            import pyqtgraph

            which = _plot_of(name)
            n_there = sum(_plot_of(one) == which for one in self._curves)
            colour = _COLOURS[n_there % len(_COLOURS)]
            if self.palette().color(QPalette.ColorRole.Base).lightness() < _DARK:
                colour = QColor(colour).lighter(_LIGHTER_PERCENT).name()
            pen = pyqtgraph.mkPen(colour, width=2 if name in ("total_loss", "segm/AP") else 1)
            symbol = "o" if which == _AP else None
            self._curves[name] = self._plots[which].plot(
                pen=pen, symbol=symbol, symbolSize=5, symbolBrush=colour, symbolPen=None
            )
            if which != _RATE:  # there it is the only one
                entry = f' <span style="color:{colour}">\u25cf</span>&nbsp;{_shown_as(name)}'
                legend = self._legends[which]
                legend.setText(legend.text() + entry)
        self._curves[name].setData(*self._points[name])


def _shown_as(name: str) -> str:
    """The name of a curve in a legend, which is not broken."""
    words = tr(_SHOWN_AS[name]) if name in _SHOWN_AS else name
    return words.replace(" ", "&nbsp;")


def _plot_of(name: str) -> str:
    """The plot that a number belongs to, or an empty string."""
    if "loss" in name:
        return _LOSS
    if name == _RATE_NAME:
        return _RATE
    return _AP if name.endswith("/AP") or name.endswith("/AP50") else ""
