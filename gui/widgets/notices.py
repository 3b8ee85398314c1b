"""Notices: sentences for the user over the lower edge of the middle, with what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.looks import icon_side

_READ_AFTER_MS = 20_000  # a notice without a question goes by itself, unless somebody is at it
_FROM_EDGE_PX = 16
_WIDEST_LETTERS = 96


class NoticeKind(StrEnum):
    """What a notice is, told by its icon; the value is the icon's name."""

    INFORMATION = "notice"
    WARNING = "warning"
    QUESTION = "question"


_SPOKEN = {
    NoticeKind.INFORMATION: QT_TR_NOOP("Notice"),
    NoticeKind.WARNING: QT_TR_NOOP("Warning"),
    NoticeKind.QUESTION: QT_TR_NOOP("Question"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and the buttons that answer it."""

    sentence: str
    answers: tuple[tuple[str, Callable[[], object]], ...] = ()
    """The text of each button and what it does."""
    topic: str = ""
    """A later notice of the same topic takes the place of this one."""
    is_warning: bool = False
    """Whether something went wrong; it stays until it is hidden."""

    @property
    def kind(self) -> NoticeKind:
        """What it is: with answers a question, if it is no warning."""
        if self.is_warning:
            return NoticeKind.WARNING
        return NoticeKind.QUESTION if self.answers else NoticeKind.INFORMATION


class NoticeBar(QWidget):
    """Shows notices below each other until they are answered, over the lower edge of its parent.

    What lies beneath keeps its place. A part of the keyboard's round: Tab goes through the answers,
    Esc hides the notice that has the keyboard.
    """

    emptied = Signal()
    """The last notice went, and it had the keyboard."""

    _MOST = 4

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._free_below_px = 0
        self._rows: list[_NoticeRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self.setAccessibleName(tr("Notices"))
        self.hide()

    def float_over(self, parent: QWidget) -> None:
        """Lies over the lower edge of this widget from now on."""
        self.setParent(parent)
        parent.installEventFilter(self)
        self._place()
        self.setVisible(bool(self._rows))

    def keep_free_below(self, height_px: int) -> None:
        """Leaves so much of the lower edge free, for the buttons that are there."""
        self._free_below_px = height_px
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of what it lies over."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

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
        row.was_read.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._layout.addWidget(row)
        self._order_keys()
        self.show()
        self.raise_()
        self._place()

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

    def _order_keys(self) -> None:
        """Tab goes from notice to notice: other widgets may have been built between them."""
        stops = [stop for row in self._rows for stop in (*row.buttons, row.close_button)]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _answer(self, row: "_NoticeRow", act: Callable[[], object]) -> None:
        self._remove(row)
        act()

    def _remove(self, row: "_NoticeRow") -> None:
        if row not in self._rows:
            return
        had_keys = row.has_keys
        self._rows.remove(row)
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.setVisible(bool(self._rows))
        self._place()
        if had_keys and self._rows:
            self._rows[-1].first_button.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif had_keys:
            self.emptied.emit()

    def _place(self) -> None:
        over = self.parentWidget()
        if over is None or not self._rows:
            return
        widest = self.fontMetrics().averageCharWidth() * _WIDEST_LETTERS
        width = min(over.width() - 2 * _FROM_EDGE_PX, widest)
        self._layout.activate()
        height = sum(row.heightForWidth(width) for row in self._rows)
        height += self._layout.spacing() * (len(self._rows) - 1)
        left = (over.width() - width) // 2
        top = over.height() - self._free_below_px - _FROM_EDGE_PX - height
        self.setGeometry(left, top, width, height)


class _NoticeRow(QFrame):
    was_read = Signal()
    """It may go: it was there for long enough, or it was hidden by key."""

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setAccessibleName(f"{tr(_SPOKEN[notice.kind])}: {notice.sentence}")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._mark = QLabel()
        self._mark.setToolTip(tr(_SPOKEN[notice.kind]))
        sentence = QLabel(notice.sentence)
        sentence.setWordWrap(True)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = [QPushButton(text) for text, _ in notice.answers]
        for button in self.buttons:
            button.setToolTip(
                tr("{answer}: the answer to this notice.").format(answer=button.text())
            )
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.setToolTip(tr("Hide this notice. (Esc, while the keyboard is here)"))
        self.close_button.setAccessibleName(tr("Hide this notice"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._mark)
        layout.addWidget(sentence, 1)
        for button in self.buttons:
            layout.addWidget(button)
        layout.addWidget(self.close_button)
        self._draw_icons()
        self._clock = QTimer(self, interval=_READ_AFTER_MS)
        self._clock.timeout.connect(self._on_time_over)
        if notice.kind is NoticeKind.INFORMATION:
            self._clock.start()

    @property
    def first_button(self) -> QWidget:
        """Where the keyboard goes: the first answer."""
        return self.buttons[0] if self.buttons else self.close_button

    @property
    def has_keys(self) -> bool:
        """Whether the keyboard is in it."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc hides it."""
        if event.key() == Qt.Key.Key_Escape:
            self.was_read.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Its icons follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "close_button"):
            self._draw_icons()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card that stands out from a picture of whatever colours."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole
        edge = self.palette().color(role.Shadow)
        is_question = self.notice.kind is not NoticeKind.INFORMATION
        painter.setPen(QPen(self.palette().color(role.Accent) if is_question else QColor(edge), 1))
        painter.setBrush(self.palette().color(role.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()

    def _draw_icons(self) -> None:
        side = icon_side(self)
        icon = icon_of(self.notice.kind.value, self.palette())
        self._mark.setPixmap(icon.pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.close_button.setIcon(icon_of("close", self.palette()))
        self.close_button.setIconSize(QSize(side - 4, side - 4))

    def _on_time_over(self) -> None:
        if not (self.underMouse() or self.has_keys):
            self.was_read.emit()
