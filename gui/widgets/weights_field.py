"""A field for weights: names to choose from, or a file."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QSizePolicy, QWidget

ZOO = {
    "mask_rcnn_R_50_FPN_3x": "Mask R-CNN R50 (COCO, downloaded at first use)",
    "mask_rcnn_R_101_FPN_3x": "Mask R-CNN R101 (COCO, downloaded at first use)",
    "faster_rcnn_R_50_FPN_3x": "Faster R-CNN R50, boxes only (COCO, downloaded at first use)",
}
"""Published weights by name, as core/maskrcnn/zoo.py has them; that module is not for windows."""


class WeightsField(QWidget):
    """Chooses one of the offered weights, or a file."""

    changed = Signal(str)
    """A person chose other weights."""

    def __init__(self, first: Mapping[str, str], parent: QWidget | None = None) -> None:
        """Offers `first` (weights to how they are called), then the zoo."""
        super().__init__(parent)
        self.choices = QComboBox()
        self.choices.setAccessibleName("Weights")
        self.choices.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choices.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choices.setMinimumContentsLength(16)
        for weights, title in {**first, **ZOO}.items():
            self.choices.addItem(title, weights)
        self.file_button = QPushButton("File…")
        self.file_button.setToolTip("Choose a .pth or .pkl file; its config.yaml lies beside it.")
        self.file_button.clicked.connect(self._ask_for_file)
        self.choices.activated.connect(lambda _: self.changed.emit(self.weights))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.choices, 1)
        layout.addWidget(self.file_button)

    @property
    def weights(self) -> str:
        """A zoo name or a file, or empty."""
        return str(self.choices.currentData() or "")

    def set_weights(self, weights: str, title: str = "") -> None:
        """Shows these as the chosen ones; they are offered if they were not."""
        row = self.choices.findData(weights)
        if row < 0:
            self.choices.addItem(title or _short(weights), weights)
            row = self.choices.count() - 1
        self.choices.setCurrentIndex(row)
        self.choices.setToolTip(weights)

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self.window(), "Weights")
        dialog.setNameFilter("Weights (*.pth *.pkl);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file_selected(self, file: str) -> None:
        self.set_weights(file)
        self.changed.emit(file)


def _short(weights: str) -> str:
    """The file and its folder: runs all have a best.pth."""
    return "/".join(weights.replace("\\", "/").split("/")[-2:]) if weights else "Choose weights"
