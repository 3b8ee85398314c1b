"""The page of fine-tunes: the list, the chosen run, live and old, and what is done with it."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QFile, Qt
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.events import CheckpointSaved, Finished, Metrics, Noted, Progress, to_line
from core.run_folder import RunFolder
from core.run_folder.about import About, write_about
from core.run_folder.process import this_process
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.train import TrainDialog
from gui.pages.train import TrainPage
from gui.session import Session
from gui.settings import Settings
from gui.widgets.notices import Notice
from tests.gui.lessons import add_run, finished_events, written_elsewhere
from tests.gui.scripted import SCRIPTED
from tests.gui.shown import OpenFolder, page_of_runs

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def page(
    qtbot: QtBot, session: Session, folder: Path, open_folder: OpenFolder
) -> Callable[[], TrainPage]:
    return partial(page_of_runs, TrainPage, qtbot, session, open_folder, folder)


def texts(page: TrainPage, row: int) -> list[str]:
    item = page.runs.topLevelItem(row)
    assert item is not None
    return [item.text(column) for column in range(3)]


def choose(page: TrainPage, row: int) -> None:
    item = page.runs.topLevelItem(row)
    assert item is not None
    page.runs.setCurrentItem(item)


def alive(run: RunFolder) -> None:
    me = this_process()
    (run.path / "pid").write_text(json.dumps({"pid": me.pid, "started": me.started}))


def test_an_empty_page_says_what_to_do(qtbot: QtBot, page: Callable[[], TrainPage]) -> None:
    shown = page()
    assert shown.hint.isVisible()
    assert shown.hint.text() == "Looking for the fine-tunes of this folder…"
    what_to_do = "Label 10 to 20 images, mark each done (F), then press Fine-tune"
    qtbot.waitUntil(lambda: what_to_do in shown.hint.text())
    qtbot.mouseClick(shown.start_button, LEFT)
    (dialog,) = shown.findChildren(TrainDialog)
    dialog.reject()


def test_runs_are_listed_with_state_and_ap_the_newest_first(
    folder: Path, page: Callable[[], TrainPage]
) -> None:
    add_run(folder, events=finished_events(folder))
    add_run(folder, "2026-11-04_090000_train")
    shown = page()
    assert texts(shown, 0) == ["4 Nov 2026, 09:00", "broken off", "n/a"]
    assert texts(shown, 1) == ["3 Nov 2026, 14:05", "finished", "46.1"]


def test_a_run_with_a_name_is_listed_by_it(folder: Path, page: Callable[[], TrainPage]) -> None:
    write_about(add_run(folder).path, About("with more apples"))
    shown = page()
    assert texts(shown, 0)[0] == "with more apples"
    assert shown.title.text() == "with more apples"


def test_an_old_run_shows_its_curves_its_numbers_and_its_settings(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    add_run(folder, events=finished_events(folder))
    view = page().view
    qtbot.waitUntil(lambda: "segm/AP" in view.curves.names)
    assert view.curves.points_of("total_loss") == ([1, 2], [2.0, 1.0])
    assert view.table.text_at("red", "Mask after") == "46.1"
    assert view.table.text_at("green", "Mask after") == "n/a"
    assert view.log.toPlainText() == "Learning."
    settings = {
        item.text(0): item.text(1)
        for n in range(view.settings.topLevelItemCount())
        if (item := view.settings.topLevelItem(n)) is not None
    }
    assert settings["Iterations"] == "7"
    assert settings["Flip"] == "yes"


def test_many_events_arrive_in_their_order(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    metrics = tuple(Metrics(n, {"total_loss": float(n)}) for n in range(1, 2601))
    add_run(folder, events=(*metrics, *finished_events(folder)[-1:]))
    view = page().view
    qtbot.waitUntil(lambda: bool(view.curves.names))
    qtbot.waitUntil(lambda: len(view.curves.points_of("total_loss")[0]) == 2600)
    assert view.curves.points_of("total_loss")[0] == list(range(1, 2601))


def test_a_run_that_goes_on_is_followed_by_its_folder(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder, events=(Noted("Learning."), CheckpointSaved("last.pth", 0)))
    with written_elsewhere(run):
        shown = page()
        assert texts(shown, 0)[1] == "running"
        assert not shown.delete_button.isEnabled()
        assert shown.cancel_button.isVisible()
        qtbot.waitUntil(lambda: "Learning." in shown.view.log.toPlainText())
        with run.events_file.open("a") as file:
            file.write(to_line(Metrics(1, {"total_loss": 2.0})) + "\n")
            file.write(to_line(Progress(1, 7, "iterations", 90.0)) + "\n")
        qtbot.waitUntil(lambda: shown.status.text().startswith("1 of 7 iterations, 90 s left."))
        assert shown.view.curves.points_of("total_loss") == ([1], [2.0])
        with run.events_file.open("a") as file:
            file.write(to_line(Finished(was_cancelled=True)) + "\n")
        (run.path / "pid").unlink()
        qtbot.waitUntil(lambda: texts(shown, 0)[1] == "cancelled")
        assert shown.resume_button.isVisible()


def test_a_page_that_is_not_seen_follows_nothing(
    folder: Path, page: Callable[[], TrainPage]
) -> None:
    with written_elsewhere(add_run(folder)):
        shown = page()
        assert shown._following.folder is not None
        shown.hide()
        assert shown._following.folder is None


def test_a_session_that_closes_follows_nothing(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage]
) -> None:
    with written_elsewhere(add_run(folder)):
        shown = page()
        session.work.leave(keep_training=True)
        assert shown._following.folder is None


def test_another_run_is_shown_by_the_arrow_keys(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    add_run(folder, events=finished_events(folder))
    add_run(folder, "2026-11-04_090000_train")
    shown = page()
    assert "broke off" in shown.status.text()
    qtbot.keyClick(shown.runs, Qt.Key.Key_Down)
    assert "Mask AP 12.3 → 46.1" in shown.status.text()
    qtbot.waitUntil(lambda: "total_loss" in shown.view.curves.names)


def test_the_weights_of_a_run_are_used_and_label_the_rest(
    qtbot: QtBot, folder: Path, session: Session, settings: Settings, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder, events=finished_events(folder))
    shown = page()
    qtbot.mouseClick(shown.use_button, LEFT)
    assert settings.text("weights") == str(run.best_weights)
    assert session.work.runs == []
    qtbot.mouseClick(shown.prelabel_button, LEFT)
    qtbot.waitUntil(lambda: any(r.title.startswith("Pre-label") for r in session.work.runs))


def test_a_run_without_weights_offers_none(folder: Path, page: Callable[[], TrainPage]) -> None:
    add_run(folder)
    shown = page()
    assert not shown.use_button.isEnabled()
    assert not shown.prelabel_button.isEnabled()
    assert not shown.export_button.isEnabled()


def test_a_run_that_broke_off_goes_on(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder)
    shown = page()
    qtbot.mouseClick(shown.resume_button, LEFT)
    (resumed,) = session.work.runs
    with qtbot.waitSignal(resumed.ended):
        pass
    assert isinstance(resumed.last, Finished)
    assert resumed.last.result["job"]["run"] == str(run.path)


def test_a_run_that_goes_on_again_is_followed_again(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder, events=(Metrics(1, {"total_loss": 2.0}),))
    shown = page()
    qtbot.waitUntil(lambda: shown.view.curves.names == ("total_loss",))
    with qtbot.waitSignals([shown._following.read_through, session.run_started]):
        session.work.resume(run.path)
    (resumed,) = session.work.runs
    with qtbot.waitSignal(resumed.ended):
        pass
    alive(run)
    with run.events_file.open("a") as file:
        file.write(to_line(Metrics(2, {"total_loss": 1.0})) + "\n")
    resumed.reported.emit(Noted("Going on."))
    qtbot.waitUntil(lambda: shown.view.curves.points_of("total_loss") == ([1, 2], [2.0, 1.0]))
    (run.path / "pid").unlink()
    qtbot.waitUntil(lambda: texts(shown, 0)[1] == "broken off")


def test_a_run_of_another_program_is_cancelled_too(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder)
    shown = page()
    with written_elsewhere(run) as process:
        shown.hide()
        shown.show()
        qtbot.waitUntil(shown.cancel_button.isVisible)
        qtbot.mouseClick(shown.cancel_button, LEFT)
        qtbot.waitUntil(lambda: process.poll() is not None)


def test_a_run_that_begins_here_is_shown_when_its_folder_is_there(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage]
) -> None:
    add_run(folder, events=finished_events(folder))
    shown = page()
    with qtbot.waitSignal(session.run_started):
        session.work.start_training(TrainConfig(folder="", weights="patience"))
    run = session.work.training
    assert run is not None
    mine = RunFolder(Path(run.run_folder))
    mine.write_config("train", {"iterations": 9})
    alive(mine)
    run.reported.emit(Noted("Learning."))
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 2)
    assert texts(shown, 0)[1] == "running"
    assert shown.runs.currentItem() is shown.runs.topLevelItem(0)
    with qtbot.waitSignal(run.ended):
        qtbot.mouseClick(shown.cancel_button, LEFT)


def test_a_model_is_exported_from_its_run(
    qtbot: QtBot, folder: Path, page: Callable[[], TrainPage]
) -> None:
    run = add_run(folder, events=finished_events(folder))
    shown = page()
    qtbot.mouseClick(shown.export_button, LEFT)
    (dialog,) = shown.findChildren(ExportModelDialog)
    assert dialog.weights.weights == str(run.best_weights)
    dialog.close()


def _answer(qtbot: QtBot, session: Session, shown: TrainPage) -> Notice:
    with qtbot.waitSignal(session.asked) as asked:
        qtbot.mouseClick(shown.delete_button, LEFT)
    notice: Notice = asked.args[0]
    return notice


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the system's, which a machine may not have."""
    place = tmp_path / "trash"
    place.mkdir()

    def moved(path: str) -> bool:
        Path(path).rename(place / Path(path).name)
        return True

    monkeypatch.setattr(QFile, "moveToTrash", staticmethod(moved))
    return place


