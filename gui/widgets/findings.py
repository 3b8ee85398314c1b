"""What is to be known before a fine-tune: for each finding an icon, a sentence, what to do."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.readiness import Finding, Fix, Severity
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.icons import icon_of
from gui.widgets.looks import icon_side

_WORDS = {
    Severity.STOP: QT_TR_NOOP("This stops the fine-tune."),
    Severity.WARN: QT_TR_NOOP("Worth knowing."),
}
_ICONS = {Severity.STOP: "finding_stop", Severity.WARN: "finding_warn"}
_NONE = ("finding_none", QT_TR_NOOP("Nothing is missing."))
_STILL_LOOKING = ("finding_looking", QT_TR_NOOP("Still looking."))
_FEWEST_LINES, _USUAL_LINES = 5, 11


@dataclass(frozen=True, slots=True)
class FoundSoFar:
    """What a look at a project has found so far."""

    found: tuple[Finding, ...]
    """In their order."""
    if_none: str
    """What is said where there are none."""
    is_looking: bool = False
    """Whether there may be more, so that none is no good news yet."""


class FindingsList(QScrollArea):
    """As high as its findings where there is room, or a number of lines; then it scrolls."""

    image_wanted = Signal(str)
    """The key of an image that a person wants to see."""
    images_wanted = Signal(object, str)
    """Keys of several, and in words what they have in common."""
    fix_wanted = Signal(object)
    """Fix."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Before you begin"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sentences: tuple[str, ...] = ()
        """What is shown, in its order."""
        self.marks: tuple[str, ...] = ()
        """What the icon beside each of them means, in English."""
        self.fix_buttons: list[QPushButton] = []
        """Of the findings that one click mends, in their order."""
        self._can_mend = True

    def show_findings(self, so_far: FoundSoFar) -> None:
        """Shows what was found, or a sentence where there is nothing to say."""
        found = so_far.found
        inside = QWidget()
        rows = QGridLayout(inside)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(8)
        rows.setColumnStretch(1, 1)
        self.marks = tuple(_WORDS[one.severity] for one in found)
        self.sentences = tuple(one.sentence for one in found) or (so_far.if_none,)
        self.fix_buttons = []
        for number, one in enumerate(found):
            rows.addWidget(self._mark(_ICONS[one.severity], tr(_WORDS[one.severity])), number, 0)
            rows.addWidget(_text(f"{one.sentence}\n{one.help}"), number, 1)
            if one.keys or one.fix:
                rows.addLayout(self._buttons(one), number, 2)
        if not found:
            icon, words = _STILL_LOOKING if so_far.is_looking else _NONE
            self.marks = (words,)
            rows.addWidget(self._mark(icon, tr(words)), 0, 0)
            rows.addWidget(_text(so_far.if_none), 0, 1)
        rows.setRowStretch(rows.rowCount(), 1)
        self.setWidget(inside)
        for part in (inside, self.viewport()):  # what it lies on shows through
            part.setAutoFillBackground(False)
        self._fit()

    def allow_mending(self, *, can_mend: bool) -> None:
        """Whether fixes can be done now."""
        self._can_mend = can_mend
        for button in self.fix_buttons:
            button.setEnabled(can_mend)

    def sizeHint(self) -> QSize:
        """As Qt asks: what is beside it needs room too."""
        usual = self.fontMetrics().lineSpacing() * _USUAL_LINES
        return QSize(super().sizeHint().width(), min(self.maximumHeight(), usual))

    def resizeEvent(self, event: object) -> None:
        """As Qt asks; narrower lines are more lines."""
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self._fit()

    def _fit(self) -> None:
        if (inside := self.widget()) is None or (rows := inside.layout()) is None:
            return
        wished = rows.heightForWidth(self.viewport().width())
        fewest = self.fontMetrics().lineSpacing() * _FEWEST_LINES
        self.setMinimumHeight(min(wished, fewest))
        self.setMaximumHeight(wished)
        self.updateGeometry()

    def _mark(self, icon: str, words: str) -> QLabel:
        mark = QLabel()
        side = icon_side(self)
        mark.setPixmap(icon_of(icon, self.palette()).pixmap(side, side))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        mark.setAccessibleName(words)
        mark.setToolTip(words)
        return mark

    def _buttons(self, finding: Finding) -> QVBoxLayout:
        above_each_other = QVBoxLayout()
        above_each_other.setSpacing(4)
        if finding.fix:
            above_each_other.addWidget(self._fix_button(finding.fix))
        if finding.keys:
            above_each_other.addWidget(self._show_button(finding))
        above_each_other.addStretch(1)
        return above_each_other

    def _fix_button(self, fix: Fix) -> QPushButton:
        button = QPushButton(fix.text)
        tooltip = tr("In {images}. It can be taken back.")
        button.setToolTip(tooltip.format(images=n_images(len(fix.keys))))
        button.setAutoDefault(False)
        button.setEnabled(self._can_mend)
        button.clicked.connect(lambda: self.fix_wanted.emit(fix))
        self.fix_buttons.append(button)
        return button

    def _show_button(self, finding: Finding) -> QPushButton:
        keys, button = finding.keys, QPushButton(tr("Show"))
        button.setAutoDefault(False)
        if len(keys) == 1:
            button.setToolTip(tr("Close this and go to {image}.").format(image=keys[0]))
            button.clicked.connect(lambda: self.image_wanted.emit(keys[0]))
        else:
            tooltip = tr("Close this, list these {count} images alone and go to the first.")
            button.setToolTip(tooltip.format(count=len(keys)))
            words = finding.sentence.removesuffix(".")
            button.clicked.connect(lambda: self.images_wanted.emit(keys, words))
        return button


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label
