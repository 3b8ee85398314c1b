"""What a person does in the window on the way round the loop, by mouse and keyboard."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core.events import Finished
from core.types import Instance
from gui.dialogs.class_map import ClassMapDialog
from gui.dialogs.train import TrainDialog
from gui.dialogs.weights import WeightsDialog
from gui.panels.prelabel import PrelabelPanel
from gui.runs import Run
from tests.gui.user import LEFT, User

PATIENCE_S = 120  # of a test that fails; the children load torch


def to_canvas(user: User) -> None:
    """Goes back to the image from a dialog or a panel; without a desktop nobody else does that."""
    user.window.activateWindow()
    user.until(user.window.isActiveWindow)
    user.window.canvas.setFocus()


def until_written(user: User) -> None:
    """Waits until every edit is saved, and for all else that the one writer has been given."""
    user.until(lambda: user.session.is_all_saved)
    done: list[object] = []
    user.session.work.when_written(lambda _: True, done.append)
    user.until(lambda: bool(done))


def ended(user: User, run: Run) -> Finished:
    """How a run ended well."""
    user.until(lambda: run.last is not None, timeout_s=PATIENCE_S)
    assert isinstance(run.last, Finished), run.last
    return run.last


def choose_weights(user: User, weights: Path, names: Sequence[str]) -> None:
    """Chooses a file in the dialog of the Pre-label panel, and says what its classes are."""
    panel = user.window.docks["prelabel"].widget()
    assert isinstance(panel, PrelabelPanel)
    user.qtbot.mouseClick(panel.weights.file_button, LEFT)
    dialog = user.child(WeightsDialog)
    user.qtbot.mouseClick(dialog.file_button, LEFT)
    line = user.child(QFileDialog).findChild(QLineEdit)
    assert line is not None
    line.setText(str(weights))
    user.keys("Return", line)
    for name in names:
        user.write(name, dialog.fields.names)
        user.keys("Return", dialog.fields.names)
    user.until(dialog.use_button.isEnabled, timeout_s=PATIENCE_S)
    user.qtbot.mouseClick(dialog.use_button, LEFT)


def map_class(user: User, name: str, *, n_down: int) -> None:
    """Searches a class of the weights in the open map and takes the choice so many rows down."""
    dialog = user.child(ClassMapDialog)
    dialog.search.clear()
    user.write(name, dialog.search)
    dialog.table.setFocus()
    dialog.table.setCurrentIndex(dialog.table.model().index(0, 0))
    user.keys("Space", dialog.table)
    found = dialog.table.viewport().findChildren(QComboBox)
    (box,) = (one for one in found if one.isVisible())
    user.until(lambda: box.view().isVisible())
    for _ in range(n_down):
        user.keys("Down", box.view())
    user.keys("Return", box.view())


def prelabel_all(user: User) -> Run:
    """Pre-labels all images by key; the run, which has ended."""
    user.press("prelabel_all", user.window.canvas)
    run = user.session.work.runs[-1]
    ended(user, run)
    until_written(user)
    return run


def start_fine_tune(user: User, iterations: int) -> Run:
    """Begins a fine-tune from its dialog, all by keyboard; the run."""
    user.press("fine_tune", user.window.canvas)
    dialog = user.child(TrainDialog)
    user.until(dialog.start_button.isEnabled)
    dialog.iterations.setFocus()
    dialog.iterations.selectAll()
    user.write(str(iterations), dialog.iterations)
    user.keys("Return", dialog.iterations)
    user.until(lambda: user.session.work.training is not None)
    run = user.session.work.training
    assert run is not None
    return run


def answer_by_key(user: User, text: str) -> None:
    """Goes round the areas to the notices, on to this answer, and presses it."""
    notices = user.window.notices
    user.until(lambda: text in _seen_answers(notices))
    for _ in range(len(user.window.docks) + 2):
        if _has_keyboard(notices):
            break
        user.press("focus_next_area")
    for _ in range(20):
        focus = QApplication.focusWidget()
        if isinstance(focus, QPushButton) and focus.text() == text:
            user.keys("Space", focus)
            return
        assert focus is not None
        assert _has_keyboard(notices)
        user.keys("Tab", focus)
    raise AssertionError(f"Tab never comes to {text}")


def _seen_answers(notices: QWidget) -> list[str]:
    return [one.text() for one in notices.findChildren(QPushButton) if one.isVisible()]


def _has_keyboard(widget: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and widget.isAncestorOf(focus)


def largest(instances: Sequence[Instance]) -> Instance:
    """The one with the largest box."""
    return max(instances, key=lambda one: float(np.ptp(one.parts[0].outer, axis=0).sum()))


def drag_vertex(user: User, one: Instance, by: QPoint) -> None:
    """Drags the first vertex of an instance so many pixels of the screen."""
    viewport = user.window.canvas.viewport()
    start = user.place(*one.parts[0].outer[0].tolist())
    user.qtbot.mouseMove(viewport, start)
    user.qtbot.mousePress(viewport, LEFT, pos=start)
    user.qtbot.mouseMove(viewport, start + by / 2)
    user.qtbot.mouseMove(viewport, start + by)
    user.qtbot.mouseRelease(viewport, LEFT, pos=start + by)


def label_files(photos: Path) -> dict[str, bytes]:
    """The label files of a folder, byte by byte."""
    contents = {}
    for file in sorted(set(photos.glob("*.json")) - {photos / "maskloop.json"}):
        with contextlib.suppress(FileNotFoundError):  # taken back since it was listed
            contents[file.name] = file.read_bytes()
    return contents


def shapes_in(photos: Path) -> list[dict[str, Any]]:
    """All shapes of all label files."""
    return [shape for data in label_files(photos).values() for shape in json.loads(data)["shapes"]]


def asked_of_workers(log: Path, job: str) -> list[dict[str, Any]]:
    """The configs with which children were asked for this job, in their order."""
    if not log.exists():
        return []
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [line["config"] for line in lines if line["job"] == job]
