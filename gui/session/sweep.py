"""Work over many images in the writer's thread, in pieces, so that saves get their turn."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.events import Failed
from gui.runs import ThreadRun
from gui.texts import tr

_PIECE = 4  # images: an edit waits for so many files at most before it is saved


class Sweep(QObject):
    """Calls `work(key)` for each image, one sweep at a time."""

    reported = Signal(object)
    """What the work gave for an image."""
    failed = Signal(str)
    """Why it could not be done for an image, and for how many more, in one sentence a sweep: a full
    disk has the same to say of thousands."""
    ended = Signal()
    """All is done; not after `stop`."""

    def __init__(self, writer: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_going = False
        """Whether images wait or are being worked on."""
        self._waiting: deque[str] = deque()
        self._why_not: list[str] = []
        """A sentence for each image for which it could not be done."""
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
            return
        why_not, self._why_not = self._why_not, []
        if why_not:
            self.failed.emit(first_of(why_not))
        if self.is_going:
            self.is_going = False
            self.ended.emit()

    def _on_reported(self, value: object) -> None:
        if isinstance(value, Failed):
            self._why_not.append(value.sentence)
        else:
            self.reported.emit(value)

    def _on_piece_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self._why_not.append(last.sentence)
        self._next()


def first_of(why_not: Sequence[str]) -> str:
    """The first of these sentences, and how many images more something like it holds for."""
    more = len(why_not) - 1
    if not more:
        return why_not[0]
    one = tr("1 other image was left out too.")
    others = one if more == 1 else tr("%n other images were left out too.", "", more)
    return f"{why_not[0]} {others}"


def _done(work: Callable[[str], Any], keys: list[str]) -> Iterator[Any]:
    """Called in the writer's thread."""
    for key in keys:
        try:
            yield work(key)
        except AppError as error:
            yield Failed(str(error))
