"""Confidence: how sure a model must be for its predictions to show, in all images at once."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from gui.panels import PanelSpec
from gui.session import Session
from gui.session.confidence import Confidence, percent
from gui.widgets.wrapped import WrappedLabel

_SETTLED_AFTER_MS = 600  # without another press of a key or turn of the wheel
_LOWEST, _HIGHEST = 5, 99


class ConfidencePanel(QWidget):
    """A slider, and what lies above and below it in the open image."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._confidence: Confidence | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(_LOWEST, _HIGHEST)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("Lowest confidence")
        self.slider.setToolTip(
            "Predictions that are less sure than this do not show. It needs no model, and holds for"
            " all images that are not done; what you accepted or edited stays."
        )
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance("100 %"))
        self.counts = WrappedLabel()
        self.waiting = WrappedLabel()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.slider, 1)
        row.addWidget(self.value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.counts)
        layout.addWidget(self.waiting)
        layout.addStretch(1)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_AFTER_MS)
        self._settled.timeout.connect(self._on_settled)
        self.slider.valueChanged.connect(self._on_moved)
        self.slider.sliderReleased.connect(self._on_settled)
        session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def _on_project_changed(self) -> None:
        # the same one still, where another folder could not be opened
        if self._confidence is not (now := self._session.confidence):
            self._confidence = now
            if now is not None:
                now.changed.connect(self._update)
        self._update()

    def _on_moved(self, value: int) -> None:
        if self._confidence is None:
            return
        self._confidence.move(value / 100)
        if not self.slider.isSliderDown():
            self._settled.start()

    def _on_settled(self) -> None:
        self._settled.stop()
        if self._confidence is not None:
            self._confidence.settle()

    def _update(self) -> None:
        confidence, project = self._session.confidence, self._session.project
        self.slider.setEnabled(project is not None and not project.read_only_reason)
        self.counts.setText(_words(confidence))
        self.counts.setVisible(bool(self.counts.text()))
        n_waiting = confidence.n_images_waiting if confidence else 0
        self.waiting.setText(f"{n_waiting} more images follow." if n_waiting > 1 else "")
        self.waiting.setVisible(bool(self.waiting.text()))
        if confidence is not None and not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(confidence.threshold * 100))
            self.slider.blockSignals(False)
        self.value.setText(percent(confidence.threshold) if confidence else "")


def _words(confidence: Confidence | None) -> str:
    if confidence is None:
        return "Open a folder first."
    if not confidence.has_predictions:
        return (
            "Nothing is predicted for this image yet. Pre-label it; then less sure predictions can"
            " be shown or hidden here."
        )
    if confidence.is_done:
        return "This image is done, so nothing changes in it."
    n_shown, n_hidden = confidence.n_shown, confidence.n_hidden
    if confidence.is_as_threshold_says:
        return f"{n_shown} shown, {n_hidden} below"
    return f"{n_shown} shown, {n_hidden} not. Move the slider to show what it says."


PANEL = PanelSpec(
    "confidence", "Confidence", Qt.DockWidgetArea.RightDockWidgetArea, 2, ConfidencePanel
)
