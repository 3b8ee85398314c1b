"""What all plots share: pyqtgraph when it is there, and colours for light and dark grounds.

pyqtgraph costs 150 to 500 ms to import, so it is imported in a thread when there is something to
plot: it is Python and lets go of the interpreter all the while. PySide6 comes before it (with
another binding installed it may pick that one otherwise).
"""

import contextlib
import threading
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999933")
_DARK, _LIGHTER_PERCENT = 128, 145
"""On a ground of less lightness the curves are lighter."""


class PlotLibrary(QObject):
    """pyqtgraph, on its way since it was asked for first."""

    came = Signal()
    _imported = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._importing: threading.Thread | None = None
        self._is_there = False
        self._imported.connect(self._on_imported, Qt.ConnectionType.QueuedConnection)

    def is_there(self) -> bool:
        """Whether it can be used now; else it is on its way, and `came` tells."""
        if self._importing is None:
            self._importing = threading.Thread(target=self._import, name="plots", daemon=True)
            self._importing.start()
        return self._is_there

    def _import(self) -> None:
        """Called in a thread."""
        import pyqtgraph  # noqa: F401 (for the window's thread, which then has it at once)

        with contextlib.suppress(RuntimeError):  # the window, and this object with it, is gone
            self._imported.emit()

    def _on_imported(self) -> None:
        self._is_there = True
        self.came.emit()


def curve_colour(number: int, palette: QPalette) -> str:
    """The colour of a curve, by its number from 0; they begin again after seven.

    They are Okabe's and Ito's, told apart by people whatever colours they see
    (https://jfly.uni-koeln.de/color).
    """
    colour = QColor(_COLOURS[number % len(_COLOURS)])
    if palette.color(QPalette.ColorRole.Base).lightness() < _DARK:
        colour = colour.lighter(_LIGHTER_PERCENT)
    return colour.name()


def plain_plot(name: str) -> Any:
    """A plot that the mouse leaves as it is, with lines across; for those who have pyqtgraph."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.setAccessibleName(name)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.2)
    plot.setMouseEnabled(x=False, y=False)
    return plot


def colour_plot(plot: Any, palette: QPalette) -> None:
    """Gives ground and axes the colours of a palette."""
    ink = palette.color(QPalette.ColorRole.Text)
    plot.setBackground(palette.color(QPalette.ColorRole.Base))
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(ink)
        axis.setTextPen(ink)
