"""One class for all that is selected, by key and by dialog."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import InstanceState
from gui.dialogs.classes import ClassDialog
from gui.main_window import MainWindow
from tests.gui.user import User


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    made = User(qtbot, opened, tmp_path, folder)
    several = [
        made.add(),
        made.add(x=60, class_index=1),
        made.add(InstanceState.PREDICTED, x=30),
        made.add(x=20),
    ]
    made.document.select(several[:3])
    return made


def classes(user: User) -> list[int]:
    return [one.class_id for one in user.instances]


def test_a_number_gives_its_class_to_all_selected_in_one_step(user: User) -> None:
    red, green = (one.id for one in user.session.classes)
    before = user.document.undo_stack.count()
    user.keys("2")

    assert classes(user) == [green, green, green, red]
    assert [one.state for one in user.instances][2] is InstanceState.EDITED
    assert user.document.undo_stack.count() == before + 1
    user.press("undo")
    assert classes(user) == [red, green, red, red]


def test_the_dialog_gives_its_class_to_all_selected_in_one_step(user: User) -> None:
    red, _ = (one.id for one in user.session.classes)
    before = user.document.undo_stack.count()
    user.press("change_class")
    dialog = user.child(ClassDialog)
    user.write("blue", dialog.name)
    user.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    blue = user.session.classes[2].id
    assert classes(user) == [blue, blue, blue, red]
    assert user.document.undo_stack.count() == before + 1


def test_what_is_locked_keeps_its_class(user: User) -> None:
    red, green = (one.id for one in user.session.classes)
    user.document.marks.set_locked([user.instances[0].id])
    user.keys("2")

    assert classes(user) == [red, green, green, red]
    assert "locked" in user.told[-1]
