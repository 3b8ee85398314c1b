"""The few things of a fine-tune that a person chooses; all else has a form of its own."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QSizePolicy, QWidget

from core.configs import TrainConfig
from gui.dialogs.train_offers import (
    HEADS_ONLY,
    automatic_layers_text,
    layers_text,
    passes_text,
)
from gui.settings import DEVICES
from gui.texts import tr
from gui.widgets.setting_fields import CountSpin
from gui.widgets.setting_words import SCRATCH, SCRATCH_TITLE
from gui.widgets.weights_field import WeightsField
from gui.widgets.wrapped import WrappedLabel


class TrainChoices(QWidget):
    """Start weights, how much to learn, iterations, device."""

    changed = Signal(object)
    """TrainConfig: the one that was shown, with what a person changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = TrainConfig("")
        self._is_filling = False
        self.weights = WeightsField({SCRATCH: tr(SCRATCH_TITLE)})
        self.weights.setToolTip(
            tr("What it begins with: a run of yours, published weights, a file.")
        )
        self.layers = QComboBox()
        self.layers.setAccessibleName(tr("How much to learn"))
        self.layers.setToolTip(
            tr("Which layers change. Those that stay as they are need no time to learn.")
        )
        self.layers.addItem(automatic_layers_text(None), -1)
        for freeze_at in (0, HEADS_ONLY):
            self.layers.addItem(layers_text(freeze_at), freeze_at)
        self.iterations = CountSpin(open_at=0, least=1, step=100)
        self.iterations.setAccessibleName(tr("Iterations"))
        self.iterations.setToolTip(tr("Steps of learning; each looks at a few images."))
        self.iterations.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.passes = WrappedLabel()
        self.device = QComboBox()
        self.device.setAccessibleName(tr("Device"))
        self.device.setToolTip(tr("What computes the fine-tune."))
        for name, title in DEVICES.items():
            self.device.addItem(tr(title), name)
        self._lay_out()
        self.weights.changed.connect(self._on_weights_changed)
        self.layers.currentIndexChanged.connect(
            lambda _: self._take(freeze_at=int(self.layers.currentData()))
        )
        self.iterations.valueChanged.connect(lambda n: self._take(iterations=n))
        self.device.currentIndexChanged.connect(
            lambda _: self._take(device=str(self.device.currentData()))
        )

    def show_config(self, config: TrainConfig) -> None:
        """Shows what is chosen."""
        self._config, self._is_filling = config, True
        self.weights.set_weights(config.weights)
        _choose(self.layers, config.freeze_at, layers_text(config.freeze_at))
        self.iterations.setValue(config.iterations)
        _choose(self.device, config.device, config.device)
        # A model that begins from scratch learns in all its layers.
        self._form.setRowVisible(self.layers, config.weights != SCRATCH)
        self._is_filling = False

    def show_automatic(self, settled: TrainConfig | None, *, n_train: int) -> None:
        """What comes of what is left open.

        Args:
            settled: the config with every choice made; None: that is not known.
            n_train: images to learn from; 0: that is not known.
        """
        freeze_at = settled.freeze_at if settled and self._config.freeze_at < 0 else None
        self.layers.setItemText(self.layers.findData(-1), automatic_layers_text(freeze_at))
        self.iterations.show_automatic(settled.iterations if settled else None)
        self.passes.setText(passes_text(settled or self._config, n_train) if n_train else "")

    def _lay_out(self) -> None:
        iterations = QHBoxLayout()
        iterations.addWidget(self.iterations)
        iterations.addWidget(self.passes, 1)
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Start from"), self.weights)
        form.addRow(tr("How much to learn"), self.layers)
        form.addRow(tr("Iterations"), iterations)
        form.addRow(tr("Device"), self.device)

    def _on_weights_changed(self, weights: str) -> None:
        if weights == SCRATCH:
            self._take(weights=weights, freeze_at=-1)
        else:
            self._take(weights=weights or SCRATCH)

    def _take(self, **values: str | int) -> None:
        if not self._is_filling:
            self._config = replace(self._config, **values)  # type: ignore[arg-type]  # of its field
            self.changed.emit(self._config)


def _choose(box: QComboBox, value: object, title: str) -> None:
    """Makes this the choice; it is offered if it was not."""
    if box.findData(value) < 0:
        box.addItem(title, value)
    box.setCurrentIndex(box.findData(value))
