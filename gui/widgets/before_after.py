"""A model's size, speed and AP, before it was made small and after, as a table."""

from collections.abc import Iterator, Mapping

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
from gui.widgets.words import ap_text, size_text

_TASKS = {"segm": QT_TR_NOOP("Mask AP"), "bbox": QT_TR_NOOP("Box AP")}
_LINES = 4


class BeforeAfterTable(QTableWidget):
    """A line a number, a column before and one after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("The model before and after"))
        self.setToolTip(
            tr(
                "Size, time and AP of the weights and of the small model. AP is of the val images,"
                " in percent."
            )
        )
        self.setHorizontalHeaderLabels([tr("Before"), tr("After")])
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        lines = self.verticalHeader().defaultSectionSize() * _LINES
        self.setFixedHeight(lines + self.horizontalHeader().sizeHint().height() + 4)

    def show_numbers(self, before: Mapping[str, Json], after: Mapping[str, Json]) -> None:
        """Shows both sides, as the job that made the model small says them."""
        rows = list(_rows(before, after))
        self.setRowCount(len(rows))
        for row, (name, *texts) in enumerate(rows):
            self.setVerticalHeaderItem(row, QTableWidgetItem(name))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.setItem(row, column, item)

    def text_at(self, row: int, column: int) -> str:
        """What stands there; empty where nothing does."""
        item = self.item(row, column)
        return item.text() if item else ""


def _rows(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[tuple[str, ...]]:
    sides = (before, after)
    yield tr("Size"), *(size_text(one["bytes"]) for one in sides)
    yield tr("Time an image"), *(_time_text(one["image_s"]) for one in sides)
    for task, title in _TASKS.items():
        if task in before["ap"]:
            yield tr(title), *(ap_text(one["ap"].get(task)) for one in sides)


def _time_text(seconds: float) -> str:
    if seconds < 1:
        return tr("{n} ms").format(n=round(seconds * 1000))
    return tr("{seconds} s").format(seconds=f"{seconds:.1f}")
