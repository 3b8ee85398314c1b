"""The download of an assistant, in whatever request it happens: how far it is, and a way out."""

from PySide6.QtCore import QObject, Signal

from core.events import Failed, Finished, Progress
from gui.runs import EngineRequest
from gui.texts import tr
from gui.widgets.notices import Notice
from gui.widgets.words import size_text

DOWNLOAD_TOPIC = "assist_download"


class ModelDownload(QObject):
    """Follows requests; at most one of them downloads at a time."""

    changed = Signal()
    """`progress` is another."""
    ended = Signal()
    """What was missing is here."""
    cancelled = Signal()
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    """The topic of a notice that may go."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress: Progress | None = None
        """None while nothing is downloaded."""
        self._request: EngineRequest | None = None

    def is_of(self, request: EngineRequest) -> bool:
        """Whether it is this request that downloads now."""
        return request is self._request

    def follow(self, request: EngineRequest) -> None:
        """Looks at what a request says, before whoever connects to it after this."""
        request.reported.connect(lambda event: self._on_reported(request, event))
        request.ended.connect(lambda last: self._on_request_ended(request, last))

    def cancel(self) -> None:
        """Stops it; what has arrived is kept for the next time."""
        if self._request is not None:
            self._request.cancel()

    def _on_reported(self, request: EngineRequest, event: object) -> None:
        if not isinstance(event, Progress) or event.unit != "bytes":
            if self.is_of(request):
                self._stop()
                self.ended.emit()
            return
        is_new = not self.is_of(request)
        self._request, self.progress = request, event
        if is_new:
            of_size = tr("{what} ({size}): needed once, and kept on this machine.")
            of_any = tr("{what}: needed once, and kept on this machine.")
            sentence = (of_size if event.total else of_any).format(
                what=event.what, size=size_text(event.total)
            )
            self.asked.emit(Notice(sentence, ((tr("Cancel"), self.cancel),), topic=DOWNLOAD_TOPIC))
        self.changed.emit()

    def _on_request_ended(self, request: EngineRequest, last: object) -> None:
        if not self.is_of(request):
            return
        self._stop()
        if isinstance(last, Finished):
            (self.cancelled if last.was_cancelled else self.ended).emit()
        elif isinstance(last, Failed):
            self.changed.emit()

    def _stop(self) -> None:
        self._request, self.progress = None, None
        self.answered.emit(DOWNLOAD_TOPIC)
