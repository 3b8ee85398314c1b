"""Runs that outlive a window: found again while they go on, offered again where they stopped."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig, to_json
from core.events import Finished
from core.run_folder import RunFolder, new_run_folder
from core.run_folder.process import this_process
from gui.canvas.picture import picture_of
from gui.runs import worker_command
from gui.session import Session
from gui.settings import Settings
from gui.widgets.notices import Notice
from tests.gui.lessons import written_elsewhere
from tests.gui.scripted import SCRIPTED


@pytest.fixture
def run_folder(folder: Path) -> RunFolder:
    made = new_run_folder(folder, "train")
    made.write_config("train", to_json(TrainConfig(folder=str(folder))))
    return made


def test_a_run_that_broke_off_is_offered_to_go_on(
    qtbot: QtBot, settings: Settings, run_folder: RunFolder, folder: Path
) -> None:
    run_folder.last_checkpoint.write_bytes(b"weights")
    session = Session(settings, prepare=picture_of, worker_command=SCRIPTED)
    with qtbot.waitSignal(session.asked) as asked:
        session.open_folder(folder)
    notice: Notice = asked.args[0]
    dict(notice.answers)["Go on"]()
    (run,) = session.work.runs
    assert run.is_training
    with qtbot.waitSignal(run.ended):
        pass
    assert isinstance(run.last, Finished)
    assert run.last.result["job"]["run"] == str(run_folder.path)
    session.close()


def test_a_run_that_broke_off_is_offered_once(
    qtbot: QtBot, settings: Settings, run_folder: RunFolder, folder: Path
) -> None:
    run_folder.last_checkpoint.write_bytes(b"weights")
    asked: list[str] = []
    for _start in range(2):
        session = Session(settings, prepare=picture_of, worker_command=SCRIPTED)
        session.asked.connect(lambda notice: asked.append(notice.topic))
        with qtbot.waitSignals([session.images_changed, session.document_changed]):
            session.open_folder(folder)
        session.close()
    assert asked.count("resume") == 1


def test_only_one_fine_tune_runs_at_a_time(
    qtbot: QtBot, session: Session, run_folder: RunFolder, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    with written_elsewhere(run_folder):
        open_folder(folder)
        with qtbot.waitSignal(session.told) as told:
            session.work.start_training(TrainConfig(folder="", iterations=1))
    assert "running already" in told.args[0]


def test_an_open_folder_is_left_in_good_order_while_it_is_pre_labelled(
    qtbot: QtBot, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    session = Session(settings, prepare=picture_of)
    with qtbot.waitSignals([session.images_changed, session.document_changed]):
        session.open_folder(folder)
    session.class_list.add("red")
    settings.set("weights", "fake:slow")
    session.prelabel_all()
    (batch,) = session.work.runs
    with qtbot.waitSignal(batch.ended):
        session.open_folder(tmp_path / "other")
    assert batch.last == Finished(was_cancelled=True)
    session.close()


@pytest.fixture
def scripted(qtbot: QtBot, settings: Settings, folder: Path) -> Iterator[Session]:
    """A session with the folder open and a fine-tune that goes on until it is cancelled."""
    made = Session(settings, prepare=picture_of, worker_command=SCRIPTED)
    with qtbot.waitSignals([made.images_changed, made.document_changed]):
        made.open_folder(folder)
    with qtbot.waitSignal(made.run_started):
        made.work.start_training(TrainConfig(folder="", weights="patience"))
    yield made
    made.close()


def test_a_fine_tune_of_this_window_is_not_found_again_as_another(
    qtbot: QtBot, scripted: Session, folder: Path, tmp_path: Path
) -> None:
    run = scripted.work.training
    assert run is not None
    own, me = RunFolder(Path(run.run_folder)), this_process()
    own.write_config("train", to_json(TrainConfig(folder=str(folder))))
    (own.path / "pid").write_text(json.dumps({"pid": me.pid, "started": me.started}))
    (tmp_path / "other").mkdir()
    for place in (tmp_path / "other", folder):
        with qtbot.waitSignal(scripted.project_changed):
            scripted.open_folder(place)
    qtbot.waitUntil(lambda: scripted.document is not None)
    assert scripted.work.runs == [run]


def device_asked_for(qtbot: QtBot, session: Session) -> str:
    session.prelabel_image()
    batch = session.work.runs[-1]
    with qtbot.waitSignal(batch.ended):
        pass
    device: str = batch._request.last.result["job"]["engine"]["device"]  # type: ignore[attr-defined]
    return device


def test_predictions_leave_the_device_to_a_fine_tune_and_this_is_told_once(
    qtbot: QtBot, scripted: Session, folder: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    scripted.told.connect(lambda text: told.append(text) if "CPU" in text else None)
    assert device_asked_for(qtbot, scripted) == "cpu"
    (tmp_path / "other").mkdir()
    for place in (tmp_path / "other", folder):
        with qtbot.waitSignal(scripted.project_changed):
            scripted.open_folder(place)
    qtbot.waitUntil(lambda: scripted.document is not None)
    assert device_asked_for(qtbot, scripted) == "cpu"
    assert len(told) == 1
    run = scripted.work.training
    assert run is not None
    with qtbot.waitSignal(run.ended):
        run.cancel()
    assert device_asked_for(qtbot, scripted) == scripted.settings.text("device")


def test_a_run_that_was_found_again_can_be_cancelled(
    qtbot: QtBot, session: Session, run_folder: RunFolder, folder: Path, tmp_path: Path
) -> None:
    request = {
        "request": 1,
        "job": "demo",
        "config": {"out": str(tmp_path / "demo")},
        "run_folder": str(run_folder.path),
        "keep_going": True,
    }
    child = subprocess.Popen(
        worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.close()  # its window is gone
    child.stdout.readline()
    with qtbot.waitSignal(session.run_started):
        session.open_folder(folder)
    (run,) = session.work.runs
    with qtbot.waitSignal(run.ended, timeout=60_000):
        run.cancel()
    assert run.last == Finished(was_cancelled=True)
    child.stdout.close()
    assert child.wait(60) == 0
