"""Follows what a run says by its folder: one that goes on, and one that ended long ago."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from core.events import Event, Failed
from core.run_folder import RunFolder
from gui.runs import ThreadRun

_POLL_MS = 1000
_AT_ONCE = 1000
"""Events that the window takes in one go."""


@dataclass(frozen=True, slots=True)
class _Read:
    events: tuple[Event, ...]
    next_offset: int
    started_over: bool
    is_alive: bool


class RunFollowing(QObject):
    """Reads the events of one run in a thread, and goes on reading while it is alive."""

    began = Signal()
    """What is said from now on is said from the beginning."""
    said = Signal(object)
    """Events, in their order."""
    read_through = Signal(bool)
    """All that is there so far was said; whether the run goes on."""

    def __init__(self, reader: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: RunFolder | None = None
        self._offset = 0
        self._goes_on = False
        self._reading = ThreadRun(_pieces, reader, latest_only=True, parent=self)
        self._reading.reported.connect(self._on_read)
        self._reading.ended.connect(self._on_reading_ended)
        self._again = QTimer(self, singleShot=True, interval=_POLL_MS)
        self._again.timeout.connect(self._read)

    @property
    def folder(self) -> RunFolder | None:
        """The run that is followed."""
        return self._folder

    @property
    def goes_on(self) -> bool:
        """Whether more is read, now or later; not where the run was not alive any more."""
        return self._goes_on

    def follow(self, folder: RunFolder) -> None:
        """Says all that this run said, then what it says."""
        self.stop()
        self._folder, self._offset = folder, 0
        self.began.emit()
        self._read()

    def stop(self) -> None:
        """Follows nothing any more."""
        self._again.stop()
        self._reading.drop()
        self._folder, self._goes_on = None, False

    def _read(self) -> None:
        if self._folder is not None:
            self._goes_on = True
            self._reading.start(self._folder, self._offset)

    def _on_read(self, read: _Read) -> None:
        if read.started_over:
            self.began.emit()
        self.said.emit(read.events)
        if read.next_offset < 0 or self._folder is None:
            return
        self._offset, self._goes_on = read.next_offset, read.is_alive
        if read.is_alive:
            self._again.start()
        self.read_through.emit(read.is_alive)

    def _on_reading_ended(self, last: object) -> None:
        if isinstance(last, Failed) and self._folder is not None:
            self._again.start()  # a disk that is away for a moment


def _pieces(folder: RunFolder, offset: int) -> Iterator[_Read]:
    """Called in a thread. The last piece has the offset to go on from, the others -1."""
    is_alive = folder.is_alive()  # before reading, so that the last words are not missed
    read = folder.read_events(offset)
    places = range(0, max(1, len(read.events)), _AT_ONCE)
    pieces = [read.events[place : place + _AT_ONCE] for place in places]
    for number, events in enumerate(pieces):
        is_last = number == len(pieces) - 1
        started_over = read.started_over and number == 0
        yield _Read(events, read.next_offset if is_last else -1, started_over, is_alive)
