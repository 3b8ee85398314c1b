"""Notices: sentences for the user above the canvas, with what can be done about them."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.icons import icon_of

_READ_AFTER_MS = 20_000  # a notice without a question goes by itself


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and the buttons that answer it."""

    sentence: str
    answers: tuple[tuple[str, Callable[[], object]], ...] = ()
    """The text of each button and what it does."""
    topic: str = ""
    """A later notice of the same topic takes the place of this one."""


class NoticeBar(QWidget):
    """Shows notices below each other, not in the way of anything, until they are answered."""

    _MOST = 4

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_NoticeRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, oldest first."""
        return tuple(row.notice for row in self._rows)

    def show_notice(self, notice: Notice) -> None:
        """Adds a notice, or puts it in the place of the one of its topic."""
        for row in tuple(self._rows):
            same_topic = bool(notice.topic) and row.notice.topic == notice.topic
            if same_topic or row.notice.sentence == notice.sentence:
                self._remove(row)
        without_answers = [row for row in self._rows if not row.notice.answers]
        if len(self._rows) >= self._MOST and without_answers:
            self._remove(without_answers[0])
        row = _NoticeRow(notice, self)
        row.close_button.clicked.connect(lambda: self._remove(row))
        for button, (_, act) in zip(row.buttons, notice.answers, strict=True):
            button.clicked.connect(lambda _checked=False, act=act: self._answer(row, act))
        if not notice.answers:
            QTimer.singleShot(_READ_AFTER_MS, row, lambda: self._remove(row))
        self._rows.append(row)
        self._layout.addWidget(row)
        self.show()

    def clear_topic(self, topic: str) -> None:
        """Takes away the notice of a topic."""
        for row in tuple(self._rows):
            if row.notice.topic == topic:
                self._remove(row)

    def answer(self, text: str) -> None:
        """Presses the first button with this text.

        Raises:
            KeyError: no notice has such a button.
        """
        for row in self._rows:
            for button in row.buttons:
                if button.text() == text:
                    button.click()
                    return
        raise KeyError(text)

    def _answer(self, row: "_NoticeRow", act: Callable[[], object]) -> None:
        self._remove(row)
        act()

    def _remove(self, row: "_NoticeRow") -> None:
        if row in self._rows:
            self._rows.remove(row)
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))


class _NoticeRow(QFrame):
    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.AlternateBase)
        mark = QLabel()
        mark.setPixmap(icon_of("notice", self.palette()).pixmap(20, 20))
        sentence = QLabel(notice.sentence)
        sentence.setWordWrap(True)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = [QPushButton(text) for text, _ in notice.answers]
        self.close_button = QToolButton()
        self.close_button.setIcon(icon_of("close", self.palette()))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("Hide this notice.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(mark)
        layout.addWidget(sentence, 1)
        for button in self.buttons:
            layout.addWidget(button)
        layout.addWidget(self.close_button)
