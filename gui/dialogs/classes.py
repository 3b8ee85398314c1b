"""Choosing a class by typing, or making a new one."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
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
from gui.texts import tr
from gui.widgets.icons import icon_of
from gui.widgets.swatch import swatch

_NAME_ROLE = Qt.ItemDataRole.UserRole


class ClassDialog(QDialog):
    """A field to type in, the classes that fit, the best first, and last a new one of that name.

    Enter takes what is picked in the list, Up and Down pick another.
    """

    chosen = Signal(str)
    """The name of a class, there already or new."""

    def __init__(
        self,
        classes: Sequence[LabelClass],
        title: str,
        parent: QWidget | None = None,
        *,
        prefers_new: bool = False,
    ) -> None:
        """A dialog over these classes.

        Args:
            classes: of the project.
            title: of the dialog.
            parent: as of any widget.
            prefers_new: whether a name that no class has means a new one at first, even where it is
                a part of another's.
        """
        super().__init__(parent)
        self._prefers_new = prefers_new
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._classes = classes
        self.name = QLineEdit(placeholderText=tr("Name of a class"))
        self.name.setAccessibleName(tr("Name of a class"))
        self.name.textChanged.connect(self._on_text_changed)
        self.name.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Classes"))
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (self.name, self.list, self.hint, self.buttons):
            layout.addWidget(widget)
        self.list.currentRowChanged.connect(lambda _: self._update())
        self._on_text_changed("")
        self.resize(320, 360)

    @property
    def wished_name(self) -> str:
        """The name of the class that is picked in the list, there already or new, or empty."""
        item = self.list.currentItem()
        return str(item.data(_NAME_ROLE)) if item is not None else ""

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
        fitting = [one for one in self._classes if typed.casefold() in one.name.casefold()]
        fitting.sort(key=lambda one: _distance(typed, one.name))
        is_known = bool(fitting) and _distance(typed, fitting[0].name) == 0
        self.list.clear()
        for one in fitting:
            self._add(one.name, one.name, swatch(one.colour))
        if typed and not is_known:
            self._add(
                tr("New class “{name}”").format(name=typed), typed, icon_of("add", self.palette())
            )
        wants_new = self._prefers_new and not is_known
        self.list.setCurrentRow(-1 if not typed else self.list.count() - 1 if wants_new else 0)
        self._update()

    def _add(self, words: str, name: str, icon: QIcon) -> None:
        item = QListWidgetItem(icon, words)
        item.setData(_NAME_ROLE, name)
        self.list.addItem(item)

    def _update(self) -> None:
        names = {one.name for one in self._classes}
        is_new = bool(self.wished_name) and self.wished_name not in names
        self.hint.setText(
            "" if self.wished_name else tr("Type a name, or pick one with the arrows.")
        )
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText(tr("Add class") if is_new else tr("Choose"))
        ok.setEnabled(bool(self.wished_name))


def _distance(typed: str, name: str) -> int:
    """How far a name that has it in it is from what was typed; 0: it is the name."""
    wanted, whole = typed.casefold(), name.casefold()
    if whole == wanted:
        return 0
    return 1 if whole.startswith(wanted) else 2
