"""Keys that do something only while they are held."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.held_key import HeldKey

FOREVER_MS = 1_000_000


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_it_tells_when_the_key_is_let_go_once(qtbot: QtBot, page: QWidget) -> None:
    held, told = HeldKey(page, least_ms=0), []
    held.let_go.connect(lambda: told.append(True))
    qtbot.keyPress(page, Qt.Key.Key_Space)
    held.begin()
    assert told == []
    qtbot.keyRelease(page, Qt.Key.Key_Space)
    qtbot.keyRelease(page, Qt.Key.Key_Shift)
    assert told == [True]


def test_a_short_press_tells_nothing(qtbot: QtBot, page: QWidget) -> None:
    held, told = HeldKey(page, least_ms=FOREVER_MS), []
    held.let_go.connect(lambda: told.append(True))
    held.begin()
    qtbot.keyRelease(page, Qt.Key.Key_Space)
    assert told == []


def test_another_key_that_is_pressed_afterwards_tells_nothing(qtbot: QtBot, page: QWidget) -> None:
    held, told = HeldKey(page, least_ms=0), []
    held.let_go.connect(lambda: told.append(True))
    held.begin()  # by the command palette: no key is down
    qtbot.keyClick(page, Qt.Key.Key_X)
    assert told == []
