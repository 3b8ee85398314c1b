"""What is to be known before a fine-tune: for each finding an icon, a sentence, what to do."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QWidget

from core.readiness import Finding, Severity
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.looks import icon_side

_WORDS = {
    Severity.STOP: QT_TR_NOOP("This stops the fine-tune."),
    Severity.WARN: QT_TR_NOOP("Worth knowing."),
}
_ICONS = {Severity.STOP: "finding_stop", Severity.WARN: "finding_warn"}
_MOST_LINES = 11


class FindingsList(QScrollArea):
    """As high as its findings, up to a number of lines; then it scrolls."""

    image_wanted = Signal(str)
    """The key of an image that a person wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Before you begin"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sentences: tuple[str, ...] = ()
        """What is shown, in its order."""

    def show_findings(self, found: Sequence[Finding], *, if_none: str) -> None:
        """Shows these, or a sentence where there is nothing to say."""
        inside = QWidget()
        rows = QGridLayout(inside)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(8)
        rows.setColumnStretch(1, 1)
        self.sentences = tuple(one.sentence for one in found) or (if_none,)
        for number, one in enumerate(found):
            rows.addWidget(self._mark(_ICONS[one.severity], tr(_WORDS[one.severity])), number, 0)
            rows.addWidget(_text(f"{one.sentence}\n{one.help}"), number, 1)
            if one.keys:
                rows.addWidget(self._show_button(one.keys), number, 2)
        if not found:
            rows.addWidget(self._mark("finding_none", tr("Nothing is missing.")), 0, 0)
            rows.addWidget(_text(if_none), 0, 1)
        rows.setRowStretch(rows.rowCount(), 1)
        self.setWidget(inside)
        self._fit()

    def resizeEvent(self, event: object) -> None:
        """As Qt asks; narrower lines are more lines."""
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self._fit()

    def _fit(self) -> None:
        if (inside := self.widget()) is None or (rows := inside.layout()) is None:
            return
        wished = rows.heightForWidth(self.viewport().width())
        most = self.fontMetrics().lineSpacing() * _MOST_LINES
        self.setFixedHeight(min(wished, most))

    def _mark(self, icon: str, words: str) -> QLabel:
        mark = QLabel()
        side = icon_side(self)
        mark.setPixmap(icon_of(icon, self.palette()).pixmap(side, side))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        mark.setAccessibleName(words)
        mark.setToolTip(words)
        return mark

    def _show_button(self, keys: Sequence[str]) -> QPushButton:
        button = QPushButton(tr("Show"))
        button.setToolTip(
            tr("Close this and go to {image}, the first of {count}.").format(
                image=keys[0], count=len(keys)
            )
        )
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.image_wanted.emit(keys[0]))
        return button


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label
