"""Runs in child processes: one for each job, or one that an engine stays in."""

import contextlib
import itertools
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

import core
from core.configs import to_json
from core.events import Failed, Finished, from_values
from gui.runs.run import Run
from gui.texts import tr

GRACE_S = 20.0
"""How long a child that was told to stop may take for its last checkpoint before it is killed."""
_TAIL_BYTES = 4000
_KILLED = -9  # the exit code where nothing could be said any more, on Linux and macOS
_LOSES_NOTHING = frozenset({"warm_up", "devices", "describe_weights", "assist", "segment_box"})
"""Jobs of the engine's process that leave nothing behind, and cannot be cancelled in the middle."""


def worker_command() -> tuple[str, ...]:
    """What starts a child process that serves jobs (core/worker.py)."""
    program = Path(core.__file__).resolve().parent.parent / "main.py"
    start = (str(program),) if program.is_file() else ("-m", "main")
    return (sys.executable, *start, "--worker")


@dataclass(frozen=True, slots=True)
class _Died:
    """A child is gone: the exit code and the end of what it wrote to stderr."""

    code: int | None
    said: str

    @property
    def sentence(self) -> str:
        if self.code == _KILLED:
            return tr(
                "The process was killed before it was done. The system does that where memory runs"
                " out: close other programs, then try again."
            )
        sentence = (
            tr("The process could not be started before it was done.")
            if self.code is None
            else tr("The process ended with code {code} before it was done.").format(code=self.code)
        )
        last_line = self.said.strip().splitlines()[-1:] or [""]
        return f"{sentence} {last_line[0]}".strip()


