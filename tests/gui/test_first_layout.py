"""Where everything is at the first start."""

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.main_window.first_layout import lay_out_first
from gui.session import Session


@pytest.mark.parametrize("room", [QSize(960, 540), QSize(1280, 800), QSize(3840, 2160)])
def test_the_window_fits_the_screen(qtbot: QtBot, session: Session, room: QSize) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    lay_out_first(window, window.docks, room=room)
    window.show()
    qtbot.waitExposed(window)
    assert window.width() < room.width()
    assert window.height() < room.height()


def test_on_a_low_screen_docks_lie_behind_each_other(qtbot: QtBot, session: Session) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    docks = window.docks
    assert docks["confidence"] not in window.tabifiedDockWidgets(docks["prelabel"])
    lay_out_first(window, docks, room=QSize(960, 540))
    assert docks["confidence"] in window.tabifiedDockWidgets(docks["prelabel"])
    assert docks["classes"] in window.tabifiedDockWidgets(docks["instances"])


def test_the_list_of_instances_has_more_room_than_what_is_set_once(
    qtbot: QtBot, session: Session
) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    lay_out_first(window, window.docks, room=QSize(1920, 1040))
    window.show()
    qtbot.waitExposed(window)
    heights = {name: dock.height() for name, dock in window.docks.items()}
    assert heights["instances"] > max(heights["classes"], heights["prelabel"])
