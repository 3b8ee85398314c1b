"""The bars of the Rounds page: which models are compared, how, and what is accepted."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from gui.texts import tr
from gui.widgets.stand_in import stand_for

_FLICKER = "flicker"


class PairBar(QWidget):
    """Chooses two models, from which score on they count, and one view or three."""

    changed = Signal()
    mode_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.old = _combo(tr("Old model"), tr("The model that the new one is held against."))
        self.old.addItem(tr("The one before"), None)
        self.new = _combo(tr("New model"), tr("The model that is looked at."))
        self.new.addItem(tr("The newest"), None)
        self.score = _score(
            tr("Least score"), tr("Predictions that are less sure do not count."), 0.5
        )
        self.mode = _combo(
            tr("View"), tr("Old, new and labels side by side; or old and new by turns.")
        )
        self.mode.addItem(tr("Side by side"), "side")
        self.mode.addItem(tr("Flicker"), _FLICKER)
        stand_for(self.mode, "flicker", sentence=self.mode.toolTip())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for words, widget in (
            (tr("Old"), self.old), (tr("New"), self.new),
            (tr("From"), self.score), (tr("View"), self.mode),
        ):  # fmt: skip
            label = QLabel(words)
            label.setBuddy(widget)
            layout.addWidget(label)
            layout.addWidget(widget)
        layout.addStretch(1)
        self.old.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.new.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.score.editingFinished.connect(self.changed)
        self.mode.currentIndexChanged.connect(lambda _: self.mode_changed.emit())

    @property
    def is_flicker(self) -> bool:
        """Whether old and new take turns in one view."""
        return bool(self.mode.currentData() == _FLICKER)

    def set_flicker(self) -> None:
        """Lets old and new take turns in one view."""
        self.mode.setCurrentIndex(self.mode.findData(_FLICKER))

    def offer(self, weights: Collection[tuple[str, str]]) -> None:
        """Offers these weights, by name and stamp; those offered before stay."""
        for combo in (self.old, self.new):
            for one in sorted(weights):
                if combo.findData(one) < 0:
                    combo.addItem(one[0], one)


class AcceptBar(QWidget):
    """Accepts one by one or by rule, and takes back."""

    def __init__(self) -> None:
        super().__init__()
        self.accept_button = _button(
            tr("Accept"), tr("Accept what the new model says of the selected objects.")
        )
        self.go_button = _button(tr("Go there"), tr("Show this object on the canvas."))
        self.score = _score(
            tr("Least score of new ones"), tr("New ones that are surer are accepted."), 0.8
        )
        self.new_button = _button(
            tr("Accept all new"), tr("Accept what only the new model sees, from this score on.")
        )
        self.better_button = _button(
            tr("Accept all better"),
            tr("Accept what the new model sees better, where you have no label of your own yet."),
        )
        self.scope = _combo(
            tr("Where rules accept"), tr("Whether a rule is for this image or for all.")
        )
        self.scope.addItem(tr("In this image"), False)
        self.scope.addItem(tr("In all images"), True)
        self.back_button = _button(tr("Take back"), tr("Take the last verdict back."))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.accept_button, 0, 0)
        layout.addWidget(self.go_button, 0, 1)
        layout.addWidget(self.new_button, 1, 0)
        layout.addWidget(self.score, 1, 1)
        layout.addWidget(self.better_button, 2, 0)
        layout.addWidget(self.scope, 2, 1)
        layout.addWidget(self.back_button, 3, 0)
        for button, action in (
            (self.accept_button, "accept"), (self.go_button, "go_there"),
            (self.back_button, "undo"),
        ):  # fmt: skip
            stand_for(button, action, sentence=button.toolTip())

    @property
    def least_score(self) -> float:
        """From which score on new ones are accepted by rule."""
        return self.score.value() / 100

    @property
    def is_for_all(self) -> bool:
        """Whether a rule is for all images of the list."""
        return bool(self.scope.currentData())

    def set_enabled(self, *, is_open: bool, has_selected: bool, can_take_back: bool) -> None:
        """Says what can be done now."""
        self.accept_button.setEnabled(is_open and has_selected)
        self.go_button.setEnabled(has_selected)
        self.new_button.setEnabled(is_open)
        self.better_button.setEnabled(is_open)
        self.back_button.setEnabled(can_take_back)


def _score(name: str, tooltip: str, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox(minimum=5, maximum=100, decimals=0, singleStep=5, suffix=" %")
    box.setValue(100 * value)
    box.setAccessibleName(name)
    box.setToolTip(tooltip)
    return box


def _combo(name: str, tooltip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tooltip)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return combo


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the list
    return button
