"""What is drawn while no class is chosen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.dialogs.classes import ClassDialog
from gui.main_window import MainWindow
from tests.gui.user import User


@pytest.fixture
def user(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    open_folder: Callable[[Path], None],
    tmp_path: Path,
) -> User:
    """In front of a folder without classes, with a box just drawn."""
    open_folder(folder)
    user = User(qtbot, window, tmp_path, folder)
    window.actions_by_name["box_tool"].trigger()
    user.drag((20, 20), (60, 50))
    return user


def _close(user: User) -> None:
    user.qtbot.keyClick(user.child(ClassDialog), Qt.Key.Key_Escape)


def test_without_a_class_it_can_be_given_one_later(user: User) -> None:
    _close(user)
    assert not user.window.canvas.stage.drawn.waiting
    user.window.notices.answer("Give it a class")
    dialog = user.child(ClassDialog)
    user.write("coat", dialog.name)
    user.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    (one,) = user.instances
    corners = np.array([[20, 20], [60, 20], [60, 50], [20, 50]])
    assert one.parts[0].outer == pytest.approx(corners, abs=1)


def test_the_offer_goes_with_its_image(user: User) -> None:
    _close(user)
    user.session.step(1)
    user.until_on("img_1.png")
    assert user.told == []
