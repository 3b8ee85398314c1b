"""Pages: what is shown in the middle, and what of the window rests meanwhile."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS
from gui.main_window import MainWindow
from gui.pages import all_pages


def test_each_page_has_an_action_and_each_action_of_a_page_a_page() -> None:
    of_actions = {spec.name for spec in ACTIONS if spec.radio == "page"}
    assert of_actions == {"page_annotate", *(f"page_{spec.name}" for spec in all_pages())}


def test_the_window_begins_with_the_actions_of_other_pages_at_rest(window: MainWindow) -> None:
    names = [spec.name for spec in ACTIONS if not spec.is_on("annotate")]
    assert names
    assert not any(window.actions_by_name[name].isEnabled() for name in names)


@pytest.mark.parametrize("name", [spec.name for spec in all_pages()])
def test_a_page_takes_the_middle_and_the_keys_and_gives_both_back(
    qtbot: QtBot, window: MainWindow, name: str
) -> None:
    window.docks["runs"].show()
    window.pages.show_page(name)
    assert window.pages.page(name).isVisible()
    assert not window.docks["images"].isVisible()
    assert not window.actions_by_name["polygon_tool"].isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.pages.current == "annotate"
    assert window.docks["images"].isVisible()
    assert window.docks["runs"].isVisible()
    assert window.actions_by_name["polygon_tool"].isEnabled()


def test_a_page_that_needs_much_room_does_not_take_it_from_the_docks(window: MainWindow) -> None:
    before = window.docks["images"].width(), window.docks["classes"].width()
    wide = QLabel("wide", window.pages.page("live"))
    wide.setMinimumWidth(window.pages.stack.width() + 100)
    window.pages.page("live").layout().addWidget(wide)
    window.pages.show_page("live")
    window.pages.show_page("annotate")
    assert (window.docks["images"].width(), window.docks["classes"].width()) == before


def test_back_from_a_page_the_keys_go_to_the_image(qtbot: QtBot, opened: MainWindow) -> None:
    with qtbot.waitActive(opened):
        opened.activateWindow()
    qtbot.keyClick(opened, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert not opened.canvas.hasFocus()
    qtbot.keyClick(opened, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert opened.canvas.hasFocus()


def test_only_the_page_with_an_image_says_which_it_is(opened: MainWindow) -> None:
    opened.pages.show_page("live")
    assert not opened.status.image.isVisible()
    assert not opened.status.zoom.isVisible()
    opened.pages.show_page("annotate")
    assert opened.status.image.isVisible()
    assert opened.status.zoom.isVisible()
