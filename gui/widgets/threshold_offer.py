"""A button that asks for thresholds, and then a sentence with one button that takes them."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.thresholds import ENOUGH_JUDGED, Suggestion
from core.wording import listed
from gui.texts import tr
from gui.widgets.wrapped import WrappedLabel


class ThresholdOffer(QWidget):
    """Asks first; then says what was found."""

    asked = Signal()
    taken = Signal()
    """What was found is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = WrappedLabel()
        self.button = QPushButton()
        self._is_offered = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.words)
        layout.addWidget(self.button)
        self.button.clicked.connect(self._on_clicked)
        self.show_found(None, is_looking=False, is_possible=False)

    def show_found(
        self,
        found: Sequence[tuple[str, Suggestion]] | None,
        *,
        is_looking: bool,
        is_possible: bool,
    ) -> None:
        """Says what was found.

        Args:
            found: with the name of each class; None: nobody asked yet.
            is_looking: whether it is being looked for.
            is_possible: whether anything can be set at all.
        """
        self._is_offered = bool(found)
        self.words.setText(_sentence(found))
        self.words.setVisible(found is not None)
        ask = tr("Looking at what you judged…") if is_looking else tr("Suggest from what I judged")
        self.button.setText(tr("Use these") if found else ask)
        self.button.setToolTip(
            tr("Set the confidence of these classes. It can be taken back like any move of it.")
            if found
            else tr(
                "Find the confidence that parts best what you accepted from what you rejected, for"
                " each class. It needs no model."
            )
        )
        self.button.setEnabled(is_possible and not is_looking)
        self.setVisible(is_possible)

    def _on_clicked(self) -> None:
        if self._is_offered:
            self.taken.emit()
        else:
            self.asked.emit()


def _sentence(found: Sequence[tuple[str, Suggestion]] | None) -> str:
    if found is None:
        return ""
    if not found:
        return tr(
            "Nothing can be suggested yet: accept or reject %n predictions of a class first.",
            "",
            ENOUGH_JUDGED,
        )
    best = [f"{name} {round(one.threshold * 100)} %" for name, one in found]
    n_good = sum(one.n_good for _, one in found)
    n_bad = sum(one.n_bad for _, one in found)
    if n_good == 1:
        text = tr("From 1 prediction that you kept and {n_bad} that you rejected: {thresholds}.")
    else:
        text = tr(
            "From %n predictions that you kept and {n_bad} that you rejected: {thresholds}.",
            "",
            n_good,
        )
    return text.format(n_bad=n_bad, thresholds=listed(best))
