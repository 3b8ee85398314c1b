"""What was drawn while no class was chosen: asks for its class, and loses nothing at a "no"."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from core.types import Part
from gui.canvas.view import Canvas
from gui.dialogs.classes import ClassDialog
from gui.document import Document
from gui.session import Session
from gui.texts import tr
from gui.widgets.notices import Notice

_TOPIC = "drawn_without_class"


class DrawnWithoutClass(QObject):
    """Opens the dialog for the class, and offers it again where it was closed."""

    def __init__(self, session: Session, canvas: Canvas, ask: Callable[[], ClassDialog]) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._ask = ask
        canvas.class_wanted.connect(self._on_class_wanted)
        session.document_changed.connect(lambda: session.answered.emit(_TOPIC))

    def _on_class_wanted(self) -> None:
        self._session.answered.emit(_TOPIC)
        self._ask().rejected.connect(self._on_rejected)

    def _on_rejected(self) -> None:
        document = self._canvas.document
        parts = self._canvas.stage.drawn.waiting
        self._canvas.drop_waiting()
        if parts and document is not None:
            self._session.asked.emit(
                Notice(
                    tr("What you drew has no class, so it is not kept."),
                    ((tr("Give it a class"), lambda: self._bring_back(document, parts)),),
                    topic=_TOPIC,
                )
            )

    def _bring_back(self, document: Document, parts: tuple[Part, ...]) -> None:
        if self._canvas.document is document:
            self._canvas.stage.drawn.add_parts(parts)
