"""What could not be read, file by file."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.types import Problem
from gui.texts import tr


class ProblemsDialog(QDialog):
    """Lists problems, to be read and copied."""

    def __init__(self, problems: Sequence[Problem], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What could not be read"))
        self.list = QPlainTextEdit("\n\n".join(f"{p.where}\n{p.sentence}" for p in problems))
        self.list.setReadOnly(True)
        self.list.setAccessibleName(tr("Files and reasons"))
        intro = QLabel(tr("These files are in the folder and were left as they are."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (intro, self.list, buttons):
            layout.addWidget(widget)
        self.resize(560, 360)
