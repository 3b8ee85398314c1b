"""Shortcuts that a person changed, and the sheet on which that is done."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS, Shortcuts, build_actions
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.main_window import MainWindow
from gui.settings import Settings

SHIFT = Qt.KeyboardModifier.ShiftModifier


def no_icon(_name: str) -> QIcon:
    return QIcon()


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QWidget]:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def made(parent: QWidget, kept: str = "") -> Shortcuts:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    actions = build_actions(parent, handlers, icon_of=no_icon)
    return Shortcuts(actions, kept=kept, parent=parent)


def test_a_changed_key_is_kept_for_the_next_start(qtbot: QtBot, parent: QWidget) -> None:
    shortcuts = made(parent)
    with qtbot.waitSignal(shortcuts.changed) as told:
        shortcuts.set_key("next_image", "F8")
    assert made(parent, kept=told.args[0]).keys("next_image") == ("F8", "PgDown")


def test_a_key_of_another_action_is_refused_and_the_other_named(parent: QWidget) -> None:
    assert made(parent).why_not("next_image", "P") == "P is the shortcut of “Polygon”, menu Tools."


def test_keys_that_begin_those_of_another_action_are_refused(parent: QWidget) -> None:
    shortcuts = made(parent)
    shortcuts.set_key("fit", "Ctrl+K, Ctrl+F")
    assert "Fit" in shortcuts.why_not("next_image", "Ctrl+K")


def test_a_key_of_another_page_is_free_and_one_of_the_same_page_is_not(parent: QWidget) -> None:
    shortcuts = made(parent)
    assert shortcuts.why_not("flicker", "S") == ""  # of Live, and of nothing on Rounds
    assert "“Accept”" in shortcuts.why_not("flicker", "W")
    assert "“Accept”" in shortcuts.why_not("go_there", "W")


def test_keys_of_classes_are_not_for_actions_of_the_page_where_they_give_classes(
    parent: QWidget,
) -> None:
    shortcuts = made(parent)
    assert "class" in shortcuts.why_not("go_there", "3")
    assert shortcuts.why_not("flicker", "3") == ""
    assert "“Go there”" in shortcuts.why_not_for_class("Return")


def test_number_keys_stay_those_of_the_classes(parent: QWidget) -> None:
    assert "class" in made(parent).why_not("next_image", "3")


def test_a_refused_key_is_not_set(parent: QWidget) -> None:
    shortcuts = made(parent)
    with pytest.raises(ValueError, match="Polygon"):
        shortcuts.set_key("next_image", "P")
    assert shortcuts.keys("next_image") == ("D", "PgDown")


def test_reset_brings_the_first_keys_back(qtbot: QtBot, parent: QWidget) -> None:
    shortcuts = made(parent)
    shortcuts.set_key("next_image", "F8")
    shortcuts.set_key("fit", "")
    shortcuts.reset("next_image")
    assert shortcuts.keys("next_image") == ("D", "PgDown")
    with qtbot.waitSignal(shortcuts.changed, check_params_cb=lambda text: text == ""):
        shortcuts.reset_all()
    assert shortcuts.keys("fit") == ("Ctrl+0",)


def test_a_key_that_a_person_gave_away_is_not_the_old_owners_after_its_reset(
    parent: QWidget,
) -> None:
    shortcuts = made(parent)
    shortcuts.set_key("polygon_tool", "I")
    shortcuts.set_key("fit", "P")
    shortcuts.reset("polygon_tool")
    assert shortcuts.keys("polygon_tool") == ()


def test_the_tooltip_says_the_new_key(parent: QWidget) -> None:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    actions = build_actions(parent, handlers, icon_of=no_icon)
    Shortcuts(actions).set_key("next_image", "F8")
    assert actions["next_image"].toolTip() == "Go to the next image. (F8)"


@pytest.mark.parametrize("kept", ["no json", "[1]", '{"gone": ["J"], "fit": 3}', '{"fit": [""]}'])
def test_what_was_kept_and_cannot_be_used_is_passed_over(parent: QWidget, kept: str) -> None:
    assert made(parent, kept=kept).keys("next_image") == ("D", "PgDown")


@pytest.fixture
def sheet(qtbot: QtBot, opened: MainWindow) -> ShortcutsDialog:
    qtbot.keySequence(opened.canvas, opened.actions_by_name["shortcuts"].shortcut())
    (dialog,) = opened.findChildren(ShortcutsDialog)
    return dialog


def test_a_key_is_changed_on_the_sheet_and_works_in_the_window(
    qtbot: QtBot, opened: MainWindow, settings: Settings, sheet: ShortcutsDialog
) -> None:
    sheet.choose("next_image")
    sheet.editor.setFocus()
    qtbot.keyClick(sheet.editor, Qt.Key.Key_J, SHIFT)
    qtbot.waitUntil(lambda: opened.shortcuts.is_changed("next_image"))
    with qtbot.waitActive(opened):
        sheet.close()
        opened.activateWindow()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_J, SHIFT)
    qtbot.waitUntil(lambda: opened.session.key == "img_1.png")
    assert "Shift+J" in settings.text("shortcuts")


def test_a_conflict_is_said_on_the_sheet(
    qtbot: QtBot, opened: MainWindow, sheet: ShortcutsDialog
) -> None:
    sheet.choose("next_image")
    qtbot.keyClick(sheet.editor, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: "Polygon" in sheet.hint.text())
    assert opened.shortcuts.keys("next_image")[0] == "D"
    assert sheet.editor.keySequence() == QKeySequence("D")


def test_the_sheet_resets_one_and_all(
    qtbot: QtBot, opened: MainWindow, sheet: ShortcutsDialog
) -> None:
    left = Qt.MouseButton.LeftButton
    opened.shortcuts.set_key("next_image", "F8")
    opened.shortcuts.set_key("fit", "Shift+J")
    sheet.choose("next_image")
    qtbot.mouseClick(sheet.reset_button, left)
    assert not opened.shortcuts.is_changed("next_image")
    assert opened.shortcuts.is_changed("fit")
    qtbot.mouseClick(sheet.reset_all_button, left)
    assert not opened.shortcuts.is_changed("fit")


def test_the_sheet_is_searched_by_name_and_by_key(qtbot: QtBot, sheet: ShortcutsDialog) -> None:
    def shown() -> list[str]:
        sections = [sheet.list.topLevelItem(i) for i in range(sheet.list.topLevelItemCount())]
        items = [one.child(i) for one in sections for i in range(one.childCount())]
        return [item.text(0) for item in items if not item.isHidden()]

    qtbot.keyClicks(sheet.search, "zoom out")
    assert shown() == ["Zoom out"]
    sheet.search.clear()
    qtbot.keyClicks(sheet.search, "ctrl+z")
    assert shown() == ["Undo"]
