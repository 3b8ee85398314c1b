"""The few things to choose before a fine-tune."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.configs import TrainConfig
from gui.settings import Settings
from gui.widgets.weights_field import WeightsField

_SCRATCH = "none"


class TrainDialog(QDialog):
    """Start weights and iterations; all else has a good default."""

    chosen = Signal(object)
    """TrainConfig, without the project's folder."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Fine-tune")
        self._settings = settings
        self.weights = WeightsField({_SCRATCH: "A small model, from scratch"})
        self.weights.set_weights(settings.text("train_weights"))
        self.iterations = QSpinBox(minimum=1, maximum=1_000_000, singleStep=100)
        self.iterations.setValue(settings.whole("train_iterations"))
        self.device = QComboBox()
        self.device.addItems(["auto", "cpu", "cuda", "mps"])
        self.device.setCurrentText(settings.text("device"))
        intro = QLabel(
            "Learns from the images that are done. A fifth of them is kept to measure with, always"
            " the same. It goes on in the background: you can go on labelling."
        )
        intro.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Start from", self.weights)
        form.addRow("Iterations", self.iterations)
        form.addRow("Device", self.device)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(intro)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)

    def accept(self) -> None:
        """As Qt asks."""
        weights = self.weights.weights or _SCRATCH
        self._settings.set("train_weights", weights)
        self._settings.set("train_iterations", self.iterations.value())
        self.chosen.emit(
            TrainConfig(
                folder="",
                weights=weights,
                iterations=self.iterations.value(),
                device=self.device.currentText(),
            )
        )
        super().accept()
