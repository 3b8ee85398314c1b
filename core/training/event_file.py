"""The metrics of a run as an event file of TensorBoard, beside events.jsonl in its folder.

`tensorboard --logdir RUNS` shows the folders below RUNS that have one, each as a run of its own.
The tags are the names of Metrics, which are detectron2's where it has a name for the same number.
"""

import contextlib
import os
import shutil
import struct
import time
from collections.abc import Generator, Iterable
from pathlib import Path

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships none
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto import event_pb2, summary_pb2

from core.errors import AppError
from core.events import Event, Metrics, Noted
from core.run_folder import RunFolder

PATTERN = "events.out.tfevents.*"
_ALSO = {"seconds": "time"}
"""Our name of a number to detectron2's of the same."""
_LENGTH, _CRC_BYTES = struct.Struct("<Q"), 4
"""A record is its length, a sum of that, its bytes, a sum of them (TFRecord)."""


def shown_by_tensorboard(
    run: RunFolder, events: Generator[Event, None, None]
) -> Generator[Event, None, None]:
    """The same events, the metrics among them written to the run's event file too.

    Where the run goes on from an earlier iteration, what came after that is no longer in the file,
    as it is no longer in events.jsonl. A file that is damaged is kept beside, and a note says so.

    Raises:
        AppError: the file cannot be written.
    """
    with contextlib.closing(events), contextlib.closing(EventFile(run)) as file:
        for event in events:
            if isinstance(event, Metrics):
                yield from map(Noted, file.add(event))
            yield event


class EventFile:
    """One event file, begun anew where the run goes on from an earlier iteration."""

    def __init__(self, run: RunFolder) -> None:
        """Nothing is written before the first metrics."""
        self._run = run
        self._writer: EventsWriter | None = None
        self._last = -1
        self._tags: set[str] = set()
        """Of the last iteration."""

    def add(self, metrics: Metrics) -> tuple[str, ...]:
        """Writes numbers that the run folder does not hold yet.

        Returns:
            What the user should know of files that were damaged.

        Raises:
            AppError: the file cannot be written.
        """
        at, tags = metrics.iteration, set(metrics.values)
        notes: tuple[str, ...] = ()
        goes_back = at < self._last or (at == self._last and bool(tags & self._tags))
        try:
            if self._writer is None or goes_back:
                notes = self._begin()
            self._write(metrics, time.time())
        except OSError as error:
            raise AppError(
                f"The event file for TensorBoard in {self._run.path} cannot be written:"
                f" {error.strerror}. Is the disk full?"
            ) from error
        self._tags = tags | (self._tags if at == self._last else set())
        self._last = at
        return notes

    def close(self) -> None:
        """Ends the file."""
        if self._writer is not None:
            with contextlib.suppress(OSError):  # each record was flushed when it was written
                self._writer.close()
            self._writer = None

    def _begin(self) -> tuple[str, ...]:
        """Writes all that the run folder holds into a new file, with the times of the old one.

        Returns:
            A sentence for each old file that is damaged.
        """
        self.close()
        times: dict[int, float] = {}
        notes: list[str] = []
        for file in self._run.path.glob(PATTERN):
            try:
                for step, at_s in _times(file):
                    times[step] = at_s
            except DecodeError:
                notes.append(_kept_beside(file))
            _empty(file)
        self._writer = EventsWriter(str(self._run.path / "events"))
        # A TensorBoard that is open forgets what it read of the file before.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._record(event_pb2.Event(wall_time=time.time(), step=0, session_log=start))
        for event in self._run.read_events().events:
            if isinstance(event, Metrics):
                self._write(event, times.get(event.iteration, time.time()))
        return tuple(notes)

    def _write(self, metrics: Metrics, at_s: float) -> None:
        named = {**metrics.values}
        named |= {_ALSO[name]: value for name, value in metrics.values.items() if name in _ALSO}
        values = [
            summary_pb2.Summary.Value(tag=tag, simple_value=one) for tag, one in named.items()
        ]
        self._record(
            event_pb2.Event(
                wall_time=at_s,
                step=metrics.iteration,
                summary=summary_pb2.Summary(value=values),
            )
        )

    def _record(self, event: event_pb2.Event) -> None:
        assert self._writer is not None, "the file is not begun"
        self._writer.write_event(event)
        self._writer.flush()


def _kept_beside(file: Path) -> str:
    """Copies a damaged file to where TensorBoard does not look; the sentence about it."""
    # TensorBoard reads every file whose name holds tfevents.
    beside = file.with_name(file.name.replace("tfevents", "damaged"))
    shutil.copyfile(file, beside)
    return (
        f"The event file for TensorBoard {file.name} is damaged. It is kept as {beside.name}, and a"
        " new one is written from what the run folder holds."
    )


def _empty(file: Path) -> None:
    """Empties a file; one that is empty already goes.

    A TensorBoard that reads a file goes on to the next one at its end, but waits for ever for one
    that is gone.
    """
    if file.stat().st_size:
        os.truncate(file, 0)
    else:
        file.unlink(missing_ok=True)


def _times(file: Path) -> Iterable[tuple[int, float]]:
    """The iteration and the time of each record; what a killed process left half is left out.

    Raises:
        DecodeError: a record is none; those before it were given.
    """
    content, place = file.read_bytes(), 0
    while place + _LENGTH.size <= len(content):
        (length,) = _LENGTH.unpack_from(content, place)
        begin = place + _LENGTH.size + _CRC_BYTES
        place = begin + length + _CRC_BYTES
        if place > len(content):
            return
        event = event_pb2.Event.FromString(content[begin : begin + length])
        yield event.step, event.wall_time
