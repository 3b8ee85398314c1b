"""The keys of classes beside the shortcuts of actions: of one key only one can have the use."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import InstanceState
from gui.main_window import MainWindow
from gui.panels.classes import ClassesPanel
from tests.gui.user import User


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def give_key(user: User, class_index: int, key: str) -> None:
    panel = user.window.docks["classes"].widget()
    assert isinstance(panel, ClassesPanel)
    item = panel.list.topLevelItem(class_index)
    assert item is not None
    item.setText(1, key)


def key_shown(user: User, class_index: int) -> str:
    panel = user.window.docks["classes"].widget()
    assert isinstance(panel, ClassesPanel)
    item = panel.list.topLevelItem(class_index)
    return item.text(1) if item else ""


def test_a_free_letter_gives_its_class(user: User) -> None:
    user.add()
    give_key(user, 1, "I")
    user.keys("I")
    assert user.instances[0].class_id == user.session.classes[1].id


def test_the_key_of_an_action_is_refused_and_the_action_keeps_it(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    give_key(user, 1, "w")
    assert "“Accept”" in user.told[-1]
    assert key_shown(user, 1) == "2"
    user.press("accept")
    assert user.instances[0].state is InstanceState.ACCEPTED


def test_a_letter_is_one_key_whether_large_or_small(user: User) -> None:
    give_key(user, 0, "i")
    give_key(user, 1, "I")
    assert [one.key for one in user.session.classes] == ["", "i"]


def test_a_shortcut_cannot_be_the_key_of_a_class(user: User) -> None:
    give_key(user, 1, "i")
    why = user.window.shortcuts.why_not("polygon_tool", "I")
    assert why == "I gives the selected instances the class green."
    assert not user.window.shortcuts.why_not("grab_frame", "I")


@pytest.fixture
def from_elsewhere(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    open_folder: Callable[[Path], None],
    tmp_path: Path,
) -> User:
    """The file of the project has w, an action's, for red, and i for both of the others."""
    keys = {"red": "w", "green": "i", "blue": "I"}
    classes = [
        {"id": number, "name": name, "colour": "#0072b2", "key": key}
        for number, (name, key) in enumerate(keys.items(), 1)
    ]
    (folder / "maskloop.json").write_text(json.dumps({"version": 1, "classes": classes}))
    open_folder(folder)
    window.canvas.setFocus()
    return User(qtbot, window, tmp_path, folder)


def test_where_a_file_has_the_key_of_an_action_the_action_keeps_it(from_elsewhere: User) -> None:
    user = from_elsewhere
    user.add(InstanceState.PREDICTED, class_index=1)
    user.press("accept")
    assert user.instances[0].state is InstanceState.ACCEPTED
    assert [sentence for sentence in user.told if "“Accept”" in sentence and "red" in sentence]


def test_where_a_file_has_a_key_twice_the_first_class_keeps_it(from_elsewhere: User) -> None:
    user = from_elsewhere
    user.add(class_index=0)
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_I)
    assert user.instances[0].class_id == 2
    assert [sentence for sentence in user.told if "the key of the class green" in sentence]


def test_a_class_gets_its_key_when_the_action_gives_it_up(from_elsewhere: User) -> None:
    user = from_elsewhere
    user.add(class_index=1)
    user.window.shortcuts.set_key("accept", "F8")
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_W)
    assert user.instances[0].class_id == 1
