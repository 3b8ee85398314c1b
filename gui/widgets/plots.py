"""Live plots of a run: losses, learning rate, and AP on the val images, over its iterations."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.texts import QT_TR_NOOP, tr
from gui.widgets.plotting import PlotLibrary, colour_plot, curve_colour, plain_plot

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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = PlotLibrary(self)
        self._library.came.connect(self._draw_changed)
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

    def _build(self) -> None:
        for which, title in _TITLES.items():
            column = QVBoxLayout()
            column.setSpacing(4)
            legend = QLabel(tr(title))
            legend.setWordWrap(True)
            legend.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(legend)
            plot = plain_plot(tr(title))
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
        for plot in self._plots.values():
            colour_plot(plot, self.palette())

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
        if not (self._changed and self.isVisible() and self._library.is_there()):
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
            colour = curve_colour(n_there, self.palette())
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
