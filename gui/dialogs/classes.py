"""Choosing a class by typing, or making a new one."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.types import LabelClass
from gui.widgets.swatch import swatch


class ClassDialog(QDialog):
    """A field to type in, and the classes that fit; what fits none becomes a new class."""

    chosen = Signal(str)
    """The name of a class, there already or new."""

    def __init__(
        self, classes: Sequence[LabelClass], title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._classes = classes
        self.name = QLineEdit(placeholderText="Name of a class")
        self.name.setAccessibleName("Name of a class")
        self.name.textChanged.connect(self._on_text_changed)
        self.name.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Classes")
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.name, self.list, self.hint, self.buttons):
            layout.addWidget(widget)
        self.list.currentRowChanged.connect(lambda _: self._update())
        self._on_text_changed("")
        self.resize(320, 360)

    @property
    def wished_name(self) -> str:
        """The class that is chosen now: the one picked in the list, or what is typed."""
        item = self.list.currentItem()
        return item.text() if item is not None else self.name.text().strip()

    def accept(self) -> None:
        """As Qt asks; nothing where no class is named."""
        if self.wished_name:
            self.chosen.emit(self.wished_name)
            super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the field move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
            if (step := steps.get(Qt.Key(event.key()))) is not None:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
                return True
        return super().eventFilter(watched, event)

    def _on_text_changed(self, text: str) -> None:
        typed = text.strip()
        self.list.clear()
        for one in self._classes:
            if typed.casefold() in one.name.casefold():
                self.list.addItem(QListWidgetItem(swatch(one.colour), one.name))
        names = [self.list.item(row).text() for row in range(self.list.count())]
        exact = names.index(typed) if typed in names else -1
        self.list.setCurrentRow(exact if typed else -1)
        self._update()

    def _update(self) -> None:
        is_new = self.list.currentItem() is None and bool(self.wished_name)
        self.hint.setText(f"“{self.wished_name}” becomes a new class." if is_new else "")
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText("Add class" if is_new else "Choose")
        ok.setEnabled(bool(self.wished_name))
