"""Work over many images in the writer's thread, in pieces, so that saves get their turn."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.events import Failed
from gui.runs import ThreadRun

_PIECE = 4  # images: an edit waits for so many files at most before it is saved


class Sweep(QObject):
    """Calls `work(key)` for each image, one sweep at a time."""

    reported = Signal(object)
    """What the work gave for an image."""
    failed = Signal(str)
    """Why it could not be done for an image, as a sentence."""
    ended = Signal()
    """All is done; not after `stop`."""

    def __init__(self, writer: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_going = False
        """Whether images wait or are being worked on."""
        self._waiting: deque[str] = deque()
        self._work: Callable[[str], Any] = str
        self._running = ThreadRun(_done, writer, parent=self)
        self._running.reported.connect(self._on_reported)
        self._running.ended.connect(self._on_piece_ended)

    @property
    def n_waiting(self) -> int:
        """How many images wait."""
        return len(self._waiting)

    def start(self, work: Callable[[str], Any], keys: Iterable[str]) -> None:
        """Begins, in place of what waits.

        Args:
            work: called in the writer's thread; AppError leaves its image out.
            keys: of the images, in this order.
        """
        self._work, self._waiting, self.is_going = work, deque(keys), True
        if not self._running.is_going:
            self._next()

    def stop(self) -> None:
        """Ends it; a few images that are being worked on are still reported."""
        self._waiting.clear()
        self.is_going = False

    def _next(self) -> None:
        keys = [self._waiting.popleft() for _ in range(min(_PIECE, len(self._waiting)))]
        if keys:
            self._running.start(self._work, keys)
        elif self.is_going:
            self.is_going = False
            self.ended.emit()

    def _on_reported(self, value: object) -> None:
        if isinstance(value, Failed):
            self.failed.emit(value.sentence)
        else:
            self.reported.emit(value)

    def _on_piece_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.failed.emit(last.sentence)
        self._next()


def _done(work: Callable[[str], Any], keys: list[str]) -> Iterator[Any]:
    """Called in the writer's thread."""
    for key in keys:
        try:
            yield work(key)
        except AppError as error:
            yield Failed(str(error))
