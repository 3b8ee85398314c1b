"""The next start says what happened: a bad end, a fine-tune that finished meanwhile."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig, to_json
from core.events import Finished, to_line
from core.run_folder import RunFolder, new_run_folder
from core.run_folder.process import this_process
from gui.app import CrashHook
from gui.dialogs.crash import CrashDialog
from gui.main_window import MainWindow
from gui.session import Session
from gui.session.last_time import bad_ends, notice_of_ends
from gui.widgets.notices import Notice

ROOT = Path(__file__).resolve().parents[2]
ENDS_BADLY = """
import os, sys
from pathlib import Path
from gui.session.last_time import OpenMark
mark = OpenMark(Path(sys.argv[1]))
if sys.argv[2] == "kill":
    os.kill(os.getpid(), 9)
if sys.argv[2] == "crash":
    import faulthandler
    faulthandler._sigsegv()
mark.remove()
"""


def program_ends(folder: Path, how: str) -> None:
    subprocess.run(
        [sys.executable, "-c", ENDS_BADLY, str(folder), how], cwd=ROOT, check=False, timeout=60
    )


def test_a_window_that_closed_leaves_no_mark(tmp_path: Path) -> None:
    program_ends(tmp_path, "well")
    assert bad_ends(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_window_that_is_open_has_not_ended_badly(tmp_path: Path) -> None:
    me = this_process()
    (tmp_path / "me.json").write_text(json.dumps({"pid": me.pid, "started": me.started}))
    assert bad_ends(tmp_path) == ()
    assert (tmp_path / "me.json").exists()


def test_a_killed_window_is_told_once(tmp_path: Path) -> None:
    program_ends(tmp_path, "kill")
    (end,) = bad_ends(tmp_path)
    assert end.report is None
    assert "did not close well last time" in notice_of_ends([end]).sentence
    assert bad_ends(tmp_path) == ()


def test_a_crash_of_the_process_leaves_a_report_that_is_named(tmp_path: Path) -> None:
    program_ends(tmp_path, "crash")
    (end,) = bad_ends(tmp_path)
    assert end.report is not None
    assert "Segmentation fault" in end.report.read_text()
    assert str(end.report) in notice_of_ends([end]).sentence
    assert bad_ends(tmp_path) == ()


def test_a_mistake_of_the_program_shows_its_report_and_the_window_goes_on(
    qtbot: QtBot, opened: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = CrashHook(opened)
    try:
        raise ZeroDivisionError("a slip")
    except ZeroDivisionError as error:
        hook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(opened.findChildren(CrashDialog)))
    (dialog,) = opened.findChildren(CrashDialog)
    report = Path(dialog.informativeText().splitlines()[-1])
    assert "ZeroDivisionError: a slip" in report.read_text()
    assert "Your labels are safe" in dialog.text()
    assert "a slip" in capsys.readouterr().err
    assert opened.isVisible()


def finished_run(folder: Path, *, before: float | None, after: float | None) -> RunFolder:
    run = new_run_folder(folder, "train")
    run.write_config("train", to_json(TrainConfig(folder=str(folder))))
    run.best_weights.write_bytes(b"weights")
    numbers = [None if ap is None else {"segm": {"AP": ap}} for ap in (before, after)]
    run.write_evaluation(
        {"weights": str(run.best_weights), "before": numbers[0], "after": numbers[1]}
    )
    return run


def asked_at_opening(qtbot: QtBot, session: Session, folder: Path) -> list[Notice]:
    asked: list[Notice] = []
    session.asked.connect(asked.append)
    looked = session._meanwhile._looking
    with qtbot.waitSignals([looked.ended, session.document_changed]):
        session.open_folder(folder)
    qtbot.waitUntil(lambda: session.document is not None)
    return asked


def test_a_fine_tune_that_finished_without_the_window_is_told_with_its_numbers(
    qtbot: QtBot, session: Session, folder: Path
) -> None:
    run = finished_run(folder, before=55.3, after=72.04)
    (notice,) = asked_at_opening(qtbot, session, folder)
    assert run.path.name in notice.sentence
    assert notice.sentence.endswith("finished while the window was closed: mask AP 55.3 → 72.0.")
    dict(notice.answers)["Use the new weights"]()
    assert session.settings.text("weights") == str(run.best_weights)


@pytest.mark.parametrize(("before", "after"), [(None, 61.0), (None, None)])
def test_numbers_that_are_not_there_are_not_made_up(
    qtbot: QtBot, session: Session, folder: Path, before: float | None, after: float | None
) -> None:
    finished_run(folder, before=before, after=after)
    (notice,) = asked_at_opening(qtbot, session, folder)
    assert notice.sentence.endswith("mask AP 61.0." if after else "nothing can be said of its AP.")


def test_it_is_told_once(qtbot: QtBot, session: Session, folder: Path, tmp_path: Path) -> None:
    finished_run(folder, before=None, after=61.0)
    assert len(asked_at_opening(qtbot, session, folder)) == 1
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(session.project_changed):
        session.open_folder(tmp_path / "other")
    assert asked_at_opening(qtbot, session, folder) == []


def test_weights_that_are_in_use_are_not_told_of(
    qtbot: QtBot, session: Session, folder: Path
) -> None:
    run = finished_run(folder, before=None, after=61.0)
    session.settings.set("weights", str(run.best_weights))
    assert asked_at_opening(qtbot, session, folder) == []


def test_a_fine_tune_that_was_seen_to_its_end_is_not_told_again(
    qtbot: QtBot, session: Session, folder: Path
) -> None:
    run, me = finished_run(folder, before=None, after=61.0), this_process()
    (run.path / "pid").write_text(json.dumps({"pid": me.pid, "started": me.started}))
    run.events_file.write_text(to_line(Finished({"run": str(run.path)})) + "\n")
    with qtbot.waitSignal(session.run_started):
        session.open_folder(folder)
    (going,) = session.work.runs
    qtbot.waitUntil(lambda: not going.is_going)
    (run.path / "pid").unlink()
    assert (run.path / "told").exists()
