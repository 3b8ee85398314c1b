"""AP as a table: a line a number and a line a class, n/a where there is nothing to measure on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.words import ap_text

_METRICS = {
    "AP": QT_TR_NOOP("The mean over how well an instance must be met, IoU 0.50 to 0.95."),
    "AP50": QT_TR_NOOP("An instance counts as found where half of it is met (IoU 0.50)."),
    "AP75": QT_TR_NOOP("An instance counts as found only where it is met well (IoU 0.75)."),
    "APs": QT_TR_NOOP("Of small instances, under 32² pixels."),
    "APm": QT_TR_NOOP("Of instances of 32² to 96² pixels."),
    "APl": QT_TR_NOOP("Of large instances, over 96² pixels."),
}
_OF_CLASS = "AP-"
_TASKS = ("segm", "bbox")
_ALONE = {"segm": QT_TR_NOOP("Mask"), "bbox": QT_TR_NOOP("Box")}
_BEFORE = {"segm": QT_TR_NOOP("Mask before"), "bbox": QT_TR_NOOP("Box before")}
_AFTER = {"segm": QT_TR_NOOP("Mask after"), "bbox": QT_TR_NOOP("Box after")}


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    numbers: Mapping[str, Json]
    rival: Mapping[str, Json] | None = None
    """The column that this one is compared with."""


class ApTable(QTableWidget):
    """Shows one measurement, or two of the same images beside each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setAccessibleName(tr("Average precision, in percent"))
        self.setToolTip(
            tr("Average precision in percent: 100 is perfect. n/a: nothing to measure on.")
        )
        self.setTabKeyNavigation(False)
        self.verticalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setAlternatingRowColors(True)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)

    def show_before_and_after(
        self, before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
    ) -> None:
        """AP of start weights and of what came out, {"bbox": {...}, "segm": {...}} in percent; None
        where it was not measured. The better of two is marked in words."""
        columns = []
        for task in _TASKS:
            old, new = ((side or {}).get(task) or {} for side in (before, after))
            if before:
                columns.append(_Column(tr(_BEFORE[task]), old, rival=new))
            title = _AFTER[task] if before else _ALONE[task]
            columns.append(_Column(tr(title), new, rival=old))
        self._show(columns if before or after else [])

    def wished_width(self) -> int:
        """At which every column is seen."""
        beside = (
            self.verticalHeader().sizeHint().width() + self.verticalScrollBar().sizeHint().width()
        )
        return self.horizontalHeader().length() + beside + 2 * self.frameWidth()

    def text_at(self, row: str, column: str) -> str:
        """What is shown in a line and a column of these titles; empty where there are none."""
        model = self.model()
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        rows = [model.headerData(n, down) for n in range(self.rowCount())]
        columns = [model.headerData(n, across) for n in range(self.columnCount())]
        if row not in rows or column not in columns:
            return ""
        return str(model.index(rows.index(row), columns.index(column)).data())

    def _show(self, columns: Sequence[_Column]) -> None:
        names = list(dict.fromkeys(name for column in columns for name in column.numbers))
        self.clear()
        self.setRowCount(len(names))
        self.setColumnCount(len(columns))
        self.setHorizontalHeaderLabels([column.title for column in columns])
        for row, name in enumerate(names):
            header = QTableWidgetItem(name.removeprefix(_OF_CLASS))
            header.setToolTip(_meaning(name))
            self.setVerticalHeaderItem(row, header)
            for place, column in enumerate(columns):
                self.setItem(row, place, _measured(column, name))


def _meaning(name: str) -> str:
    if name in _METRICS:
        return tr(_METRICS[name])
    return tr("AP of the class {name}.").format(name=name.removeprefix(_OF_CLASS))


def _measured(column: _Column, name: str) -> QTableWidgetItem:
    value = column.numbers.get(name)
    text = ap_text(value)
    other = (column.rival or {}).get(name)
    if value is None or other is None or not value > other:
        return _number(text)
    item = _number(tr("{number} (best)").format(number=text))
    font = item.font()
    font.setBold(True)
    item.setFont(font)
    return item


def _number(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
