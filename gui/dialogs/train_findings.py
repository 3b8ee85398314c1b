"""What is to be known before a fine-tune, how far the looking is, and what was mended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.events import Progress
from gui.texts import tr
from gui.widgets.findings import FindingsList, FoundSoFar
from gui.widgets.words import progress_text
from gui.widgets.wrapped import WrappedLabel


class TrainFindings(QWidget):
    """The list of findings, and a line below it."""

    take_back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings = FindingsList()
        self.words = WrappedLabel()
        self.take_back_button = QPushButton(tr("Take back"))
        self.take_back_button.setToolTip(tr("Take back what was mended last."))
        self.take_back_button.setAutoDefault(False)
        self.take_back_button.clicked.connect(self.take_back_wanted)
        self._shown: FoundSoFar | None = None
        self._told, self._progress = "", ""
        self._had_focus = False
        """Whether the keyboard was on a finding that is gone, and is nowhere since."""
        line = QHBoxLayout()
        line.addWidget(self.words, 1)
        line.addWidget(self.take_back_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.findings, 1)
        layout.addLayout(line)
        layout.addStretch(0)
        self.allow(can_mend=False, can_take_back=False)
        self._show_words()

    def show_findings(self, so_far: FoundSoFar) -> None:
        """Shows what was found, or a sentence where there is nothing to say."""
        if so_far == self._shown:
            return
        self._shown = so_far
        window = self.window()
        focus = window.focusWidget()
        had_focus = focus is not None and self.findings.isAncestorOf(focus)
        self.findings.show_findings(so_far)
        self._had_focus = self._had_focus or had_focus
        self._give_focus()

    def allow(self, *, can_mend: bool, can_take_back: bool) -> None:
        """Whether fixes can be done now, and one taken back."""
        self.findings.allow_mending(can_mend=can_mend)
        self.take_back_button.setVisible(can_take_back)
        self._give_focus()

    def _give_focus(self) -> None:
        """The keyboard, which was on a button that is gone, goes on where the fix is taken back."""
        if self._had_focus and self.take_back_button.isVisible():
            self._had_focus = False
            self.take_back_button.setFocus()

    def tell(self, sentence: str) -> None:
        """Says what a fix did."""
        self._told = sentence
        self._show_words()

    def show_progress(self, progress: Progress | None) -> None:
        """How far the closer look is; None: it has ended."""
        text = tr("Looking closely: {progress}.")
        self._progress = text.format(progress=progress_text(progress)) if progress else ""
        self._show_words()

    def _show_words(self) -> None:
        words = " ".join(one for one in (self._told, self._progress) if one)
        self.words.setText(words)
        self.words.setVisible(bool(words))