class _Child(QObject):
    """One worker process. Two threads of its own write to it and read from it."""

    spoke = Signal(int, object)
    """The number of a request and an event of it."""
    died = Signal(object)
    """_Died, after the last event."""
    _spoken = Signal(int, object)
    _gone = Signal(object)

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._outgoing: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._may_outlive = False
        self._spoken.connect(self.spoke, Qt.ConnectionType.QueuedConnection)
        self._gone.connect(self.died, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._supervise, name="child", daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Sends one line; never waits."""
        self._outgoing.put(json.dumps(message) + "\n")

    def close(self, *, may_outlive: bool = False) -> None:
        """Ends its stdin: it stops by itself, and is killed after the grace time if it does not."""
        self._may_outlive = may_outlive
        self._outgoing.put(None)

    def kill(self) -> None:
        """Ends it at once."""
        if self._process is not None:
            self._process.kill()

    def _supervise(self) -> None:
        with contextlib.suppress(RuntimeError):  # the window, and this object with it, is gone
            try:
                self._gone.emit(self._read_until_end())
            except OSError as error:
                self._gone.emit(_Died(None, str(error)))

    def _read_until_end(self) -> _Died:
        with tempfile.TemporaryFile() as stderr, _started(self._command, stderr) as process:
            self._process = process
            # At the end of the program the child keeps the grace time by itself.
            writer = threading.Thread(target=self._write, args=(process,), name="to_child")
            writer.start()
            assert process.stdout is not None
            for line in process.stdout:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    values = json.loads(line)
                    number = int(values.pop("request"))
                    self._spoken.emit(number, from_values(values))
            code = process.wait()
            self._outgoing.put(None)
            writer.join()  # else both close its stdin at the same time
            stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return _Died(code, stderr.read().decode("utf-8", "replace"))

    def _write(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it died, its reader tells
            while (line := self._outgoing.get()) is not None:
                process.stdin.write(line)
                process.stdin.flush()
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()
        if not self._may_outlive:
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _started(command: Sequence[str], stderr: IO[bytes]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        # Two OpenMP threads that spin are several times slower than one on a busy core.
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
        start_new_session=True,  # Ctrl-C in the window's terminal is not meant for it
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)
    return process


class ProcessRun(Run):
    """One job in a child process of its own."""

    def __init__(
        self,
        name: str,
        config: Any,
        run_folder: str = "",
        *,
        title: str = "",
        keep_going: bool = False,
        command: Sequence[str] = (),
        parent: QObject | None = None,
    ) -> None:
        """Starts the job at once.

        Args:
            name: the job's.
            config: its config, a dataclass of core.configs.
            run_folder: where the child writes what it says, or empty.
            title: as shown to the user.
            keep_going: whether it goes on when the window has gone.
            command: what starts the child, if not worker_command().
            parent: as of any QObject.
        """
        super().__init__(title or name, parent)
        self.name = name
        self.config = config
        self.run_folder = run_folder
        self.has_died = False
        """Whether its process ended without a last word."""
        self._was_cancelled = False
        self._child = _Child(command or worker_command(), self)
        self._child.spoke.connect(self._on_spoke)
        self._child.died.connect(self._on_died)
        self._child.send(
            {
                "request": 1,
                "job": name,
                "config": to_json(config),
                "run_folder": run_folder or None,
                "keep_going": keep_going,
            }
        )

    @property
    def is_training(self) -> bool:
        """Whether it is a fine-tune."""
        return self.name in ("train", "resume")

    def cancel(self) -> None:
        """Asks the job to stop in good order; it is killed if it does not within the grace time."""
        if self.is_going and not self._was_cancelled:
            self._was_cancelled = True
            self._child.send({"cancel": 1})
            QTimer.singleShot(int(GRACE_S * 1000), self, self._kill_if_going)

    def stop(self) -> None:
        """Ends the child at once, in the middle of what it does; for jobs that write nothing."""
        self._was_cancelled = True
        self._child.kill()
        self._child.close()

    def leave(self) -> None:
        """Lets go of the child: it keeps going if it was started so, else it stops."""
        self._child.close(may_outlive=not self._was_cancelled)

    def leave_now(self) -> None:
        """Ends the child at once: for a job that leaves nothing behind."""
        self.cancel()
        self.leave()
        self._child.kill()

    def _kill_if_going(self) -> None:
        if self.is_going:
            self._child.kill()

    def _on_spoke(self, _: int, event: object) -> None:
        if isinstance(event, Finished | Failed):
            self._child.close()
        self._take(event)

    def _on_died(self, died: _Died) -> None:
        self.has_died = True
        if self._was_cancelled:
            self._take(Finished(was_cancelled=True))
        else:
            self._take(Failed(died.sentence, died.said))


class EngineRequest(Run):
    """One request to the engine's process, waiting or being served."""

    def __init__(self, name: str, config: Any, engine: "EngineProcess") -> None:
        super().__init__(name, engine)
        self.name = name
        self.config = config
        self._engine = engine

    def cancel(self) -> None:
        """Takes it out of the queue; one that is being served stops after its image."""
        self._engine.withdraw(self)

    def take(self, event: object) -> None:
        """For EngineProcess: an event of this request arrived."""
        self._take(event)


class EngineProcess(QObject):
    """One long-lived child that keeps the loaded engine warm. The queue is here, in the window."""

    said = Signal(str)
    """A sentence for the user."""

    def __init__(self, command: Sequence[str] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command or worker_command()
        self._child: _Child | None = None
        self._waiting: deque[EngineRequest] = deque()
        self._served: EngineRequest | None = None
        self._held: frozenset[str] = frozenset()
        self._numbers = itertools.count(1)
        self._number = 0

    def hold(self, names: Iterable[str]) -> None:
        """Lets requests of these jobs wait from now on, and others go on; with none all go on.

        What is loaded is given back, when the request that is being served has ended.
        """
        self._held = frozenset(names)
        self._rest_if_held()
        QTimer.singleShot(0, self, self._serve_next)

    def ask(self, name: str, config: Any, *, goes_first: bool = False) -> EngineRequest:
        """Queues one request: a job of one or a few images. What a person waits for goes first."""
        request = EngineRequest(name, config, self)
        if name in _LOSES_NOTHING:  # an assistant that follows the mouse asks thousands of them
            request.ended.connect(request.deleteLater)
        if goes_first:
            self._waiting.appendleft(request)
        else:
            self._waiting.append(request)
        # In the next turn of the loop, so that the caller can connect before anything is said.
        QTimer.singleShot(0, self, self._serve_next)
        return request

    def withdraw(self, request: EngineRequest) -> None:
        """Ends a request; the child and its loaded engine stay."""
        if request in self._waiting:
            self._waiting.remove(request)
            request.take(Finished(was_cancelled=True))
        elif request is self._served and self._child is not None:
            self._child.send({"cancel": self._number})

    def close(self) -> None:
        """Drops the queue and lets the child end."""
        self._drop(self._waiting)
        child = self._child
        self._let_go()
        if child is not None and self._served is not None and self._served.name in _LOSES_NOTHING:
            child.kill()  # it would go on for as long as a large model takes to load

    def _let_go(self) -> None:
        if self._child is not None:
            self._child.died.disconnect(self._on_died)
            self._child.close()
            self._child = None

    def _rest_if_held(self) -> None:
        if self._held and self._served is None:
            self._let_go()

    def _drop(self, requests: Iterable[EngineRequest]) -> None:
        for request in tuple(requests):
            self.withdraw(request)

    def _serve_next(self) -> None:
        request = next((one for one in self._waiting if one.name not in self._held), None)
        if self._served is not None or request is None:
            return
        if self._child is None:
            self._child = _Child(self._command, self)
            self._child.spoke.connect(self._on_spoke)
            self._child.died.connect(self._on_died)
        self._waiting.remove(request)
        self._served = request
        self._number = next(self._numbers)
        self._child.send(
            {
                "request": self._number,
                "job": self._served.name,
                "config": to_json(self._served.config),
                "run_folder": None,
            }
        )

    def _on_spoke(self, number: int, event: object) -> None:
        if number != self._number or self._served is None:
            return
        request = self._served
        if isinstance(event, Finished | Failed):
            self._served = None
            self._rest_if_held()
            QTimer.singleShot(0, self, self._serve_next)
        request.take(event)

    def _on_died(self, died: _Died) -> None:
        self._child = None
        request, self._served = self._served, None
        if request is not None:
            self.said.emit(
                tr("The engine's process ended by itself and is started again when needed.")
            )
            request.take(Failed(died.sentence, died.said))
        QTimer.singleShot(0, self, self._serve_next)
