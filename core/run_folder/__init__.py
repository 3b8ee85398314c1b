"""What a run leaves on disk, for those who write it and those who read it.

    config.json      the job's name and its config
    settings.json    every choice of a fine-tune, those that its config left open too
    snapshot.json    the labels as they were when the run began
    events.jsonl     what the job said, one event a line
    log.txt          its sentences with the time, for people
    events.out.tfevents.*    the metrics of a fine-tune, for TensorBoard
    pid              the process that writes, while it does
    last.pth         all that a resume needs; removed when the run is done
    best.pth, config.yaml, evaluation.json      what came out
    told             is there when a window has said that the run is done

An old run and a live one are read by the same code.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from natsort import natsorted

from core.atomic import is_leftover, reason_of, remove_file, write_atomically
from core.errors import AppError
from core.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    Metrics,
    Noted,
    Progress,
    from_line,
    to_line,
)
from core.run_folder.process import ProcessId, is_running, this_process
from core.run_folder.snapshot import (
    Snapshot,
    SnapshotImage,
    snapshot_from_json,
    snapshot_to_json,
)
from core.types import Json

__all__ = [
    "EventsRead",
    "RunFolder",
    "RunState",
    "Snapshot",
    "SnapshotImage",
    "new_run_folder",
    "recorded",
    "runs_folder",
    "runs_of",
]

_TAIL_BYTES = 1 << 18
"""Of events.jsonl: where the word that ended a run is looked for."""


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    BROKEN_OFF = "broken off"
    """Its process ended without a word: killed, or the machine went down."""


@dataclass(frozen=True, slots=True)
class EventsRead:
    """What events.jsonl held beyond an offset."""

    events: tuple[Event, ...]
    next_offset: int
    """In bytes; the next call goes on from here."""
    started_over: bool
    """The file is shorter than the offset was (the run was resumed): these are all its events."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """The run folder at this path, made when missing.

        Raises:
            AppError: the folder cannot be made.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AppError(f"The run folder {path} cannot be made: {error.strerror}.") from error
        return cls(path.resolve())

    @property
    def last_checkpoint(self) -> Path:
        """Where the state for a resume lies while the run is not done."""
        return self.path / "last.pth"

    @property
    def best_weights(self) -> Path:
        """The weights that came out."""
        return self.path / "best.pth"

    @property
    def model_config(self) -> Path:
        """The detectron2 config of the weights, with the class names."""
        return self.path / "config.yaml"

    @property
    def evaluation(self) -> Path:
        """The numbers of the weights that came out."""
        return self.path / "evaluation.json"

    @property
    def events_file(self) -> Path:
        """What the job said."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """The same for people."""
        return self.path / "log.txt"

    def write_config(self, job: str, config: Json) -> None:
        """Keeps what the job was told."""
        self._write_json("config.json", {"job": job, "config": config})

    def read_config(self) -> tuple[str, Json]:
        """The job's name and its config.

        Raises:
            AppError: there is none, or it cannot be read.
        """
        value = self._read_json("config.json")
        try:
            return str(value["job"]), value["config"]
        except (KeyError, TypeError) as error:
            raise AppError(f"{self.path / 'config.json'} is not a run's config.") from error

    def write_settings(self, settings: Json) -> None:
        """Keeps the config with every choice made."""
        self._write_json("settings.json", settings)

    def read_settings(self) -> Json:
        """The config with every choice made.

        Raises:
            AppError: there is none yet, or it cannot be read.
        """
        return self._read_json("settings.json")

    def write_snapshot(self, snapshot: Snapshot) -> None:
        """Keeps the labels as they are now."""
        self._write_json("snapshot.json", snapshot_to_json(snapshot))

    def read_snapshot(self) -> Snapshot:
        """The labels as they were.

        Raises:
            AppError: there are none, or they cannot be read.
        """
        value = self._read_json("snapshot.json")
        try:
            return snapshot_from_json(value)
        except (KeyError, TypeError, ValueError) as error:
            raise AppError(f"{self.path / 'snapshot.json'} is not a run's snapshot.") from error

    def write_evaluation(self, numbers: Json) -> None:
        """Keeps the numbers of the weights that came out."""
        self._write_json("evaluation.json", numbers)

    def read_evaluation(self) -> Json:
        """The numbers of the weights that came out; None while there are none."""
        return self._read_json("evaluation.json") if self.evaluation.exists() else None

    @contextlib.contextmanager
    def being_written(self) -> Iterator[Callable[[Event], None]]:
        """Names this process as the run's writer and gives what records an event, flushed.

        Where this process is the writer already, nothing is recorded twice: the outer one does it.

        Raises:
            AppError: another living process writes this run.
        """
        owner, me = self._owner(), this_process()
        if owner == me:
            yield lambda event: None
            return
        if owner is not None and is_running(owner):
            raise AppError(f"Another process (number {owner.pid}) still works in {self.path}.")
        self._tidy_up()
        pid_file = self.path / "pid"
        text = json.dumps({"pid": me.pid, "started": me.started})
        _replace_text(pid_file, text)
        try:
            yield self._record
        finally:
            pid_file.unlink(missing_ok=True)

    def is_alive(self) -> bool:
        """Whether a process works in it now."""
        owner = self._owner()
        return owner is not None and is_running(owner)

    def ask_to_end(self) -> None:
        """Asks the process that works in it to stop in good order; nothing where there is none.

        Raises:
            AppError: the process belongs to another user.
        """
        owner = self._owner()
        if owner is None or not is_running(owner):
            return
        try:
            os.kill(owner.pid, signal.SIGTERM)  # Windows ends it at once
        except ProcessLookupError:
            return  # it has just ended
        except OSError as error:
            raise AppError(
                f"The process (number {owner.pid}) that works in {self.path} cannot be stopped from"
                f" here: {error.strerror}."
            ) from error

    def read_events(self, offset: int = 0) -> EventsRead:
        """The events from an offset on; a last line that is still being written is left for later.

        Lines that are no events are passed over.
        """
        try:
            with self.events_file.open("rb") as file:
                started_over = offset > file.seek(0, os.SEEK_END)
                begin = 0 if started_over else offset
                file.seek(begin)
                content = file.read()
        except FileNotFoundError:
            return EventsRead((), 0, started_over=offset > 0)
        whole = content[: content.rfind(b"\n") + 1]
        events: list[Event] = []
        for line in whole.splitlines():
            with contextlib.suppress(ValueError):
                events.append(from_line(line.decode("utf-8")))
        return EventsRead(tuple(events), begin + len(whole), started_over=started_over)

    def state(self) -> RunState:
        """How the run stands, from its process and its last event."""
        if self.is_alive():
            return RunState.RUNNING
        for event in reversed(self._last_events()):
            if isinstance(event, Failed):
                return RunState.FAILED
            if isinstance(event, Finished):
                return RunState.CANCELLED if event.was_cancelled else RunState.FINISHED
            if isinstance(event, Metrics):
                break
        return RunState.BROKEN_OFF

    def _last_events(self) -> tuple[Event, ...]:
        """How events.jsonl ends: a list of runs need not read all that each of them said."""
        try:
            n_bytes = self.events_file.stat().st_size
        except OSError:
            return ()
        return self.read_events(max(0, n_bytes - _TAIL_BYTES)).events

    def forget_after(self, iteration: int) -> None:
        """Drops what was said of later iterations, and how the run ended: it goes on from here."""
        lines = [
            to_line(event) for event in self.read_events().events if not _is_later(event, iteration)
        ]
        text = "".join(line + "\n" for line in lines)
        _replace_text(self.events_file, text)

    def _record(self, event: Event) -> None:
        _append(self.events_file, to_line(event))
        sentence = _sentence(event)
        if sentence:
            _append(self.log_file, f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {sentence}")

    def _tidy_up(self) -> None:
        """Removes what a killed process left: half of a file, half of a line."""
        for leftover in [one for one in self.path.iterdir() if is_leftover(one.name)]:
            remove_file(leftover)
        with contextlib.suppress(FileNotFoundError), self.events_file.open("r+b") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)

    def _owner(self) -> ProcessId | None:
        try:
            value = json.loads((self.path / "pid").read_text())
            return ProcessId(int(value["pid"]), str(value["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write_json(self, name: str, value: Json) -> None:
        _replace_text(self.path / name, json.dumps(value, ensure_ascii=False))

    def _read_json(self, name: str) -> Json:
        file = self.path / name
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise AppError(f"{self.path} is not the folder of a run: it has no {name}.") from error
        except (OSError, ValueError, RecursionError) as error:
            raise AppError(f"{file} cannot be read: {error}.") from error


def new_run_folder(labels_folder: Path, job: str) -> RunFolder:
    """A folder of its own for a run of this job, under the project's .maskloop/runs.

    Raises:
        AppError: the folder cannot be made.
    """
    runs = RunFolder.create(runs_folder(labels_folder)).path
    stem = f"{time.strftime('%Y-%m-%d_%H%M%S')}_{job}"
    for number in range(1, 1000):
        path = runs / (stem if number == 1 else f"{stem}_{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise AppError(f"No run can begin in {runs}: {reason_of(error)}.") from error
        return RunFolder(path)
    raise AppError(f"{runs} holds too many runs of this very second; try again.")


def runs_folder(labels_folder: Path) -> Path:
    """Where a project keeps its runs."""
    return labels_folder / ".maskloop" / "runs"


def runs_of(labels_folder: Path) -> tuple[RunFolder, ...]:
    """The runs of a project, the newest first."""
    folder = runs_folder(labels_folder)
    if not folder.is_dir():
        return ()
    with_config = [path for path in folder.iterdir() if (path / "config.json").is_file()]
    # Names begin with the time, so natural order is the order in which they began.
    return tuple(map(RunFolder, natsorted(with_config, key=lambda path: path.name, reverse=True)))


def recorded(
    folder: RunFolder, events: Generator[Event, None, None]
) -> Generator[Event, None, None]:
    """The same events, each written to the run folder before it is passed on.

    Closing it closes the events and records that the run was cancelled.

    Raises:
        AppError: another process writes this run, or what the events raise, which is recorded.
    """
    with folder.being_written() as record:
        try:
            for event in events:
                record(event)
                yield event
        except GeneratorExit:
            events.close()
            record(Finished(was_cancelled=True))
            raise
        except AppError as error:
            with contextlib.suppress(AppError):  # where the disk is full, this cannot be said
                record(Failed(str(error)))
            raise


def _replace_text(file: Path, text: str) -> None:
    # half a character, which a label from elsewhere may hold, becomes its own JSON escape
    write_atomically(file, text.encode("utf-8", "backslashreplace"))


def _append(file: Path, line: str) -> None:
    """One write to a file opened for appending, so that a reader never sees lines mixed."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, (line + "\n").encode("utf-8", "backslashreplace"))
        finally:
            os.close(handle)
    except OSError as error:
        raise AppError(f"{file} cannot be written: {error.strerror}. Is the disk full?") from error


def _sentence(event: Event) -> str:
    match event:
        case Noted(sentence):
            return sentence
        case Failed(sentence, details):
            return f"{sentence}\n{details}".rstrip()
        case CheckpointSaved(path, iteration):
            return f"Checkpoint at iteration {iteration}: {path}"
        case Finished(was_cancelled=was_cancelled):
            return "Cancelled." if was_cancelled else "Finished."
        case _:
            return ""


def _is_later(event: Event, iteration: int) -> bool:
    match event:
        case Metrics(iteration=at) | CheckpointSaved(iteration=at):
            return at > iteration
        case Progress(done=done):
            return done > iteration
        case _:
            return isinstance(event, Finished | Failed)
