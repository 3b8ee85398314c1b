"""How the dialogs that write something are laid out: fields, words about them, then the buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLayout, QVBoxLayout, QWidget

_WIDTH_PX = 560
_LINES = 4


def words_label(dialog: QDialog, text: str = "") -> QLabel:
    """A label with room for what is said while a person chooses, so that nothing jumps."""
    words = QLabel(text, wordWrap=True)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    words.setMinimumHeight(dialog.fontMetrics().lineSpacing() * _LINES)
    return words


def lay_out(dialog: QDialog, *parts: QWidget | QLayout, buttons: QDialogButtonBox) -> None:
    """Puts the parts below each other, the buttons last, and lets the buttons end the dialog."""
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(16, 16, 16, 16)
    layout.setSpacing(8)
    for part in parts:
        if isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    layout.addStretch(1)
    layout.addWidget(buttons)
    dialog.setMinimumWidth(_WIDTH_PX)
