"""What the list of classes shows while a folder has none: which ones are wanted?"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui.texts import tr


class ClassQuestion(QWidget):
    """Asks, with a way to answer for each kind of list that people have."""

    typing_wanted = Signal()
    text_file_wanted = Signal()
    coco_file_wanted = Signal()
    file_chosen = Signal(object)
    """Path of an offered file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        question = QLabel(tr("Which classes do you want to label?"), wordWrap=True)
        font = question.font()
        font.setBold(True)
        question.setFont(font)
        hint = QLabel(tr("Or draw first, and name what you drew."), wordWrap=True)
        self.type_button = _button(tr("Type them…"), tr("Type the names, one a line."))
        self.text_button = _button(tr("From names.txt…"), tr("A text file with one name a line."))
        self.coco_button = _button(
            tr("From a COCO file…"), tr("The categories of a COCO file, with ids.")
        )
        self.type_button.clicked.connect(self.typing_wanted)
        self.text_button.clicked.connect(self.text_file_wanted)
        self.coco_button.clicked.connect(self.coco_file_wanted)
        self.offers: list[QPushButton] = []
        self._offered = QVBoxLayout()
        self._offered.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(question)
        layout.addLayout(self._offered)
        for widget in (self.type_button, self.text_button, self.coco_button, hint):
            layout.addWidget(widget)
        layout.addStretch(1)

    def offer(self, files: Sequence[Path], folder: Path) -> None:
        """Offers files of this folder by name, in the place of those before."""
        while self.offers:
            button = self.offers.pop()
            self._offered.removeWidget(button)
            button.deleteLater()
        for file in files:
            name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
            button = _button(
                tr("Use {file}").format(file=name),
                tr("Take the classes that {file} lists.").format(file=file),
            )
            button.clicked.connect(partial(self.file_chosen.emit, file))
            self._offered.addWidget(button)
            self.offers.append(button)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button
