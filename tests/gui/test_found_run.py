"""A fine-tune that an earlier window began and that still goes on, or broke off."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.events import Failed, Finished, Metrics, Noted, to_line
from core.run_folder import EventsRead, RunFolder
from gui.panels.runs import RunRow
from gui.runs import Run
from gui.session import Session
from tests.gui.lessons import add_run, written_elsewhere

LEARNT = (Noted("Learning."), Metrics(1, {"total_loss": 2.0}))


@pytest.fixture
def kept(folder: Path) -> Iterator[RunFolder]:
    """A run that goes on in a process of its own."""
    run = add_run(folder, events=LEARNT)
    with written_elsewhere(run):
        yield run


@pytest.fixture
def found(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> Callable[[], tuple[Run, list[object]]]:
    """Opens the folder; the run that is found in it, and what it says."""

    def find() -> tuple[Run, list[object]]:
        said: list[object] = []
        session.run_started.connect(lambda run: run.reported.connect(said.append))
        open_folder(folder)
        qtbot.waitUntil(lambda: session.work.training is not None)
        run = session.work.training
        assert run is not None
        return run, said

    return find


def test_it_says_all_that_it_said_and_what_it_says(
    qtbot: QtBot, kept: RunFolder, found: Callable[[], tuple[Run, list[object]]]
) -> None:
    run, said = found()
    qtbot.waitUntil(lambda: said == [*LEARNT])
    more = Metrics(2, {"total_loss": 1.0})
    with qtbot.waitSignal(run.ended), kept.events_file.open("a") as file:
        file.write(to_line(more) + "\n")
        file.write(to_line(Finished({"run": str(kept.path)})) + "\n")
        file.flush()
    assert said == [*LEARNT, more]
    assert run.last == Finished({"run": str(kept.path)})


def test_how_long_it_took_is_not_counted_from_when_it_was_found(
    qtbot: QtBot, kept: RunFolder, found: Callable[[], tuple[Run, list[object]]]
) -> None:
    run, _ = found()
    row = RunRow(run)
    qtbot.addWidget(row)
    with qtbot.waitSignal(run.ended), kept.events_file.open("a") as file:
        file.write(to_line(Finished({"run": str(kept.path)})) + "\n")
        file.flush()
    assert row.words.text() == "Done."


def test_its_files_are_read_beside_the_window(
    qtbot: QtBot, kept: RunFolder, found: Callable[[], tuple[Run, list[object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    threads: list[threading.Thread] = []
    read = RunFolder.read_events

    def read_events(folder: RunFolder, offset: int = 0) -> EventsRead:
        threads.append(threading.current_thread())
        return read(folder, offset)

    monkeypatch.setattr(RunFolder, "read_events", read_events)
    _, said = found()
    qtbot.waitUntil(lambda: said == [*LEARNT])
    assert threading.main_thread() not in threads


def test_a_process_that_is_gone_is_said(
    qtbot: QtBot, kept: RunFolder, found: Callable[[], tuple[Run, list[object]]]
) -> None:
    run, said = found()
    qtbot.waitUntil(lambda: said == [*LEARNT])
    with qtbot.waitSignal(run.ended):
        (kept.path / "pid").unlink()
    assert run.last == Failed("The run broke off: its process is gone.")


def test_it_is_cancelled_by_its_process(
    qtbot: QtBot, kept: RunFolder, found: Callable[[], tuple[Run, list[object]]]
) -> None:
    run, _ = found()
    with qtbot.waitSignal(run.ended):
        run.cancel()
    assert not kept.is_alive()
    assert run.last == Finished(was_cancelled=True)


@pytest.mark.parametrize("keep_training", [True, False])
def test_a_window_that_closes_keeps_it_going_or_stops_it(
    qtbot: QtBot, session: Session, kept: RunFolder, keep_training: bool,
    found: Callable[[], tuple[Run, list[object]]],
) -> None:  # fmt: skip
    found()
    session.work.leave(keep_training=keep_training)
    if keep_training:
        assert kept.is_alive()
    else:
        qtbot.waitUntil(lambda: not kept.is_alive())
