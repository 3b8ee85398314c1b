"""Frames of a source as they come, read in a thread; of those that nobody took, the newest stays.

So what is shown is never older than one frame, and the memory is that of one, however slow the
engine is. A video keeps its own time and drops what comes too late; a folder waits and drops
nothing, as somebody wants to see every image of it; a camera that is unplugged is tried again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from core.errors import AppError
from core.events import Noted
from core.images import Pixels
from core.live.sources import Ended, Source
from core.types import Problem

_RETRY_S = 1.0
_JOIN_S = 1.0
_MOST_NOTES = 5  # about frames that cannot be read; the sentence at the end counts them


@dataclass(frozen=True, slots=True)
class Opened:
    """The source gives frames, or gives them again."""

    title: str
    frames_per_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """A frame."""

    number: int
    """From 0, counted on when a source begins again or comes back."""
    rgb: Pixels
    at_s: float
    """When the source gave it, by the clock of the capture."""


Said: TypeAlias = Opened | Noted | Captured | Ended


class Clock:
    """The time that passes; tests have another."""

    def now(self) -> float:
        """Seconds since some moment; the same for every process of a machine.

        So it is with CLOCK_MONOTONIC on Linux (measured) and, by their documentation, with the
        clocks since the start of the system that Python takes on macOS and Windows; before
        Python 3.13 the one on Windows counts in steps of 16 ms.
        """
        return time.monotonic()

    def wait(self, until: threading.Event, seconds: float) -> None:
        """Waits so long, or until the event."""
        until.wait(seconds)


class Capture:
    """A source that is read in a thread."""

    def __init__(
        self, open_it: Callable[[], Source], *, is_looped: bool = False, clock: Clock | None = None
    ) -> None:
        """Opens the source in the thread; what keeps its own time plays from `play` on.

        Args:
            open_it: opens it, at first and whenever it begins again; raises AppError.
            is_looped: whether it begins again at its end.
            clock: the time.
        """
        self._open = open_it
        self._is_looped = is_looped
        self._clock = clock or Clock()
        self._closing = threading.Event()
        self._playing = threading.Event()
        self._changed = threading.Condition()
        self._notes: deque[Opened | Noted] = deque()
        self._latest: Captured | None = None
        self._end: Ended | AppError | None = None
        self._n_frames = 0
        self._unreadable: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    @property
    def n_frames(self) -> int:
        """How many frames the source gave, taken or not."""
        return self._n_frames

    def play(self) -> None:
        """Lets a source that keeps its own time begin."""
        self._playing.set()

    def take(self, *, timeout_s: float, wants_frame: bool = True) -> Said | None:
        """What there is to say next, or None where there is nothing within the time.

        What is said about the source comes first, then the newest frame, then the end.

        Raises:
            AppError: the source cannot be opened.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._has_news(wants_frame=wants_frame), timeout_s)
            if self._notes:
                return self._notes.popleft()
            if self._latest is not None:
                return self._taken() if wants_frame else None
            if isinstance(self._end, AppError):
                raise self._end
            return self._end

    def close(self) -> None:
        """Lets go of the source; one that is stuck in its driver is left to the process's end."""
        self._closing.set()
        self._playing.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(_JOIN_S)

    def _has_news(self, *, wants_frame: bool) -> bool:
        if self._notes or (wants_frame and self._latest is not None):
            return True
        return self._end is not None and self._latest is None

    def _taken(self) -> Captured | None:
        taken, self._latest = self._latest, None
        self._changed.notify_all()
        return taken

    def _run(self) -> None:
        try:
            end: Ended | AppError = self._watched()
        except AppError as error:
            end = error
        with self._changed:
            self._end = end
            self._changed.notify_all()

    def _watched(self) -> Ended:
        source = self._opened()
        while True:
            n_before = self._n_frames
            try:
                ended = self._followed(source)
            finally:
                source.close()
            if self._closing.is_set():
                return ended
            if ended.may_come_back:
                self._tell(Noted(ended.sentence))
                again = self._come_back()
                if again is None:
                    return ended
                source = again
            elif self._is_looped and self._n_frames > n_before:
                source = self._open()
            else:
                return ended

    def _opened(self) -> Source:
        source = self._open()
        with self._changed:
            self._latest = None  # of before it was lost
        self._tell(Opened(source.title, source.frames_per_s))
        return source

    def _come_back(self) -> Source | None:
        """The source when it is there again; None where nobody waits any more."""
        while True:
            self._clock.wait(self._closing, _RETRY_S)
            if self._closing.is_set():
                return None
            try:
                return self._opened()
            except AppError:
                continue

    def _followed(self, source: Source) -> Ended:
        """Reads frames until the source ends, or nobody wants more."""
        if source.interval_s:
            self._playing.wait()
        due_s = self._clock.now()
        while not self._closing.is_set():
            given = source.read()
            if isinstance(given, Ended):
                return given
            if isinstance(given, Problem):
                self._note_unreadable(given)
                continue
            # a camera has no interval; a video that is late does not run to catch up
            self._clock.wait(self._closing, max(0.0, due_s - self._clock.now()))
            self._show(given, waits=source.is_every_frame_shown)
            due_s = max(due_s + source.interval_s, self._clock.now())
        return Ended("")

    def _show(self, rgb: Pixels, *, waits: bool) -> None:
        with self._changed:
            if waits:
                self._changed.wait_for(lambda: self._latest is None or self._closing.is_set())
            self._latest = Captured(self._n_frames, rgb, self._clock.now())
            self._n_frames += 1
            self._changed.notify_all()

    def _note_unreadable(self, problem: Problem) -> None:
        if problem.where not in self._unreadable and len(self._unreadable) < _MOST_NOTES:
            self._unreadable.add(problem.where)
            self._tell(Noted(problem.sentence))

    def _tell(self, note: Opened | Noted) -> None:
        with self._changed:
            self._notes.append(note)
            self._changed.notify_all()
