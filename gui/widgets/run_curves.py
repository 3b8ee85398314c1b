"""The curves of several runs in one plot, of one metric at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.runs_compared import Curve, smoothed
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.plotting import PlotLibrary, colour_plot, curve_colour, plain_plot
from gui.widgets.wrapped import WrappedLabel

_TITLES = {
    "segm/AP": QT_TR_NOOP("Mask AP"),
    "segm/AP50": QT_TR_NOOP("Mask AP50"),
    "segm/AP75": QT_TR_NOOP("Mask AP75"),
    "bbox/AP": QT_TR_NOOP("Box AP"),
    "bbox/AP50": QT_TR_NOOP("Box AP50"),
    "bbox/AP75": QT_TR_NOOP("Box AP75"),
    "total_loss": QT_TR_NOOP("Total loss"),
    "loss_cls": QT_TR_NOOP("Loss of the classes"),
    "loss_box_reg": QT_TR_NOOP("Loss of the boxes"),
    "loss_mask": QT_TR_NOOP("Loss of the masks"),
    "loss_rpn_cls": QT_TR_NOOP("Loss of the proposals"),
    "loss_rpn_loc": QT_TR_NOOP("Loss of the proposals' boxes"),
    "lr": QT_TR_NOOP("Learning rate"),
    "grad_norm": QT_TR_NOOP("Norm of the gradients"),
    "seconds": QT_TR_NOOP("Seconds an iteration"),
}
"""What metrics are called; the others by their own names."""
_FIRST = ("segm/AP", "bbox/AP", "total_loss")
"""What is shown where nobody chose: the first of these that there is."""
_FEW = 40
"""A curve of at most so many points has a mark on each."""
_SMOOTH_SHARE = 0.05
"""Of a curve's points: so many are averaged."""


@dataclass(frozen=True, slots=True)
class RunCurve:
    """A run, and what it said of every metric."""

    name: str
    curves: Mapping[str, Curve]


class RunCurves(QWidget):
    """A choice of metrics above a plot with a curve a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: Sequence[RunCurve] = ()
        self._wished = ""
        self._plot: Any = None
        self._library = PlotLibrary(self)
        self._library.came.connect(self._draw)
        self.metrics = QComboBox()
        self.metrics.setAccessibleName(tr("Metric"))
        self.metrics.setToolTip(tr("Which number is drawn, by iteration."))
        self.metrics.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.metrics.activated.connect(self._on_metric_chosen)
        self.smooth = QCheckBox(tr("Smooth"))
        self.smooth.setToolTip(tr("Draw the mean of neighbouring points of long curves."))
        self.smooth.setAccessibleName(tr("Smooth the curves"))
        self.smooth.setChecked(True)
        self.smooth.toggled.connect(lambda _: self._draw())
        self.legend = WrappedLabel()
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.metrics)
        choices.addWidget(self.smooth)
        choices.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addLayout(choices)
        self._layout.addWidget(self.legend)
        self._layout.addWidget(self.empty, 1)

    def show_runs(self, runs: Sequence[RunCurve]) -> None:
        """Draws these runs; the metric stays as it was chosen."""
        self._runs = runs
        there = {name for one in runs for name in one.curves}
        known = [*_TITLES, *sorted(there - _TITLES.keys())]
        names = [name for name in known if name in there]
        self.metrics.clear()
        for name in names:
            self.metrics.addItem(tr(_TITLES[name]) if name in _TITLES else name, name)
            last = self.metrics.count() - 1
            self.metrics.setItemData(last, name, Qt.ItemDataRole.ToolTipRole)
        wished = [name for name in (self._wished, *_FIRST, *names) if name in names]
        if wished:
            self.metrics.setCurrentIndex(self.metrics.findData(wished[0]))
        self._draw()

    def points_of(self, number: int) -> Curve:
        """What is drawn of a run now, by its place; nothing where it has no such metric."""
        curve = self._runs[number].curves.get(self._name, ((), ()))
        n_averaged = round(_SMOOTH_SHARE * len(curve[0]))
        return smoothed(curve, n_averaged) if self.smooth.isChecked() else curve

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """As Qt asks."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            colour_plot(self._plot, self.palette())
            self._draw()

    @property
    def _name(self) -> str:
        return str(self.metrics.currentData() or "")

    def _on_metric_chosen(self) -> None:
        self._wished = self._name
        self._draw()

    def _draw(self) -> None:
        has_any = self.metrics.count() > 0
        self.metrics.setEnabled(has_any)
        self.smooth.setEnabled(has_any)
        self.legend.setText(self._legend_text() if has_any else "")
        self.empty.setText("" if has_any else self._why_empty())
        if self._plot is not None:
            self._plot.setVisible(has_any)
        self.empty.setVisible(not has_any or self._plot is None)
        if not (has_any and self.isVisible() and self._library.is_there()):
            return
        if self._plot is None:
            self._build()
        self._draw_curves()

    def _why_empty(self) -> str:
        if self._runs:
            return tr("These runs have said no numbers yet.")
        return tr("Choose runs above; their curves are drawn here.")

    def _build(self) -> None:
        self._plot = plain_plot(tr("Curves of the chosen runs"))
        self._plot.getAxis("left").enableAutoSIPrefix(False)
        self._plot.setDownsampling(auto=True, mode="peak")  # more points than pixels cost a frame
        colour_plot(self._plot, self.palette())
        self._layout.addWidget(self._plot, 1)
        self.empty.hide()

    def _draw_curves(self) -> None:
        import pyqtgraph

        self._plot.clear()
        for number in range(len(self._runs)):
            xs, ys = self.points_of(number)
            if not xs:
                continue
            colour = curve_colour(number, self.palette())
            self._plot.plot(
                xs,
                ys,
                pen=pyqtgraph.mkPen(colour, width=2),
                symbol="o" if len(xs) <= _FEW else None,
                symbolSize=5,
                symbolBrush=colour,
                symbolPen=None,
            )
        self._plot.enableAutoRange()
        self._plot.getPlotItem().setLabel("bottom", tr("iteration"))

    def _legend_text(self) -> str:
        return " &nbsp; ".join(self._entry(number, one) for number, one in enumerate(self._runs))

    def _entry(self, number: int, run: RunCurve) -> str:
        colour = curve_colour(number, self.palette())
        name = escape(run.name).replace(" ", "&nbsp;")
        if self._name not in run.curves:
            name = tr("{run} (none)").format(run=name).replace(" ", "&nbsp;")
        return f'<span style="color:{colour}">\u25cf</span>&nbsp;{name}'
