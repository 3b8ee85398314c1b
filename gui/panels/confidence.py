"""Confidence: how sure a model must be for its predictions to show, in all images at once."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from gui.panels import PanelSpec
from gui.session import Session
from gui.session.confidence import Confidence, percent
from gui.session.foreseen import Change
from gui.session.suggesting import Suggesting
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.swatch import swatch
from gui.widgets.threshold_offer import ThresholdOffer
from gui.widgets.wrapped import WrappedLabel

_SETTLED_AFTER_MS = 600  # without another press of a key or turn of the wheel
_LOWEST, _HIGHEST = 5, 99


class ConfidencePanel(QWidget):
    """A slider for all classes or one, and what lies above and below it in the open image."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._confidence: Confidence | None = None
        self._suggesting = Suggesting(
            session.work,
            project_of=lambda: session.project, keys_of=lambda: session.keys, parent=self,
        )  # fmt: skip
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(_LOWEST, _HIGHEST)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(tr("Lowest confidence"))
        self.slider.setToolTip(
            tr(
                "Predictions that are less sure than this do not show. It needs no model, and holds"
                " for all images that are not done; what you accepted or edited stays."
            )
        )
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance("100 %"))
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Class whose confidence is set"))
        self.which.setToolTip(tr("A class can have a lowest confidence of its own."))
        self.as_all = QPushButton(tr("As all"))
        self.as_all.setToolTip(tr("Let this class have the confidence of all classes again."))
        self.counts = WrappedLabel()
        self.elsewhere = WrappedLabel()
        self.waiting = WrappedLabel()
        self.offer = ThresholdOffer()
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_AFTER_MS)
        self._lay_out()
        self._connect()
        self._on_project_changed()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        for wide, narrow in ((self.slider, self.value), (self.which, self.as_all)):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(wide, 1)
            row.addWidget(narrow)
            layout.addLayout(row)
        for widget in (self.counts, self.elsewhere, self.waiting, self.offer):
            layout.addWidget(widget)
        layout.addStretch(1)

    def _connect(self) -> None:
        self._settled.timeout.connect(self._on_settled)
        self.slider.valueChanged.connect(self._on_moved)
        self.slider.sliderReleased.connect(self._on_settled)
        self.which.currentIndexChanged.connect(lambda _: self._on_class_chosen())
        self.as_all.clicked.connect(self._on_as_all)
        self.offer.asked.connect(self._suggesting.look)
        self.offer.taken.connect(self._on_offer_taken)
        self._suggesting.changed.connect(self._show_offer)
        self._session.classes_changed.connect(self._fill_classes)
        self._session.project_changed.connect(self._on_project_changed)

    @property
    def class_id(self) -> int | None:
        """The class that the slider is for; None: all without a confidence of their own."""
        chosen: int | None = self.which.currentData()
        return chosen

    def _on_project_changed(self) -> None:
        # the same one still, where another folder could not be opened
        if self._confidence is not (now := self._session.confidence):
            self._confidence = now
            self._suggesting.forget()
            if now is not None:
                now.changed.connect(self._update)
        self._fill_classes()

    def _fill_classes(self) -> None:
        chosen = self.class_id
        with QSignalBlocker(self.which):
            self.which.clear()
            self.which.addItem(tr("All classes"), None)
            for one in self._session.classes:
                self.which.addItem(swatch(one.colour), one.name, one.id)
            self.which.setCurrentIndex(max(0, self.which.findData(chosen)))
        self._update()

    def _on_class_chosen(self) -> None:
        self._on_settled()
        self._update()

    def _on_moved(self, value: int) -> None:
        if self._confidence is None:
            return
        self._confidence.move(value / 100, class_id=self.class_id)
        if not self.slider.isSliderDown():
            self._settled.start()

    def _on_settled(self) -> None:
        self._settled.stop()
        if self._confidence is not None:
            self._confidence.settle()

    def _on_as_all(self) -> None:
        if self._confidence is not None and self.class_id is not None:
            self._confidence.set_thresholds(self._confidence.thresholds.without_own(self.class_id))
            self._confidence.settle()

    def _on_offer_taken(self) -> None:
        confidence, found = self._confidence, self._suggesting.found
        if confidence is None or not found:
            return
        thresholds = confidence.thresholds
        for one in found:
            thresholds = thresholds.with_least(one.class_id, one.threshold)
        confidence.set_thresholds(thresholds)
        confidence.settle()
        self._suggesting.forget()

    def _show_offer(self) -> None:
        names = {one.id: one.name for one in self._session.classes}
        found = self._suggesting.found
        is_open = self._session.project is not None
        self.offer.show_found(
            None if found is None else [(names.get(one.class_id, ""), one) for one in found],
            is_looking=self._suggesting.is_looking,
            is_possible=is_open and not self._is_read_only,
        )

    @property
    def _is_read_only(self) -> bool:
        project = self._session.project
        return project is not None and bool(project.read_only_reason)

    def _update(self) -> None:
        confidence, own = self._confidence, self.class_id
        may_move = self._session.project is not None and not self._is_read_only
        of_class = confidence.thresholds.of_class if confidence else {}
        self.slider.setEnabled(may_move)
        self.as_all.setVisible(own is not None and own in of_class)
        self.as_all.setEnabled(may_move)
        self.which.setVisible(self.which.count() > 2)
        for row in range(1, self.which.count()):
            class_id = self.which.itemData(row)
            name = next((one.name for one in self._session.classes if one.id == class_id), "")
            score = f"   {percent(of_class[class_id])}" if class_id in of_class else ""
            self.which.setItemText(row, f"{name}{score}")
        _say(self.counts, _words(confidence))
        _say(self.elsewhere, _words_elsewhere(confidence.change_elsewhere if confidence else None))
        n_waiting = confidence.n_images_waiting if confidence else 0
        _say(self.waiting, tr("%n more images follow.", "", n_waiting) if n_waiting > 1 else "")
        self._show_offer()
        if confidence is None:
            self.value.setText("")
            return
        least = confidence.thresholds.least(own)
        self.value.setText(percent(least))
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(least * 100))


