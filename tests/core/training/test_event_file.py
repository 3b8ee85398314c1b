"""The event file of TensorBoard: read back record by record, sums checked."""

import contextlib
import errno
import struct
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tensorboardX.crc32c import crc32c
from tensorboardX.proto import event_pb2

from core.errors import AppError
from core.events import Event, Metrics, Noted, Progress
from core.run_folder import RunFolder, recorded
from core.training.event_file import PATTERN, EventFile, shown_by_tensorboard

ONE = Metrics(1, {"total_loss": 2.5, "lr": 1e-3, "seconds": 0.5})
TWO = Metrics(2, {"total_loss": 1.25, "fast_rcnn/cls_accuracy": 0.75})
FIRST = (
    ONE,
    Progress(1, 3),
    TWO,
    Metrics(2, {"segm/AP": 46.1}),
    Metrics(3, {"total_loss": 1.0}),
)


def read_back(folder: Path) -> list[event_pb2.Event]:
    """The records of the event files of a folder."""
    files = sorted(folder.glob(PATTERN))
    content, events = b"".join(file.read_bytes() for file in files), []
    while content:
        length, length_sum = struct.unpack("<QI", content[:12])
        data, (data_sum,) = (
            content[12 : 12 + length],
            struct.unpack_from("<I", content, 12 + length),
        )
        assert (length_sum, data_sum) == (_masked(content[:8]), _masked(data))
        events.append(event_pb2.Event.FromString(data))
        content = content[16 + length :]
    return events


def _masked(content: bytes) -> int:
    """TFRecord's sum: https://www.tensorflow.org/tutorials/load_data/tfrecord."""
    plain = crc32c(content)
    return ((plain >> 15 | plain << 17) + 0xA282EAD8) & 0xFFFFFFFF


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for event in read_back(folder):
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def said(run: RunFolder) -> dict[str, list[tuple[int, float]]]:
    """The curves of events.jsonl, in the precision of the event file."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in run.read_events().events:
        if isinstance(event, Metrics):
            for name, value in event.values.items():
                found.setdefault(name, []).append((event.iteration, float(np.float32(value))))
    return found


def _of(events: Sequence[Event]) -> Generator[Event, None, None]:
    yield from events


def _train(run: RunFolder, events: Sequence[Event]) -> list[Event]:
    return list(recorded(run, shown_by_tensorboard(run, _of(events))))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def test_the_event_file_has_the_numbers_of_the_events(run: RunFolder) -> None:
    assert _train(run, FIRST) == list(FIRST)
    found = curves(run.path)
    assert found.pop("time") == found["seconds"] == [(1, 0.5)]
    assert found == said(run)
    assert found["segm/AP"] == [(2, pytest.approx(46.1))]


def test_the_event_file_begins_as_tensorboard_wants_it(run: RunFolder) -> None:
    _train(run, FIRST)
    version, start, *rest = read_back(run.path)
    assert version.file_version == "brain.Event:2"
    assert start.session_log.status == event_pb2.SessionLog.START
    assert [event.step for event in rest] == [1, 2, 2, 3]


def test_a_run_without_metrics_has_no_event_file(run: RunFolder) -> None:
    _train(run, [Progress(1, 3)])
    assert list(run.path.glob(PATTERN)) == []


def test_what_came_after_the_checkpoint_is_gone_when_a_run_goes_on(run: RunFolder) -> None:
    _train(run, FIRST)
    times = {event.step: event.wall_time for event in read_back(run.path)[2:]}
    run.forget_after(1)
    _train(run, [Metrics(2, {"total_loss": 1.5}), Metrics(3, {"total_loss": 0.5})])
    assert curves(run.path)["total_loss"] == [(1, 2.5), (2, 1.5), (3, 0.5)]
    assert "segm/AP" not in curves(run.path)
    assert read_back(run.path)[2].wall_time == times[1]


def test_a_reader_of_the_file_before_finds_it_ended(run: RunFolder) -> None:
    before = run.path / "events.out.tfevents.1700000000.elsewhere"
    _train(run, FIRST)
    (file,) = run.path.glob(PATTERN)
    file.rename(before)
    run.forget_after(2)
    _train(run, [Metrics(3, {"total_loss": 0.5})])
    assert before.stat().st_size == 0
    run.forget_after(2)
    _train(run, [Metrics(3, {"total_loss": 0.25})])
    assert not before.exists()
    assert curves(run.path)["total_loss"] == [(1, 2.5), (2, 1.25), (3, 0.25)]


def test_a_record_that_a_killed_process_left_half_is_no_harm(run: RunFolder) -> None:
    _train(run, FIRST)
    (file,) = run.path.glob(PATTERN)
    file.write_bytes(file.read_bytes()[:-5])
    run.forget_after(2)
    _train(run, [Metrics(3, {"total_loss": 0.5})])
    assert curves(run.path)["total_loss"] == [(1, 2.5), (2, 1.25), (3, 0.5)]


def test_a_damaged_file_is_kept_beside_and_begun_anew(run: RunFolder) -> None:
    _train(run, FIRST)
    time_of_first = read_back(run.path)[2].wall_time
    (file,) = run.path.glob(PATTERN)
    whole = file.read_bytes()
    damaged = whole.replace(b"fast_rcnn/cls_accuracy", b"\xff" * 22)
    assert damaged != whole
    file.write_bytes(damaged)
    run.forget_after(2)
    seen = _train(run, [Metrics(3, {"total_loss": 0.5})])
    (note,) = [one.sentence for one in seen if isinstance(one, Noted)]
    (beside,) = run.path.glob("*damaged*")
    assert file.name in note
    assert beside.name in note
    assert beside.read_bytes() == damaged
    assert "tfevents" not in beside.name  # TensorBoard would read it
    assert curves(run.path)["total_loss"] == [(1, 2.5), (2, 1.25), (3, 0.5)]
    assert read_back(run.path)[2].wall_time == time_of_first


def test_iterations_that_diverged_are_gone_from_the_file(run: RunFolder) -> None:
    def diverges() -> Generator[Event, None, None]:
        yield from FIRST
        run.forget_after(2)
        yield Metrics(3, {"total_loss": 0.9})
        yield Metrics(4, {"total_loss": 0.8})

    list(recorded(run, shown_by_tensorboard(run, diverges())))
    assert curves(run.path)["total_loss"] == [(1, 2.5), (2, 1.25), (3, pytest.approx(0.9)),
                                              (4, pytest.approx(0.8))]  # fmt: skip


def test_closing_it_closes_the_events(run: RunFolder) -> None:
    ended = []

    def goes_on() -> Generator[Event, None, None]:
        try:
            yield ONE
            yield TWO
        finally:
            ended.append(True)

    events = shown_by_tensorboard(run, goes_on())
    next(events)
    events.close()
    assert ended == [True]


def test_a_full_disk_is_said_in_a_sentence(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with contextlib.closing(EventFile(run)) as file:
        file.add(ONE)
        with monkeypatch.context() as full_disk:
            full_disk.setattr("core.training.event_file.EventsWriter.flush", full)
            with pytest.raises(AppError, match=r"event file for TensorBoard.*Is the disk full"):
                file.add(TWO)
