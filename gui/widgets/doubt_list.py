"""The list of doubts: one row each, in two lines."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from core.doubts import Doubt, DoubtKind
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.swatch import swatch

KIND_WORDS = {
    DoubtKind.MISSED: QT_TR_NOOP("Missed"),
    DoubtKind.WRONG_CLASS: QT_TR_NOOP("Wrong class"),
    DoubtKind.DOUBLE: QT_TR_NOOP("Double"),
    DoubtKind.LOOSE: QT_TR_NOOP("Loose border"),
    DoubtKind.CROSSING: QT_TR_NOOP("Crosses itself"),
    DoubtKind.OUTSIDE: QT_TR_NOOP("Off the image"),
    DoubtKind.TINY: QT_TR_NOOP("Tiny"),
}
"""In English: what shows them translates them."""
_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_UNKNOWN_COLOUR = "#9a9a9a"


class DoubtModel(QAbstractListModel):
    """Doubts, one a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._doubts: tuple[Doubt, ...] = ()
        self._colours: Mapping[int, str] = {}

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is shown, from top to bottom."""
        return self._doubts

    def show_doubts(self, doubts: Sequence[Doubt], colours: Mapping[int, str]) -> None:
        """Shows these, with the colours of their classes."""
        self.beginResetModel()
        self._doubts, self._colours = tuple(doubts), dict(colours)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._doubts)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        doubt = self._doubts[index.row()]
        words = f"{tr(KIND_WORDS[doubt.kind])} · {doubt.key}"
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{words}\n{doubt.sentence}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{words}: {doubt.sentence}"
        if role == Qt.ItemDataRole.DecorationRole:
            return swatch(self._colours.get(doubt.class_id, _UNKNOWN_COLOUR))
        return None


class DoubtList(QListView):
    """Shows a DoubtModel; rows of one height are laid out without a look at each."""

    deleted = Signal()
    """Delete was pressed, which here is of the doubts and not of the instances."""

    def __init__(self, model: DoubtModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(tr("Doubts"))
        self.setUniformItemSizes(True)
        self.setSpacing(1)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def event(self, event: QEvent) -> bool:
        """As Qt asks."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks."""
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)
