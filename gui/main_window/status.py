"""The status bar: where one is, at what zoom, and whether all is saved."""

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from core.types import ImageState
from gui.session import Session
from gui.session.weights import weights_name

_STATES = {
    ImageState.UNTOUCHED: "not started",
    ImageState.STARTED: "started",
    ImageState.DONE: "done",
}


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
        self.setSizeGripEnabled(False)
        self.setContentsMargins(4, 0, 8, 0)
        self.addWidget(self.image)
        for label in (self.cursor_at, self.zoom, self.saved, self.engine):
            self.addPermanentWidget(label)
        for signal in (
            session.key_changed,
            session.images_added,
            session.images_changed,
            session.document_changed,
            session.saved_state_changed,
            session.settings.changed,
            session.run_started,
        ):
            signal.connect(self._on_something_changed)
        self._update()

    def show_zoom(self, zoom: float) -> None:
        """Says how large the image is shown; 1 is pixel for pixel."""
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def show_cursor(self, x: float, y: float) -> None:
        """Says where the mouse is, in pixels of the image."""
        self.cursor_at.setText(f"{x:.0f}, {y:.0f}")

    def _on_something_changed(self, _what: object = None) -> None:
        self._update()

    def _update(self) -> None:
        keys, key = self._session.keys, self._session.key
        if key and key in keys:
            document = self._session.document
            is_here = document is not None and document.key == key
            state = f" · {_STATES[document.labels.state]}" if document and is_here else ""
            self.image.setText(f"Image {list(keys).index(key) + 1} of {len(keys)} · {key}{state}")
        else:
            self.image.setText("")
        has_document = self._session.document is not None
        words = "All saved" if self._session.is_all_saved else "Not saved yet"
        self.saved.setText(words if has_document else "")
        weights = self._session.settings.text("weights")
        name = weights_name(weights) if weights else "no weights"
        device = "cpu" if self._session.work.training else self._session.settings.text("device")
        self.engine.setText(f"{name} · {device}")
        self.engine.setToolTip(f"Pre-labels with {weights or 'nothing yet'}, on {device}.")
