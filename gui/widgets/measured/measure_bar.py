"""Which weights are measured on which images; how far it is, and how it ended."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.events import Progress
from core.types import Split
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import progress_steps, progress_text
from gui.widgets.wrapped import WrappedLabel

_SPLITS = {
    Split.VAL: QT_TR_NOOP("val: kept to measure with"),
    Split.TEST: QT_TR_NOOP("test: kept for the very end"),
    Split.TRAIN: QT_TR_NOOP("train: learnt from"),
}
_OF_TRAIN = QT_TR_NOOP(
    "AP on images that weights have learnt from says nothing about new images. It shows only"
    " whether anything was learnt."
)


class MeasureBar(QWidget):
    """Chooses, begins and cancels."""

    chosen = Signal()
    """Other weights, or other images."""
    started = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: frozenset[str] = frozenset()
        """Weights of the runs of this folder."""
        self.weights = WeightsField({"": tr("Choose weights")}, only_predicts=True)
        self.weights.setToolTip(tr("What is measured: a run of yours, published weights, a file."))
        self.split = QComboBox()
        self.split.setAccessibleName(tr("Images to measure on"))
        self.split.setToolTip(tr("Which of the done images are measured on."))
        for split, title in _SPLITS.items():
            self.split.addItem(tr(title), split)
        self.warning = WrappedLabel(tr(_OF_TRAIN))
        self.start_button = _button(tr("Evaluate"), tr("Measure AP of these weights (Enter)."))
        self.start_button.setDefault(True)
        self.cancel_button = _button(tr("Cancel"), tr("Stop measuring."))
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("How far the evaluation is"))
        self.status = WrappedLabel()
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.weights.changed.connect(lambda _: self.chosen.emit())
        self.split.currentIndexChanged.connect(lambda _: self.chosen.emit())
        self.start_button.clicked.connect(self.started)
        self.cancel_button.clicked.connect(self.cancelled)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Weights"), self.weights)
        form.addRow(tr("Images"), self.split)
        going = QHBoxLayout()
        going.setSpacing(8)
        going.addWidget(self.start_button)
        going.addWidget(self.cancel_button)
        going.addWidget(self.progress, 1)
        going.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(self.warning)
        layout.addLayout(going)
        layout.addWidget(self.status)

    @property
    def wished(self) -> Split:
        """Which images are chosen."""
        return Split(self.split.currentData())

    @property
    def title(self) -> str:
        """How the chosen weights are called."""
        return self.weights.choices.currentText()

    def offer(self, runs: Mapping[str, str]) -> None:
        """Offers these weights with their titles, and those of earlier calls no more."""
        for weights in self._offered - runs.keys():
            self.weights.withdraw(weights)
        for weights, title in runs.items():
            self.weights.offer(weights, title)
        self._offered = frozenset(runs)

    def choose(self, weights: str, split: str = "") -> None:
        """Shows these as chosen."""
        self.weights.set_weights(weights)
        self.split.setCurrentIndex(max(0, self.split.findData(split or self.split.currentData())))

    def show_progress(self, event: Progress, *, n_waiting: int) -> None:
        """Says how far it is.

        Args:
            event: of the evaluation that goes on.
            n_waiting: how many come after it.
        """
        done, total = progress_steps(event)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        said = f"{progress_text(event)}."
        if n_waiting:
            one = tr("1 more round waits.")
            more = one if n_waiting == 1 else tr("%n more rounds wait.", "", n_waiting)
            said = f"{said} {more}"
        self.status.setText(said)

    def show_busy(self, sentence: str) -> None:
        """Says what goes on, of which nobody knows how long it takes."""
        self.progress.setRange(0, 0)
        self.status.setText(sentence)

    def update_to(
        self, n_of: Mapping[Split, int] | None, *, is_going: bool, can_start: bool
    ) -> None:
        """Shows what can be done.

        Args:
            n_of: done images of each split; None while they are being counted.
            is_going: whether something is being measured.
            can_start: whether the chosen weights can be measured on the chosen images.
        """
        for choice in (self.weights, self.split):
            choice.setEnabled(not is_going)
        for place, (split, title) in enumerate(_SPLITS.items()):
            n = "" if n_of is None else f" ({n_images(n_of[split])})"
            self.split.setItemText(place, tr(title) + n)
        self.warning.setVisible(self.wished is Split.TRAIN)
        self.start_button.setEnabled(can_start and not is_going)
        self.cancel_button.setVisible(is_going)
        self.progress.setVisible(is_going)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button
