"""A fine-tune that an earlier window began and that still goes on, or broke off."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.events import Failed, Finished, Metrics, Noted, to_line
from core.run_folder import EventsRead, RunFolder
from core.run_folder.process import this_process
from gui.runs import Run
from gui.session import Session
from tests.gui.lessons import add_run

LEARNT = (Noted("Learning."), Metrics(1, {"total_loss": 2.0}))


@pytest.fixture
def kept(folder: Path) -> RunFolder:
    """A run that goes on: this process stands in for its own."""
    run = add_run(folder, events=LEARNT)
    me = this_process()
    (run.path / "pid").write_text(json.dumps({"pid": me.pid, "started": me.started}))
    return run


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
    qtbot: QtBot, folder: Path, found: Callable[[], tuple[Run, list[object]]]
) -> None:
    kept = add_run(folder, events=LEARNT)
    program = (
        "import pathlib, sys; from core.run_folder import RunFolder\n"
        "with RunFolder(pathlib.Path(sys.argv[1])).being_written():\n"
        "    input()"
    )
    command = [sys.executable, "-c", program, str(kept.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        qtbot.waitUntil(kept.is_alive)
        run, _ = found()
        with qtbot.waitSignal(run.ended):
            run.cancel()
        assert process.wait() != 0
    assert run.last == Finished(was_cancelled=True)
