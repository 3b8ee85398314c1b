"""What the instances of each class were taken for, from a confidence on that a slider sets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSlider,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.matches import Indices
from core.plots.charts import shade
from core.plots.svg import LIGHT, Palette
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.curve_chart import plot_palette
from gui.widgets.measured.number_table import Index, faint, is_pick, look_like_numbers
from gui.widgets.words import percent_text, whole_percents
from gui.widgets.wrapped import WrappedLabel

_HOW = QT_TR_NOOP(
    "A line is what it is, a column what the model took it for. The last column counts instances"
    " that nothing found, the last line predictions where nothing is. The more of its line a cell"
    " has, the stronger its colour."
)
_OVERLAPS = {
    "segm": QT_TR_NOOP("Two are the same from a mask IoU of 0.50 on."),
    "bbox": QT_TR_NOOP("Two are the same from a box IoU of 0.50 on."),
}
_NO_PARENT = QModelIndex()
_WIDEST_PX, _BESIDE_PX = 140, 20
_ACROSS = Qt.Orientation.Horizontal


class ConfusionModel(QAbstractTableModel):
    """Counts, the background last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self._cells: Indices = np.zeros((0, 0), np.int64)
        self._sums: Sequence[int] = ()
        """Of the lines."""
        self._palette: Palette = LIGHT

    @property
    def cells(self) -> Indices:
        """(K + 1, K + 1) what is shown."""
        return self._cells

    def show_names(self, classes: Sequence[str]) -> None:
        """Of these classes, without counts yet."""
        self.beginResetModel()
        self._names = (*classes, tr("background")) if classes else ()
        self._cells = np.zeros((len(self._names), len(self._names)), np.int64)
        self._sums = [0] * len(self._names)
        self.endResetModel()

    def show_cells(self, cells: Indices) -> None:
        """Shows these counts."""
        if cells.shape != self._cells.shape:
            return  # of classes that are shown no more
        self._cells, self._sums = cells, cells.sum(axis=1).tolist()
        if n := len(self._names):
            self.dataChanged.emit(self.index(0, 0), self.index(n - 1, n - 1))

    def set_palette(self, palette: Palette) -> None:
        """Shades with these colours."""
        self._palette = palette

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._names)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """As Qt asks."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._names[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return str(self._cells[row, column])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._shade(row, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(row, column)
        return None

    def words(self, row: int, column: int) -> str:
        """What a cell counts, with its number."""
        return f"{self.title(row, column)}: {self._cells[row, column]}"

    def title(self, row: int, column: int) -> str:
        """What a cell counts."""
        background = len(self._names) - 1
        truth, seen = self._names[row], self._names[column]
        if row == column == background:
            return tr("Background as such is not counted")
        if row == background:
            return tr("{class_name} seen where nothing is").format(class_name=seen)
        if column == background:
            return tr("{class_name} that nothing found").format(class_name=truth)
        if row == column:
            return tr("{class_name} found as such").format(class_name=truth)
        return tr("{class_name} taken for {other}").format(class_name=truth, other=seen)

    def _shade(self, row: int, column: int) -> QColor:
        colour = self._palette.first if row == column else self._palette.second
        return faint(colour, shade(int(self._cells[row, column]), (self._sums[row],)))


class _Matrix(QTableView):
    """A click on a cell, or Enter, picks it."""

    picked = Signal(int, int)

    def __init__(self, model: ConfusionModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(tr("What was taken for what"))
        self.setToolTip(tr("A click on a cell, or Enter, lists the images behind it."))
        look_like_numbers(self)
        # to ask each of thousands of cells for its width takes longer than to count them
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelReset.connect(self._widen)
        self.clicked.connect(lambda at: self.picked.emit(at.row(), at.column()))

    def _widen(self) -> None:
        """Makes the columns wide enough for the names of the classes, or for most of them."""
        names = [
            str(self.model().headerData(n, _ACROSS)) for n in range(self.model().columnCount())
        ]
        header = self.horizontalHeader()
        widest = max(map(header.fontMetrics().horizontalAdvance, names), default=0)
        header.setDefaultSectionSize(min(widest + _BESIDE_PX, _WIDEST_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks."""
        at = self.currentIndex()
        if is_pick(event) and at.isValid():
            self.picked.emit(at.row(), at.column())
        else:
            super().keyPressEvent(event)


class ConfusionView(QWidget):
    """A slider and the matrix that it counts anew."""

    threshold_moved = Signal(float)
    threshold_shown = Signal(float)
    """It was moved, or is that of other classes."""
    cell_picked = Signal(int, int)
    """Line and column; the number of the classes is the background."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._best: float | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(tr("Confidence from which on predictions count"))
        self.slider.setToolTip(tr("Predictions that are less sure than this do not count here."))
        self.value = QLabel()
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(percent_text(1)))
        self.best_button = QPushButton(tr("Best F1"), autoDefault=False)
        self.best_button.setToolTip(tr("The confidence of the best F1 of all classes together."))
        self.model = ConfusionModel(self)
        self.matrix = _Matrix(self.model)
        self.how = WrappedLabel()
        moving = QHBoxLayout()
        moving.setSpacing(8)
        moving.addWidget(QLabel(tr("Confidence")))
        moving.addWidget(self.slider, 1)
        moving.addWidget(self.value)
        moving.addWidget(self.best_button)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(moving)
        layout.addWidget(self.how)  # above: what is told lies over the lower edge
        layout.addWidget(self.matrix, 1)
        self.slider.valueChanged.connect(self._on_moved)
        self.best_button.clicked.connect(self._go_to_best)
        self.matrix.picked.connect(self.cell_picked)

    @property
    def threshold(self) -> float:
        """The least score that counts."""
        return self.slider.value() / 100

    def show_classes(
        self, classes: Sequence[str], *, threshold: float, best: float | None, task: str
    ) -> None:
        """Begins anew; `show_cells` has the counts.

        Args:
            classes: their names.
            threshold: to begin at.
            best: of the best F1; None where there is none.
            task: segm: overlaps are of masks; bbox: of boxes.
        """
        self.how.setText(f"{tr(_HOW)} {tr(_OVERLAPS[task])}")
        self._best = best
        self.best_button.setEnabled(best is not None)
        self.model.set_palette(plot_palette(self))
        self.model.show_names(classes)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(whole_percents(threshold) * 100))
        self._tell()

    def show_cells(self, cells: Indices) -> None:
        """Shows these counts."""
        self.model.set_palette(plot_palette(self))
        self.model.show_cells(cells)

    def _on_moved(self, _value: int) -> None:
        self._tell()
        self.threshold_moved.emit(self.threshold)

    def _go_to_best(self) -> None:
        if self._best is not None:
            self.slider.setValue(round(whole_percents(self._best) * 100))

    def _tell(self) -> None:
        self.value.setText(percent_text(self.threshold))
        self.threshold_shown.emit(self.threshold)
