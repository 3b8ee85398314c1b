"""A fine-tune that goes on while its window is closed: found again, stopped, or told when it ended.

One window closes and another opens, each with a session of its own; the fine-tune is a real one.
"""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from core.project import Project
from core.run_folder import RunFolder, RunState
from core.types import ImageLabels, ImageState, Instance, Part
from gui.panels.training import TrainingPanel
from gui.session.background import FoundRun
from tests.e2e.steps import PATIENCE_S, answer_by_key, ended, start_fine_tune
from tests.gui.user import LEFT, User


@pytest.fixture
def labelled(photos: Path) -> Path:
    """The photos, in all of which a square is labelled, and which are done."""
    project = Project.open(photos)
    tile = project.add_class("tile")
    keys = [key for batch in project.scan() for key in batch]
    for key in keys:
        square = Part([(30, 30), (110, 30), (110, 110), (30, 110)])
        size_hw = project.read(key).labels.size_hw
        labels = ImageLabels(size_hw, (Instance("a", tile.id, (square,)),), ImageState.DONE)
        project.write(key, labels, stamp="")
    project.close()
    return photos


def _close_and_keep_going(user: User) -> None:
    user.press("quit", user.window.canvas)
    (keep,) = [one for one in user.child(QMessageBox).buttons() if one.text() == "Keep it going"]
    user.qtbot.mouseClick(keep, LEFT)
    user.until(lambda: user.window.has_closed and not user.window.isVisible())
    # Its process would end now; here it may see nothing any more of what it began.
    with user.qtbot.waitSignal(user.session.destroyed):
        user.session.deleteLater()


def _panel(user: User) -> TrainingPanel:
    panel = user.window.docks["training"].widget()
    assert isinstance(panel, TrainingPanel)
    return panel


def _left_going(user: User, *, iterations: int, signal_number: int = 0) -> RunFolder:
    """A fine-tune that goes on without the window that began it.

    Args:
        user: of the window.
        iterations: of the fine-tune.
        signal_number: sent to its process when it has begun to learn; 0: none.
    """
    run = start_fine_tune(user, iterations)
    folder = RunFolder(Path(run.run_folder))
    user.until(folder.last_checkpoint.exists, timeout_s=PATIENCE_S)
    os.kill(_pid_of(folder), signal_number)
    _close_and_keep_going(user)
    return folder


def _pid_of(folder: RunFolder) -> int:
    return int(json.loads((folder.path / "pid").read_text())["pid"])


def test_a_fine_tune_that_kept_going_is_found_again_and_stopped(
    open_window: Callable[[Path], User], labelled: Path
) -> None:
    folder = _left_going(open_window(labelled), iterations=400)
    assert folder.is_alive()
    again = open_window(labelled)
    again.until(lambda: again.session.work.training is not None)
    found = again.session.work.training
    assert isinstance(found, FoundRun)
    panel = _panel(again)
    again.until(lambda: " of 400" in panel.status.text(), timeout_s=PATIENCE_S)
    again.press("cancel_run")
    assert ended(again, found).was_cancelled
    assert folder.state() is RunState.CANCELLED
    assert folder.last_checkpoint.is_file()
    assert panel.resume_button.isVisible()


def test_a_fine_tune_that_kept_going_is_followed_to_its_end(
    open_window: Callable[[Path], User], labelled: Path
) -> None:
    # It rests while the windows change, so that it is surely still there.
    folder = _left_going(open_window(labelled), iterations=4, signal_number=signal.SIGSTOP)
    pid = _pid_of(folder)
    try:
        again = open_window(labelled)
        again.until(lambda: again.session.work.training is not None)
    finally:
        os.kill(pid, signal.SIGCONT)
    found = again.session.work.training
    assert isinstance(found, FoundRun)
    assert "after" in ended(again, found).result
    panel = _panel(again)
    again.until(panel.use_button.isVisible)
    assert panel.status.text().startswith("Done. On the val images")
    assert "while the window was closed" not in " ".join(again.told)


def test_a_fine_tune_that_ended_while_no_window_was_there_is_told(
    open_window: Callable[[Path], User], labelled: Path
) -> None:
    first = open_window(labelled)
    folder = _left_going(first, iterations=3)
    first.until(lambda: not folder.is_alive(), timeout_s=PATIENCE_S)
    assert folder.state() is RunState.FINISHED
    again = open_window(labelled)
    again.until(lambda: any("finished while the window was closed" in one for one in again.told))
    answer_by_key(again, "Use the new weights")
    assert again.session.settings.text("weights") == str(folder.best_weights)
