"""A table of numbers, each of which opens what is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_PADDING_PX = 8


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is called, and what it means."""

    title: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    title: str
    texts: Sequence[str]
    """One a column."""
    meaning: str = ""
    tips: Sequence[str] = field(default=())
    """Of the cells, where they say more than the meaning of the line."""


class NumberTable(QTableWidget):
    """Lines with a title each; a click on a cell, or Enter, picks it."""

    picked = Signal(int, int)
    """Line and column of a cell."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """An empty table.

        Args:
            name: what is in it, for a screen reader and as its tooltip.
            parent: as of any QWidget.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        look_like_numbers(self)
        self.clicked.connect(lambda at: self.picked.emit(at.row(), at.column()))

    def show_lines(self, columns: Sequence[Column], lines: Sequence[Line]) -> None:
        """Shows these and no others; the current cell stays where it was."""
        at = (self.currentRow(), self.currentColumn())
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(len(lines))
        for place, column in enumerate(columns):
            header = QTableWidgetItem(column.title)
            header.setToolTip(column.meaning or column.title)
            self.setHorizontalHeaderItem(place, header)
        for row, line in enumerate(lines):
            title = QTableWidgetItem(line.title)
            title.setToolTip(line.meaning or line.title)
            self.setVerticalHeaderItem(row, title)
            for place, text in enumerate(line.texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(line.tips[place] if line.tips else line.meaning)
                self.setItem(row, place, item)
        if 0 <= at[0] < len(lines) and 0 <= at[1] < len(columns):
            self.setCurrentCell(*at)

    def text_at(self, row: str, column: str) -> str:
        """What is shown in a line and a column of these titles; empty where there are none."""
        return text_in(self, row, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks."""
        at = self.currentIndex()
        if event.key() in _ENTERS and at.isValid():
            self.picked.emit(at.row(), at.column())
        else:
            super().keyPressEvent(event)


def look_like_numbers(table: QTableView) -> None:
    """Makes a table one that is looked at, not edited, and that Tab leaves."""
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    for header in (table.horizontalHeader(), table.verticalHeader()):
        header.setHighlightSections(False)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    table.verticalHeader().setDefaultAlignment(left)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + _PADDING_PX)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)


def is_pick(event: QKeyEvent) -> bool:
    """Whether a key opens what is behind the current cell."""
    return event.key() in _ENTERS


def text_in(table: QTableView, row: str, column: str) -> str:
    """What a table shows in a line and a column of these titles; empty where there are none."""
    model = table.model()
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    rows = [model.headerData(n, down) for n in range(model.rowCount())]
    columns = [model.headerData(n, across) for n in range(model.columnCount())]
    if row not in rows or column not in columns:
        return ""
    return str(model.index(rows.index(row), columns.index(column)).data())


def faint(colour: str, share: float) -> QColor:
    """The colour so light that a number can be read on it."""
    shaded = QColor(colour)
    shaded.setAlphaF(share)
    return shaded


Index = QModelIndex | QPersistentModelIndex
"""As Qt gives places of a model."""
