"""A note about instances."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from gui.texts import n_instances, tr

_LINES = 5
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class NoteDialog(QDialog):
    """A few lines of text; Enter takes them, Shift+Enter begins a new line.

    It holds nothing up: the window can be worked in while it is open.
    """

    written = Signal(str)
    """The new note, where a person changed it."""

    def __init__(self, notes: Collection[str], parent: QWidget | None = None) -> None:
        """A dialog about instances that have these notes now, each one; empty where it has none."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number = len(notes)
        self.setWindowTitle(
            tr("Note")
            if number == 1
            else tr("Note on {instances}").format(instances=n_instances(number))
        )
        different = set(notes)
        self.text = QPlainTextEdit(different.pop() if len(different) == 1 else "")
        self.text.setAccessibleName(tr("Note"))
        self.text.setPlaceholderText(
            tr("They have different notes; what you write replaces them.")
            if different
            else tr("What should be known about it?")
        )
        self.text.setToolTip(tr("Enter saves the note, Shift+Enter begins a new line."))
        self.text.setTabChangesFocus(True)
        self.text.selectAll()
        self.text.installEventFilter(self)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.text)
        layout.addWidget(self.buttons)
        metrics = self.fontMetrics()
        self.text.setMinimumHeight(metrics.lineSpacing() * _LINES)
        self.resize(metrics.averageCharWidth() * 48, 0)

    def accept(self) -> None:
        """As Qt asks; a note that was left as it was is not written."""
        if self.text.document().isModified():
            self.written.emit(self.text.toPlainText())
        super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter alone takes the note."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            holds_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if Qt.Key(event.key()) in _ENTER and not holds_shift:
                self.accept()
                return True
        return super().eventFilter(watched, event)
