"""The status bar: where one is, at what zoom, whether all is saved, and what computes."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from gui.main_window.hidden_note import HiddenNote
from gui.session import Session
from gui.session.warm_engine import Warmth
from gui.session.weights import weights_name
from gui.texts import tr
from gui.widgets.icons import icon_of
from gui.widgets.notices import Notice
from gui.widgets.states import image_state_text
from gui.widgets.words import device_text


class StatusBar(QStatusBar):
    """Reads from the session; zoom and cursor are told to it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.image = QLabel()
        self.cursor_at = QLabel()
        self.zoom = QLabel()
        self.saved = QLabel()
        self.engine = QLabel()
        self.device = DeviceButton(session)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(4, 0, 8, 0)
        self.hidden = HiddenNote(session)
        for left in (self.image, self.hidden):
            self.addWidget(left)
        for widget in (self.cursor_at, self.zoom, self.saved, self.engine, self.device):
            self.addPermanentWidget(widget)
        for signal in (
            session.key_changed,
            session.images_added,
            session.images_changed,
            session.document_changed,
            session.saved_state_changed,
            session.run_started,
            session.model.changed,
            session.model.engine.changed,
            session.gpu_turn.changed,
        ):
            signal.connect(self._on_something_changed)
        self._update()

    def show_zoom(self, zoom: float) -> None:
        """Says how large the image is shown; 1 is pixel for pixel."""
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def show_cursor(self, x: float, y: float) -> None:
        """Says where the mouse is, in pixels of the image."""
        self.cursor_at.setText(f"{x:.0f}, {y:.0f}")

    def show_of_image(self, *, is_shown: bool) -> None:
        """Whether it says where in the images one is: no other page is about an image."""
        for label in (self.image, self.cursor_at, self.zoom):
            label.setVisible(is_shown)
        self.hidden.show_on_page(is_of_image=is_shown)

    def _on_something_changed(self, _what: object = None) -> None:
        self._update()

    def _update(self) -> None:
        keys, key = self._session.keys, self._session.key
        if key and key in keys:
            document = self._session.document
            is_here = document is not None and document.key == key
            state = f" · {image_state_text(document.labels.state)}" if document and is_here else ""
            place = tr("Image {number} of {total}").format(
                number=list(keys).index(key) + 1, total=len(keys)
            )
            self.image.setText(f"{place} · {key}{state}")
        else:
            self.image.setText("")
        has_document = self._session.document is not None
        words = tr("All saved") if self._session.is_all_saved else tr("Not saved yet")
        self.saved.setText(words if has_document else "")
        text, tooltip = _engine_words(self._session)
        self.engine.setText(text)
        self.engine.setToolTip(tooltip)


def _engine_words(session: Session) -> tuple[str, str]:
    """What pre-labels and how far it is loaded, and the same at length."""
    model, weights = session.model, session.model.choice.weights
    if not weights:
        return tr("No weights"), tr("No weights are chosen yet; the Pre-label panel offers some.")
    name, engine = weights_name(weights), model.engine
    if engine.warmth is Warmth.LOADING:
        text = tr("{weights} is being loaded, so that a pre-label begins at once.")
        return tr("Loading {name}…").format(name=name), text.format(weights=weights)
    if session.gpu_turn.is_waiting:
        text = tr("A fine-tune has the device; predictions wait until it has ended.")
        return tr("{name} · waits").format(name=name), text
    if session.gpu_turn.is_moved:
        return f"{name} · cpu", tr(
            "A fine-tune has the device, so predictions are made on the CPU."
        )
    if engine.warmth is Warmth.WARM:
        text = tr("Pre-labels with {weights}, on {device}.")
        return f"{name} · {engine.device}", text.format(weights=weights, device=engine.device)
    if trouble := model.why_not or engine.why_not:
        return tr("{name} · does not load").format(name=name), trouble
    if model.description is not None and not model.description.is_here:
        text = tr("{weights} is downloaded at the first pre-label.")
        return tr("{name} · not downloaded").format(name=name), text.format(weights=weights)
    return name, tr("Pre-labels with {weights}.").format(weights=weights)


def _trouble(unused_cards: Sequence[str]) -> str:
    """What is not as it could be on this machine, in a few words."""
    if not unused_cards:
        return tr("No torch")
    cards = ", ".join(unused_cards)
    is_one = len(unused_cards) == 1
    text = tr("{cards} is not used") if is_one else tr("{cards} are not used")
    return text.format(cards=cards)


class DeviceButton(QToolButton):
    """What computes here and its memory; where a card is left unused, it says what helps."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setAccessibleName(tr("Device"))
        self.clicked.connect(self._tell)
        session.model.engine.devices_changed.connect(self._update)
        session.settings.changed.connect(self._on_setting_changed)
        self._update()

    def changeEvent(self, event: QEvent) -> None:
        """The icon follows the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update()

    def _on_setting_changed(self, name: str) -> None:
        if name == "device":
            self._update()

    def _update(self) -> None:
        report = self._session.model.engine.report
        self.setVisible(report is not None)
        if report is None:
            return
        wished = self._session.settings.text("device")
        text = device_text(report.device(wished))
        finding = report.finding
        if finding.state == "ok":
            self.setText(text)
            press = tr("Press to see what else computes here.")
            self.setToolTip(f"{finding.sentence} {press}")
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            return
        self.setText(f"{_trouble(report.unused_cards)} · {text}")
        self.setIcon(icon_of("warning", self.palette()))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(f"{finding.sentence} {finding.help}")

    def _tell(self) -> None:
        report = self._session.model.engine.report
        if report is None:
            return
        finding = report.finding
        if finding.state == "ok":
            devices = "; ".join(device_text(one) for one in report.devices)
            self._session.asked.emit(Notice(f"{finding.sentence} {devices}.", topic="device"))
            return
        command = finding.command
        copy = (tr("Copy the command"), lambda: QGuiApplication.clipboard().setText(command))
        sentence = f"{finding.sentence} {finding.help}"
        self._session.asked.emit(Notice(sentence, (copy,) if command else (), topic="device"))
