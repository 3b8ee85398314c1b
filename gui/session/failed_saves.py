"""Labels that could not be written: told once, kept, and tried again."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from core.wording import listed
from gui.texts import tr
from gui.widgets.notices import Notice

_TOPIC = "not_saved"
_RETRY_MS = 15_000


class FailedSaves(QObject):
    """Which images have edits that the disk did not take."""

    def __init__(
        self,
        try_again: Callable[[], object],
        *,
        ask: Callable[[Notice], object],
        withdraw: Callable[[str], object],
        parent: QObject | None = None,
    ) -> None:
        """Asks by a notice, and withdraws its topic when all is written.

        Args:
            try_again: writes what is not written.
            ask: shows a notice.
            withdraw: takes a notice away by its topic.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self._try_again, self._ask, self._withdraw = try_again, ask, withdraw
        self._reasons: dict[str, str] = {}
        self._timer = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._timer.timeout.connect(lambda: self._try_again())

    def add(self, key: str, why_not: str) -> None:
        """The labels of an image could not be written; it is told unless it was."""
        is_news = key not in self._reasons
        self._reasons[key] = why_not
        self._timer.start()  # room may come without anybody saying so
        if is_news:
            self._tell()

    def remove(self, key: str) -> None:
        """The labels of an image are written."""
        if self._reasons.pop(key, None) is not None and not self._reasons:
            self._timer.stop()
            self._withdraw(_TOPIC)

    def leave(self) -> None:
        """Tries no more: the folder is closed, and the journal keeps the edits."""
        self._timer.stop()
        self._withdraw(_TOPIC)

    def _tell(self) -> None:
        first = next(iter(self._reasons.values()))
        others = list(self._reasons)[1:]
        also = tr("The same for {images}.").format(images=listed(others))
        kept = tr(
            "Your edits are kept here and in the journal; they are written as soon as that works."
        )
        sentence = " ".join((first, also, kept) if others else (first, kept))
        self._ask(Notice(sentence, ((tr("Try again"), self._on_try_again),), topic=_TOPIC))

    def _on_try_again(self) -> None:
        self._reasons.clear()  # so that it is told when it fails once more
        self._timer.stop()
        self._try_again()
