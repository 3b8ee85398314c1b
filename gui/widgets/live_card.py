"""A card in the middle of the live view: what goes on, and the way on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.events import Progress
from gui.widgets.words import progress_steps, progress_text

_WIDTH_PX = 420


class LiveCard(QFrame):
    """A sentence, how far it is where that is known, and a button where there is a way on."""

    answered = Signal()
    """The button was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setFixedWidth(_WIDTH_PX)
        self.title = QLabel()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        self.title.setFont(font)
        self.sentence = QLabel()
        for label in (self.title, self.sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.progress = QProgressBar()
        self.button = QPushButton()
        self.button.clicked.connect(self.answered)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.sentence)
        layout.addWidget(self.progress)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_words(
        self, sentence: str, *, title: str = "", answer: str = "", explanation: str = ""
    ) -> None:
        """Says this; without a sentence it hides.

        Args:
            sentence: what goes on.
            title: above it.
            answer: the text of the button; empty: there is none.
            explanation: what the button does, in a sentence.
        """
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.sentence.setText(sentence)
        self.button.setText(answer)
        self.button.setToolTip(explanation)
        self.button.setVisible(bool(answer))
        self.progress.hide()
        self.setVisible(bool(sentence))

    def show_progress(self, progress: Progress) -> None:
        """Says how far it is."""
        done, total = progress_steps(progress)
        self.sentence.setText(progress_text(progress))
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.progress.show()
