"""The menu of the right button on the canvas."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.types import InstanceState
from gui.main_window import MainWindow
from gui.main_window.canvas_menu import CanvasMenu
from tests.gui.user import User


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def _open(user: User, at: QPoint) -> list[str]:
    """The names of what the menu offers."""
    viewport = user.window.canvas.viewport()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(viewport, QContextMenuEvent(reason, at, viewport.mapToGlobal(at)))
    menu = user.window.canvas.findChild(CanvasMenu).menu
    offered = [one.objectName() for one in menu.actions() if not one.isSeparator()]
    menu.close()
    return offered


def test_it_is_about_the_instance_under_the_mouse(user: User) -> None:
    one = user.add(InstanceState.PREDICTED)
    user.add(InstanceState.PREDICTED, x=60)
    assert "reject" in _open(user, user.place(30, 30))
    assert user.document.selection == {one}


def test_several_that_are_selected_stay_so(user: User) -> None:
    both = {user.add(), user.add(x=60)}
    user.document.select(both)
    _open(user, user.place(30, 30))
    assert user.document.selection == both


def test_beside_all_instances_it_offers_what_needs_none(user: User) -> None:
    user.add()
    assert _open(user, user.place(100, 80))[0] == "paste"
    assert not user.document.selection


def test_a_tool_that_draws_keeps_the_right_button(user: User) -> None:
    user.press("polygon_tool")
    assert _open(user, user.place(30, 30)) == []
