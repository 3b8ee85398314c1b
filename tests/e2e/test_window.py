"""Once around the loop in the real window, with the real engine in its own process."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from core.events import CheckpointSaved, Finished, Metrics
from core.run_folder import runs_of
from core.types import ImageState, Instance, InstanceState
from gui.app import begin
from gui.canvas.picture import picture_of
from gui.dialogs.export import ExportDialog
from gui.dialogs.train import TrainDialog
from gui.document import Document
from gui.main_window import MainWindow
from gui.runs import Run
from gui.session import Session
from gui.settings import Settings

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.usefixtures("window_process")
PATIENCE_MS = 120_000  # of a test that fails; the children load torch


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window on four photos, as `main.py FOLDER` opens it, with the golden weights chosen."""
    photos = tmp_path / "photos"
    shutil.copytree(GOLDEN / "images", photos)
    settings = Settings(tmp_path / "settings.ini")
    settings.set("weights", str(GOLDEN / "mask_rcnn_tiny.pth"))
    session = Session(settings, prepare=picture_of)
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    begin(made, [str(photos)])
    qtbot.waitUntil(lambda: session.document is not None and not session.is_looking)
    yield made
    session.close()


def _document(window: MainWindow) -> Document:
    assert window.session.document is not None
    return window.session.document


def _do(window: MainWindow, action: str) -> None:
    window.actions_by_name[action].trigger()


def _ended(qtbot: QtBot, run: Run) -> Finished:
    qtbot.waitUntil(lambda: run.last is not None, timeout=PATIENCE_MS)
    assert isinstance(run.last, Finished), run.last
    return run.last


def _prelabel_all(qtbot: QtBot, window: MainWindow) -> None:
    for name in ("class 1", "class 2", "class 3", "class 4", "class 5"):
        window.session.class_list.add(name)
    _do(window, "prelabel_all")
    _ended(qtbot, window.session.work.runs[-1])
    qtbot.waitUntil(lambda: bool(_document(window).labels.instances))


def _largest(document: Document) -> Instance:
    return max(
        document.labels.instances, key=lambda one: float(np.ptp(one.parts[0].outer, axis=0).sum())
    )


def _on_screen(window: MainWindow, x: float, y: float) -> QPoint:
    return window.canvas.mapFromScene(QPointF(x, y))


def _drag(qtbot: QtBot, window: MainWindow, start: QPoint, end: QPoint) -> None:
    viewport = window.canvas.viewport()
    qtbot.mouseMove(viewport, start)
    qtbot.mousePress(viewport, LEFT, pos=start)
    qtbot.mouseMove(viewport, (start + end) / 2)
    qtbot.mouseMove(viewport, end)
    qtbot.mouseRelease(viewport, LEFT, pos=end)


def _saved_states(photos: Path, key: str) -> dict[str, str]:
    shapes = json.loads((photos / key).with_suffix(".json").read_text())["shapes"]
    return {shape["maskloop"]["id"]: shape["maskloop"]["state"] for shape in shapes}


def _correct_by_mouse(qtbot: QtBot, window: MainWindow) -> str:
    """Drags a vertex: one step, which goes back and forth to the same values; then saves."""
    document = _document(window)
    before = document.labels
    corrected = _largest(document)
    document.select([corrected.id])
    x, y = corrected.parts[0].outer[0].tolist()
    start = _on_screen(window, x, y)
    _drag(qtbot, window, start, start + QPoint(18, 12))
    after = document.labels
    assert after.instance(corrected.id).state is InstanceState.EDITED
    assert after.instance(corrected.id).parts != corrected.parts
    _do(window, "undo")
    assert document.labels == before
    _do(window, "redo")
    assert document.labels == after
    _do(window, "save")
    qtbot.waitUntil(lambda: window.session.is_all_saved)
    return corrected.id


def _look_through_all(qtbot: QtBot, window: MainWindow) -> None:
    session, project = window.session, window.session.project
    assert project is not None
    for key in session.keys:
        session.open_image(key)
        qtbot.waitUntil(
            lambda key=key: session.document is not None and _document(window).key == key
        )
        _do(window, "accept_all")
        _do(window, "done_and_next")
        qtbot.waitUntil(lambda key=key: project.summary(key).state is ImageState.DONE)


def _export(qtbot: QtBot, window: MainWindow, file: Path) -> None:
    n_runs = len(window.session.work.runs)
    _do(window, "export_coco")
    dialog = window.findChild(ExportDialog)
    dialog.file.setText(str(file))
    qtbot.waitUntil(lambda: dialog.count is not None)
    dialog.export_button.click()
    qtbot.waitUntil(lambda: len(window.session.work.runs) > n_runs)
    _ended(qtbot, window.session.work.runs[-1])


def _train_a_little(qtbot: QtBot, window: MainWindow) -> list[object]:
    """Fine-tunes in a child process and cancels; what it said."""
    _do(window, "fine_tune")
    dialog = window.findChild(TrainDialog)
    qtbot.waitUntil(dialog.start_button.isEnabled)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: window.session.work.training is not None)
    run = window.session.work.training
    assert run is not None
    said: list[object] = []
    run.reported.connect(said.append)
    qtbot.waitUntil(lambda: sum(isinstance(one, Metrics) for one in said) >= 2, timeout=PATIENCE_MS)
    _do(window, "cancel_run")
    assert _ended(qtbot, run).was_cancelled
    return said


def test_once_around_the_loop(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    session = window.session
    assert session.project is not None
    photos = session.project.folder
    _prelabel_all(qtbot, window)
    states = {one.state for one in _document(window).labels.instances}
    assert states == {InstanceState.PREDICTED}

    corrected = _correct_by_mouse(qtbot, window)
    assert _saved_states(photos, session.key)[corrected] == "edited"

    _look_through_all(qtbot, window)
    _export(qtbot, window, tmp_path / "coco.json")
    coco = json.loads((tmp_path / "coco.json").read_text())
    assert len(coco["images"]) == 4
    n_saved = sum(len(_saved_states(photos, key)) for key in session.keys)
    assert len(coco["annotations"]) == n_saved

    said = _train_a_little(qtbot, window)
    assert any(isinstance(one, CheckpointSaved) for one in said)
    (run,) = runs_of(photos)
    assert run.last_checkpoint.is_file()


def test_a_prelabel_is_taken_back_in_one_step(qtbot: QtBot, window: MainWindow) -> None:
    project = window.session.project
    assert project is not None
    _prelabel_all(qtbot, window)
    keys = list(window.session.keys)
    qtbot.waitUntil(lambda: all(project.summary(key).n_predicted > 0 for key in keys[1:]))
    _do(window, "take_back_prelabel")
    qtbot.waitUntil(lambda: not _document(window).labels.instances)
    qtbot.waitUntil(lambda: all(project.summary(key).n_predicted == 0 for key in keys))