def test_a_run_goes_to_the_trash_after_asking(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage], trash: Path
) -> None:
    run = add_run(folder, events=finished_events(folder))
    add_run(folder, "2026-11-02_090000_train")
    shown = page()
    notice = _answer(qtbot, session, shown)
    assert notice.sentence.startswith("Move the run of 3 Nov 2026, 14:05 to the trash")
    assert run.path.exists()
    dict(notice.answers)["Move to the trash"]()
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 1)
    assert not run.path.exists()
    assert (trash / run.path.name / "best.pth").exists()


def test_a_run_that_goes_on_is_not_deleted(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage], trash: Path
) -> None:
    run = add_run(folder, events=finished_events(folder))
    shown = page()
    notice = _answer(qtbot, session, shown)
    alive(run)
    with qtbot.waitSignal(session.told) as told:
        dict(notice.answers)["Move to the trash"]()
    assert "is running. Cancel it first" in told.args[0]
    assert run.path.exists()


def test_a_run_that_is_gone_already_leaves_the_list(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage], trash: Path
) -> None:
    run = add_run(folder, events=finished_events(folder))
    shown = page()
    notice = _answer(qtbot, session, shown)
    shutil.rmtree(run.path)
    told: list[str] = []
    session.told.connect(told.append)
    dict(notice.answers)["Move to the trash"]()
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 0)
    assert told == []


def test_runs_go_to_the_trash_one_after_another(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage], trash: Path
) -> None:
    runs = [add_run(folder, f"2026-11-0{n}_090000_train") for n in (1, 2)]
    shown = page()
    notices = []
    for row in (0, 1):
        choose(shown, row)
        notices.append(_answer(qtbot, session, shown))
    for notice in notices:
        dict(notice.answers)["Move to the trash"]()
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 0)
    assert not any(run.path.exists() for run in runs)


def test_a_disk_without_a_trash_keeps_the_run(
    qtbot: QtBot, folder: Path, session: Session, page: Callable[[], TrainPage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = add_run(folder, events=finished_events(folder))
    monkeypatch.setattr(QFile, "moveToTrash", staticmethod(lambda _path: False))
    notice = _answer(qtbot, session, page())
    with qtbot.waitSignal(session.told) as told:
        dict(notice.answers)["Move to the trash"]()
    assert "Nothing was deleted" in told.args[0]
    assert run.path.exists()
