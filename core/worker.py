"""The child process: requests come in and events go out, one JSON object a line.

In:  {"request": 1, "job": "train", "config": {...}, "run_folder": "...", "keep_going": false}
     {"cancel": 1}
Out: {"request": 1, "event": "Progress", ...}; the last event of a request is Finished or Failed.

Requests are served one after another. At the end of stdin what runs is cancelled, unless it was
told to keep going; then the process ends. SIGTERM cancels what runs and ends the process. What
libraries print goes to stderr, never into the stream of events.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from core.demo import JOBS as DEMO_JOBS
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Failed, Finished, Waiting, to_line
from core.jobs import all_jobs, run_job
from core.run_folder import RunFolder

GRACE_S = 20.0
"""How long what runs may take to end in good order when nobody listens any more."""


@dataclass(frozen=True, slots=True)
class _Request:
    number: int
    job: str
    config: Any
    run_folder: str
    keep_going: bool


class _Inbox:
    """Reads stdin in a thread: requests to serve, cancellations, and whether it ended."""

    def __init__(self, lines: TextIO) -> None:
        self.requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._has_ended = threading.Event()
        self._is_to_end = False
        self.is_needed = False
        """Whether what is served goes on though nobody listens."""
        self._lines = lines
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def wants_end_of(self, request: _Request) -> bool:
        """Whether the request was cancelled, or nobody is left to read its events."""
        nobody_listens = self._has_ended.is_set() and not request.keep_going
        return nobody_listens or self._is_to_end or request.number in self._cancelled

    def end(self) -> None:
        """Cancels what runs and what waits. Called by a signal: it takes no lock."""
        self._is_to_end = True
        self.requests.put(None)

    def _read(self) -> None:
        for line in self._lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._take(json.loads(line))
        self._has_ended.set()
        self.requests.put(None)
        # Work that comes to no event for so long is stuck, and nobody is left to kill it.
        threading.Event().wait(GRACE_S)
        if not self.is_needed:
            os._exit(1)

    def _take(self, message: dict[str, Any]) -> None:
        if "cancel" in message:
            self._cancelled.add(int(message["cancel"]))
            return
        self.requests.put(
            _Request(
                number=int(message["request"]),
                job=str(message["job"]),
                config=message["config"],
                run_folder=message.get("run_folder") or "",
                keep_going=bool(message.get("keep_going")),
            )
        )


def serve() -> int:
    """Serves requests from stdin until it ends; the exit code."""
    # half a character, as in a file name that is no UTF-8, becomes its own JSON escape
    events_out = os.fdopen(
        os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="backslashreplace"
    )
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    inbox = _Inbox(open(sys.stdin.fileno(), encoding="utf-8", closefd=False))  # noqa: SIM115 (lives as long as the process)
    # The way to cancel for a window that finds a run again and has no pipe to its process.
    signal.signal(signal.SIGTERM, lambda *_: inbox.end())
    engines = EngineShelf()
    while (request := inbox.requests.get()) is not None:
        inbox.is_needed = request.keep_going
        _serve_one(request, inbox, engines, _writer(events_out, request.number))
    return 0


def _writer(stream: TextIO, request: int) -> Callable[[Event], None]:
    def write(event: Event) -> None:
        # an object with one more key, and not parsed for it: a live frame has 50 kB
        line = f'{{"request": {request}, {to_line(event)[1:]}'
        # The window may be gone: a run that keeps going still has its run folder to write to.
        with contextlib.suppress(BrokenPipeError):
            stream.write(line + "\n")
            stream.flush()

    return write


def _serve_one(
    request: _Request, inbox: _Inbox, engines: EngineShelf, write: Callable[[Event], None]
) -> None:
    jobs = {**all_jobs(), **{spec.name: spec for spec in DEMO_JOBS}}
    events = run_job(request.job, request.config, engines, jobs=jobs)
    with _recording(request.run_folder, write) as report:
        for event in _until_end(events, lambda: inbox.wants_end_of(request)):
            if not isinstance(event, Waiting):
                report(event)


@contextlib.contextmanager
def _recording(
    run_folder: str, write: Callable[[Event], None]
) -> Iterator[Callable[[Event], None]]:
    """What takes an event: the stream, and the run folder's files where there is one."""
    if not run_folder:
        yield write
        return
    folder = RunFolder.create(Path(run_folder))
    with folder.being_written() as record:

        def both(event: Event) -> None:
            record(event)
            write(event)

        yield both


def _until_end(
    events: Generator[Event, None, None], wants_end: Callable[[], bool]
) -> Iterator[Event]:
    """The job's events, always closed by Finished or Failed."""
    last: Event | None = None
    try:
        for event in events:
            last = event
            yield event
            if wants_end() and not isinstance(event, Finished | Failed):
                events.close()
                yield Finished(was_cancelled=True)
                return
        if not isinstance(last, Finished | Failed):
            yield Finished()
    except AppError as error:
        yield Failed(str(error))
    except Exception as error:  # noqa: BLE001 (the border: a bug in a job must reach the window)
        details = traceback.format_exc()
        sys.stderr.write(details)
        yield Failed(f"The job stopped by an error in the program: {error!r}", details)
