"""A run from another machine is brought back from the window, and its weights are offered."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.events import Failed, Finished
from gui.dialogs.coming_back import open_run_dialog
from gui.pages.train import TrainPage
from gui.runs import ProcessRun
from gui.session import Session
from gui.session.coming_back import unpack
from gui.widgets.notices import Notice
from tests.gui.scripted import SCRIPTED


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    return session


def started(qtbot: QtBot, session: Session, source: Path) -> ProcessRun:
    """The run that was started, which has ended."""
    unpack(session, source)
    qtbot.waitUntil(lambda: bool(session.work.runs))
    run = session.work.runs[-1]
    assert isinstance(run, ProcessRun)
    qtbot.waitUntil(lambda: not run.is_going)
    return run


def test_the_job_is_told_which_project_it_is_of(
    qtbot: QtBot, opened: Session, folder: Path, tmp_path: Path
) -> None:
    run = started(qtbot, opened, tmp_path / "back.zip")
    assert (run.name, run.title) == ("unpack", "Bring back back.zip")
    assert (run.config.source, run.config.folder) == (str(tmp_path / "back.zip"), str(folder))


def test_the_weights_that_came_are_offered_and_used(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    asked: list[Notice] = []
    opened.asked.connect(asked.append)
    run = started(qtbot, opened, tmp_path / "back.zip")
    asked.clear()
    place = tmp_path / "runs" / "2026-11-21_120000_unpacked"
    place.mkdir(parents=True)
    (place / "best.pth").write_bytes(b"weights")
    notes = ["The weights do not know fig of the project."]
    run.ended.emit(Finished({"run": str(place), "classes": ["red", "green"], "notes": notes}))
    (notice,) = asked
    assert "know red, green. The weights do not know fig" in notice.sentence
    ((text, use),) = notice.answers
    assert text == "Use these weights"
    use()
    assert opened.settings.text("weights") == str(place / "best.pth")


@pytest.mark.parametrize("last", [Failed("broken"), Finished({}, was_cancelled=True)])
def test_nothing_is_offered_where_nothing_came(
    qtbot: QtBot, opened: Session, tmp_path: Path, last: Finished | Failed
) -> None:
    asked: list[Notice] = []
    run = started(qtbot, opened, tmp_path / "back.zip")
    opened.asked.connect(asked.append)
    run.ended.emit(last)
    assert asked == []


def test_without_a_folder_it_says_to_open_one(qtbot: QtBot, session: Session) -> None:
    told: list[str] = []
    session.told.connect(told.append)
    page = TrainPage(session)
    qtbot.addWidget(page)
    open_run_dialog(session, page)
    assert told == ["Open the folder first that the run is of."]
