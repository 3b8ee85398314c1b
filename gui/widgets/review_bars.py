"""The bars of the Review page: which cards are shown, and what is said of the selected."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QWidget

from core.cards import REJECTED, Card, CardOrder
from core.types import InstanceState, LabelClass
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.stand_in import stand_for
from gui.widgets.swatch import swatch

_EVERY_STATE = ""
_STATES = {
    _EVERY_STATE: QT_TR_NOOP("Every state"),
    str(InstanceState.PREDICTED): QT_TR_NOOP("Predicted: nobody looked"),
    str(InstanceState.ACCEPTED): QT_TR_NOOP("Accepted"),
    str(InstanceState.EDITED): QT_TR_NOOP("Edited"),
    str(InstanceState.DRAWN): QT_TR_NOOP("Drawn"),
    REJECTED: QT_TR_NOOP("Rejected"),
}
_ORDERS = {
    CardOrder.SCORE: QT_TR_NOOP("Least sure first"),
    CardOrder.SIZE: QT_TR_NOOP("Smallest first"),
    CardOrder.IMAGE: QT_TR_NOOP("By image"),
}
_STROKES = {
    "": QT_TR_NOOP("A drag selects"),
    "accept": QT_TR_NOOP("A drag accepts"),
    "reject": QT_TR_NOOP("A drag rejects"),
}


class FilterBar(QWidget):
    """Chooses class, state and order of the cards."""

    changed = Signal()
    again = Signal()
    """The label files are to be read again."""

    def __init__(self) -> None:
        super().__init__()
        self.classes = _combo(tr("Class"), tr("Show the instances of one class, or of all."))
        self.classes.addItem(tr("All classes"), None)
        self.states = _combo(
            tr("State"), tr("Show the instances in one state. Rejected ones come alone.")
        )
        for state, words in _STATES.items():
            self.states.addItem(tr(words), state)
        self.orders = _combo(tr("Order"), tr("What comes first. What a person drew has no score."))
        for order, words in _ORDERS.items():
            self.orders.addItem(tr(words), order)
        self.with_done = QCheckBox(tr("Done images too"))
        self.with_done.setToolTip(tr("Show, and change, what lies in images that are marked done."))
        self.again_button = _button(
            tr("Look again"), tr("Read the label files again, and order anew.")
        )
        layout = _row(self)
        for widget in (self.classes, self.states, self.orders, self.with_done):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.again_button)
        for combo in (self.classes, self.states, self.orders):
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.with_done.toggled.connect(lambda _: self.changed.emit())
        self.again_button.clicked.connect(self.again)

    @property
    def order(self) -> CardOrder:
        """What comes first."""
        return CardOrder(self.orders.currentData())

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """Offers these classes; the chosen one stays where it is still there."""
        chosen = self.classes.currentData()
        self.classes.blockSignals(True)
        while self.classes.count() > 1:
            self.classes.removeItem(1)
        for one in classes:
            self.classes.addItem(swatch(one.colour), one.name, one.id)
        self.classes.setCurrentIndex(max(self.classes.findData(chosen), 0))
        self.classes.blockSignals(False)

    def wish(self) -> Callable[[Card], bool]:
        """Whether a card is to be shown, as it is chosen now; it may be asked in any thread."""
        class_id, state = self.classes.currentData(), self.states.currentData()
        with_done = self.with_done.isChecked()

        def fits(card: Card) -> bool:
            is_in_state = card.state == state if state else card.state != REJECTED
            is_here = with_done or not card.is_in_done
            return is_in_state and is_here and class_id in (None, card.class_id)

        return fits


class VerdictBar(QWidget):
    """Buttons for what keys do too, and what a drag does."""

    def __init__(self) -> None:
        super().__init__()
        self.accept_button = _button(tr("Accept"), tr("Accept the selected, rejected ones too."))
        self.reject_button = _button(
            tr("Reject"),
            tr("Turn down the selected predictions; later rounds do not bring them back."),
        )
        self.class_button = _button(
            tr("Class…"), tr("Give the selected another class; the key of a class does so too.")
        )
        self.go_button = _button(tr("Go there"), tr("Show the current instance in its image."))
        self.back_button = _button(tr("Take back"), tr("Take the last verdict back."))
        self.strokes = _combo(
            tr("What a drag does"), tr("What dragging the mouse over crops does.")
        )
        for stroke, words in _STROKES.items():
            self.strokes.addItem(tr(words), stroke)
        layout = _row(self)
        actions = ("accept", "reject", "change_class", "go_there", "undo")
        buttons = (
            self.accept_button, self.reject_button, self.class_button, self.go_button,
            self.back_button,
        )  # fmt: skip
        for button, action in zip(buttons, actions, strict=True):
            stand_for(button, action, sentence=button.toolTip())
            button.setIcon(icon_of(action, self.palette()))
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self.strokes)

    @property
    def stroke(self) -> str:
        """What a drag does: "" selects, "accept" or "reject"."""
        return str(self.strokes.currentData())

    def set_enabled(self, *, has_selected: bool, can_take_back: bool) -> None:
        """Says what can be done now."""
        buttons = (self.accept_button, self.reject_button, self.class_button, self.go_button)
        for button in buttons:
            button.setEnabled(has_selected)
        self.back_button.setEnabled(can_take_back)


def _row(widget: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    return layout


def _combo(name: str, tooltip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tooltip)
    return combo


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the grid
    return button