def _say(label: QLabel, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))


def _words(confidence: Confidence | None) -> str:
    if confidence is None:
        return tr("Open a folder first.")
    if not confidence.has_predictions:
        return tr(
            "Nothing is predicted for this image yet. Pre-label it; then less sure predictions can"
            " be shown or hidden here."
        )
    if confidence.is_done:
        return tr("This image is done, so nothing changes in it.")
    n_shown, n_hidden = confidence.n_shown, confidence.n_hidden
    if not confidence.is_as_threshold_says:
        return tr("{shown} shown, {hidden} not. Move the slider to show what it says.").format(
            shown=n_shown, hidden=n_hidden
        )
    words = tr("{shown} shown, {hidden} below").format(shown=n_shown, hidden=n_hidden)
    change = confidence.change_here
    if change is None or not (change.n_appear or change.n_go):
        return words
    return f"{words} ({_moved(change)})"


def _moved(change: Change) -> str:
    appear = tr("%n more", "", change.n_appear) if change.n_appear else ""
    go = tr("%n fewer", "", change.n_go) if change.n_go else ""
    return ", ".join(one for one in (appear, go) if one)


def _words_elsewhere(change: Change | None) -> str:
    """What letting go will do in the other images."""
    if change is None or not (change.n_images or change.n_unknown):
        return ""
    left = n_images(change.n_unknown)
    if not change.n_images:
        return tr("In the other images nothing changes so far; {images} still to count.").format(
            images=left
        )
    n = change.n_images
    others = tr("1 other image") if n == 1 else tr("%n other images", "", n)
    if not change.n_unknown:
        return tr("In {images}: {changes}.").format(images=others, changes=_moved(change))
    return tr("In {images}: {changes}; {uncounted} still to count.").format(
        images=others, changes=_moved(change), uncounted=left
    )


PANEL = PanelSpec(
    "confidence",
    QT_TR_NOOP("Confidence"),
    Qt.DockWidgetArea.RightDockWidgetArea,
    2,
    ConfidencePanel,
)
