import errno
import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from core.errors import AppError
from core.events import Event, Failed, Finished, Metrics, Noted, Progress, Started, to_line
from core.run_folder import (
    RunFolder,
    RunState,
    Snapshot,
    SnapshotImage,
    new_run_folder,
    recorded,
    runs_folder,
    runs_of,
)
from core.types import ImageLabels, ImageState, Instance, LabelClass, Part, Split

_EVENTS = (Started("train"), Metrics(1, {"total_loss": 2.5}), Progress(1, 3), Finished({"a": 1}))


def _run(path: Path, events: tuple[Event, ...] = _EVENTS) -> RunFolder:
    folder = RunFolder.create(path / "run")
    folder.write_config("train", {"folder": "photos"})
    with folder.being_written() as record:
        for event in events:
            record(event)
    return folder


def _child(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


_WRITER = """
import sys
from pathlib import Path
from core.events import Metrics
from core.run_folder import RunFolder
with RunFolder.create(Path({path!r})).being_written() as record:
    record(Metrics(1, {{"total_loss": 1.0}}))
    print("here", flush=True)
    sys.stdin.read()
"""


def test_events_come_back_as_they_were_recorded(tmp_path: Path) -> None:
    assert _run(tmp_path).read_events().events == _EVENTS


def test_events_of_a_live_run_are_read_bit_by_bit(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with folder.being_written() as record:
        record(_EVENTS[0])
        first = folder.read_events()
        record(_EVENTS[1])
        second = folder.read_events(first.next_offset)
    assert (first.events, second.events) == (_EVENTS[:1], _EVENTS[1:2])
    assert not second.started_over


def test_a_torn_last_line_is_left_for_later(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    line = to_line(Metrics(2, {"total_loss": 1.0})) + "\n"
    with folder.events_file.open("a") as file:
        file.write(line[:20])
        file.flush()
        read = folder.read_events()
        file.write(line[20:])
    assert read.events == _EVENTS
    assert folder.read_events(read.next_offset).events == (Metrics(2, {"total_loss": 1.0}),)


def test_a_new_writer_does_not_join_its_line_to_a_torn_one(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    with folder.events_file.open("a") as file:
        file.write('{"event": "Metr')
    with folder.being_written() as record:
        record(Noted("on"))
    assert folder.read_events().events == (*_EVENTS, Noted("on"))


def test_lines_that_are_no_events_are_passed_over(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    folder.events_file.write_bytes(b'{"event": "Nonsense"}\n\xff\xfe\n[1]\n{"event": "Noted"}\n')
    with folder.being_written() as record:
        record(Noted("on"))
    assert folder.read_events().events == (Noted("on"),)


def test_a_run_without_events_reads_as_empty(tmp_path: Path) -> None:
    assert RunFolder.create(tmp_path / "run").read_events().events == ()


def test_a_resumed_run_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    later = (Metrics(2, {"total_loss": 2.0}), Progress(2, 3), Metrics(3, {"total_loss": 1.0}))
    folder = _run(tmp_path, (*_EVENTS[:3], *later, Failed("no")))
    offset = folder.read_events().next_offset
    folder.forget_after(1)
    again = folder.read_events(offset)
    assert again.events == _EVENTS[:3]
    assert again.started_over


def test_config_comes_back(tmp_path: Path) -> None:
    assert _run(tmp_path).read_config() == ("train", {"folder": "photos"})


def test_a_folder_that_is_no_run_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"is not the folder of a run: it has no config\.json"):
        RunFolder(tmp_path).read_config()


@pytest.mark.parametrize("text", ["{", "[]", '{"job": 1}', "null"])
def test_a_broken_config_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(AppError, match=r"config\.json"):
        RunFolder(tmp_path).read_config()


def test_snapshot_comes_back_equal(tmp_path: Path) -> None:
    hole = [[2.0, 2.0], [2.0, 3.0], [3.0, 3.0]]
    part = Part([[0.1, 0.0], [9.0, 0.0], [9.0, 9.0]], (hole,))
    labels = ImageLabels(
        (10, 12),
        (Instance("a", 7, (part,), crowd=True),),
        ImageState.DONE,
        rejected=(Instance("b", 7, (part, part), score=0.25, source="w"),),
    )
    snapshot = Snapshot(
        (LabelClass(7, "Käse", "#ff0000", "k"),),
        (SnapshotImage("sub/a.jpg", "/photos/sub/a.jpg", Split.VAL, labels),),
    )
    folder = RunFolder.create(tmp_path / "run")
    folder.write_snapshot(snapshot)
    assert folder.read_snapshot() == snapshot


def test_a_broken_snapshot_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text(json.dumps({"classes": [], "images": [{"key": 1}]}))
    with pytest.raises(AppError, match=r"snapshot\.json is not a run's snapshot"):
        RunFolder(tmp_path).read_snapshot()


def test_evaluation_is_none_until_there_is_one(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    before = folder.read_evaluation()
    folder.write_evaluation({"after": {"segm": {"AP": 46.1}}})
    assert (before, folder.read_evaluation()) == (None, {"after": {"segm": {"AP": 46.1}}})


def test_log_holds_the_sentences(tmp_path: Path) -> None:
    folder = _run(tmp_path, (Started("train"), Noted("Eine Süßigkeit."), Failed("Oh no.", "trace")))
    log = folder.log_file.read_text(encoding="utf-8")
    assert "Eine Süßigkeit." in log
    assert "Oh no.\ntrace" in log


def test_a_run_is_alive_while_its_process_writes(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    child = _child(_WRITER.format(path=str(folder.path)))
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    assert folder.state() is RunState.RUNNING
    with pytest.raises(AppError, match="Another process"), folder.being_written():
        pass
    child.communicate("")
    assert not folder.is_alive()


def test_a_killed_run_is_broken_off_and_can_be_written_again(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    child = _child(_WRITER.format(path=str(folder.path)))
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.communicate()
    assert (folder.path / "pid").exists()
    assert folder.state() is RunState.BROKEN_OFF
    with folder.being_written() as record:
        record(Finished())
    assert folder.state() is RunState.FINISHED


def test_a_later_process_of_the_same_number_is_not_the_writer(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    child = _child("import sys; sys.stdin.read()")
    (folder.path / "pid").write_text(json.dumps({"pid": child.pid, "started": "long ago"}))
    assert not folder.is_alive()
    child.communicate("")


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (Finished(), RunState.FINISHED),
        (Finished(was_cancelled=True), RunState.CANCELLED),
        (Failed("no"), RunState.FAILED),
        (Metrics(2, {}), RunState.BROKEN_OFF),
    ],
)
def test_state_is_told_by_the_last_event(tmp_path: Path, last: Event, state: RunState) -> None:
    assert _run(tmp_path, (Started("train"), last)).state() is state


def test_nested_writers_of_one_process_record_once(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with folder.being_written() as outer, folder.being_written() as inner:
        inner(Noted("once"))
        outer(Noted("once"))
    assert folder.read_events().events == (Noted("once"),)
    assert not folder.is_alive()


def _talking(closed: list[str]) -> Generator[Event, None, None]:
    try:
        yield Noted("one")
        yield Noted("two")
        raise AppError("It went wrong.")
    finally:
        closed.append("closed")


def test_recorded_keeps_a_failure(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(AppError, match="It went wrong"):
        list(recorded(folder, _talking([])))
    assert folder.read_events().events[-1] == Failed("It went wrong.")


def test_recorded_keeps_a_cancellation_and_closes_the_job(tmp_path: Path) -> None:
    folder, closed = RunFolder.create(tmp_path / "run"), list[str]()
    events = recorded(folder, _talking(closed))
    next(events)
    events.close()
    assert closed == ["closed"]
    assert folder.read_events().events == (Noted("one"), Finished(was_cancelled=True))


def test_runs_of_a_project_are_listed_newest_first(tmp_path: Path) -> None:
    for name in ("2026-01-02_000000_train", "2026-01-10_000000_train", "2026-01-10_000000_train_2"):
        RunFolder.create(runs_folder(tmp_path) / name).write_config("train", {})
    (runs_folder(tmp_path) / "something else").mkdir()
    assert [run.path.name for run in runs_of(tmp_path)] == [
        "2026-01-10_000000_train_2",
        "2026-01-10_000000_train",
        "2026-01-02_000000_train",
    ]
    assert runs_of(tmp_path / "nowhere") == ()


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    assert len({new_run_folder(tmp_path, "train").path for _ in range(3)}) == 3


def test_a_folder_that_cannot_be_written_into_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_run_folder(tmp_path, "train").path
    mkdir = Path.mkdir

    def refused(path: Path, *args: Any, **named: Any) -> None:
        if path.parent == made.parent:
            raise OSError(errno.EROFS, "Read-only file system")
        mkdir(path, *args, **named)

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(AppError, match="No run can begin in"):
        new_run_folder(tmp_path, "train")


def test_half_a_character_in_a_label_is_no_end_of_a_run(tmp_path: Path) -> None:
    folder = _run(tmp_path, (Noted("\ud800"), Finished()))
    folder.write_evaluation({"AP-\udfff": 5})
    assert folder.read_events().events == (Noted("\ud800"), Finished())
    assert folder.read_evaluation() == {"AP-\udfff": 5}


@pytest.mark.parametrize("text", ["", "[" * 99_999, "{", '{"job": 1}'])
def test_a_broken_config_is_said_in_a_sentence(tmp_path: Path, text: str) -> None:
    folder = _run(tmp_path)
    (folder.path / "config.json").write_text(text)
    with pytest.raises(AppError, match=r"config\.json"):
        folder.read_config()
