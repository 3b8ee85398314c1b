"""What is drawn over the live picture: from which confidence on, and what of each instance."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QWidget

from gui.texts import QT_TR_NOOP, tr

SHOWN = {
    "masks": (QT_TR_NOOP("Masks"), QT_TR_NOOP("Draw the outlines and fill them.")),
    "boxes": (QT_TR_NOOP("Boxes"), QT_TR_NOOP("Draw a box around each instance.")),
    "names": (QT_TR_NOOP("Names"), QT_TR_NOOP("Write the class beside each instance.")),
    "scores": (QT_TR_NOOP("Scores"), QT_TR_NOOP("Write how sure the model is, in percent.")),
}
_STEP = 5


class LiveOptions(QWidget):
    """A slider and a check box for each of SHOWN."""

    changed = Signal()
    """A person changed one of them."""

    def __init__(self, *, lowest_score: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(lowest_score * 100), 100)
        self.slider.setSingleStep(1)
        self.slider.setPageStep(_STEP)
        self.slider.setMinimumWidth(120)
        self.slider.setMaximumWidth(240)
        self.slider.setAccessibleName(tr("Threshold"))
        self.slider.setToolTip(
            tr("Show what the model is at least so sure of; saved frames keep to it.")
        )
        self.percent = QLabel()
        # as wide as it ever gets, so that nothing beside it moves
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("100 %"))
        self.boxes: dict[str, QCheckBox] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        label = QLabel(tr("Threshold"))
        label.setBuddy(self.slider)
        layout.addWidget(label)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.percent)
        layout.addSpacing(16)
        for name, (title, tooltip) in SHOWN.items():
            box = QCheckBox(tr(title))
            box.setToolTip(tr(tooltip))
            box.clicked.connect(lambda _: self.changed.emit())
            self.boxes[name] = box
            layout.addWidget(box)
        layout.addStretch(1)
        self.slider.valueChanged.connect(self._on_slid)

    @property
    def score(self) -> float:
        """The threshold, 0 to 1."""
        return self.slider.value() / 100

    @property
    def shown(self) -> frozenset[str]:
        """Those of SHOWN that are checked."""
        return frozenset(name for name, box in self.boxes.items() if box.isChecked())

    def set_all(self, score: float, shown: frozenset[str]) -> None:
        """Shows these as chosen."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(score * 100))
        self.slider.blockSignals(False)
        self._tell_percent()
        for name, box in self.boxes.items():
            box.setChecked(name in shown)

    def _on_slid(self, _value: int) -> None:
        self._tell_percent()
        self.changed.emit()

    def _tell_percent(self) -> None:
        self.percent.setText(f"{self.slider.value()} %")
