"""The rows of the classes: name, key, and an eye that shows and hides what is of the class."""

from collections.abc import Collection, Iterable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from core.types import LabelClass
from gui.texts import tr
from gui.widgets.icons import icon_of
from gui.widgets.swatch import swatch

NAME, KEY, EYE = range(3)
"""The columns."""
_ID_ROLE = Qt.ItemDataRole.UserRole
_EYE_PX = 24


class ClassTree(QTreeWidget):
    """Shows classes; a name and a key can be typed into."""

    eye_wanted = Signal(int)
    """The id of the class to hide or to show: its eye was pressed, or the space bar on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hidden: frozenset[int] = frozenset()
        self.setAccessibleName(tr("Classes"))
        self.setHeaderLabels([tr("Class"), tr("Key"), ""])
        self.setRootIsDecorated(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_EYE_PX)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(KEY, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(EYE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(EYE, _EYE_PX)

    @property
    def items(self) -> list[QTreeWidgetItem]:
        """The rows from top to bottom."""
        found = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def fill(self, classes: Iterable[LabelClass]) -> None:
        """Shows these classes and no others."""
        self.clear()
        for one in classes:
            item = QTreeWidgetItem([one.name, one.key])
            item.setIcon(NAME, swatch(one.colour))
            item.setData(NAME, _ID_ROLE, one.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setToolTip(NAME, _tooltip(one.name, one.key))
            self.addTopLevelItem(item)
        self._draw_eyes()

    def set_hidden(self, ids: Collection[int]) -> None:
        """Closes the eyes of these classes, and opens those of all others."""
        self._hidden = frozenset(ids)
        self._draw_eyes()

    def id_of(self, item: QTreeWidgetItem) -> int:
        """The id of the class of a row."""
        return int(item.data(NAME, _ID_ROLE))

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_hidden"):
            self._draw_eyes()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on an eye toggles it and leaves the current class as it is."""
        if not self._toggle(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick presses on an eye toggles it back."""
        if not self._toggle(event):
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar is a press on the eye of the current class."""
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Space and item is not None:
            self.eye_wanted.emit(self.id_of(item))
        else:
            super().keyPressEvent(event)

    def _toggle(self, event: QMouseEvent) -> bool:
        at = event.position().toPoint()
        item = self.itemAt(at)
        if event.button() is not Qt.MouseButton.LeftButton or self.columnAt(at.x()) != EYE:
            return False
        if item is not None:
            self.eye_wanted.emit(self.id_of(item))
        return True

    def _draw_eyes(self) -> None:
        # an icon is a change of the item, and nobody typed it
        was_blocked = self.blockSignals(True)
        for item in self.items:
            is_hidden = self.id_of(item) in self._hidden
            name = "hide_selected" if is_hidden else "show_all"
            item.setIcon(EYE, icon_of(name, self.palette()))
            tip = (
                tr("Hidden: click to show it (space bar).")
                if is_hidden
                else tr("Shown: click to hide it (space bar).")
            )
            item.setToolTip(EYE, tip)
            words = tr("hidden") if is_hidden else tr("shown")
            item.setData(EYE, Qt.ItemDataRole.AccessibleTextRole, words)
        self.blockSignals(was_blocked)
        self.viewport().update()


def _tooltip(name: str, key: str) -> str:
    sentences = [tr("{name} is drawn next.").format(name=name)]
    if key:
        sentences.append(tr("Press {key} to give it to what is selected.").format(key=key))
    return " ".join((*sentences, tr("Double-click to rename.")))
