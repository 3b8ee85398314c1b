"""The table of actions, and the actions, menus and toolbar made of it."""

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar
from pytestqt.qtbot import QtBot

from core.paths import resources_folder
from gui.actions import ACTIONS, build_actions, build_menus, fill_toolbar
from gui.canvas.tools import all_tools
from gui.pages import all_pages


def no_icon(_name: str) -> QIcon:
    return QIcon()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QMainWindow]:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def test_names_are_there_once() -> None:
    assert max(Counter(spec.name for spec in ACTIONS).values()) == 1


@pytest.mark.parametrize("page", ["annotate", *(one.name for one in all_pages())])
def test_no_two_actions_of_a_page_have_the_same_shortcut(page: str) -> None:
    here = [spec for spec in ACTIONS if spec.is_on(page)]
    keys = Counter(QKeySequence(keys).toString() for spec in here for keys in spec.shortcuts)

    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("spec", ACTIONS, ids=lambda spec: spec.name)
def test_every_action_has_an_icon_a_shortcut_that_qt_knows_and_a_sentence(spec: object) -> None:
    assert (resources_folder() / "icons" / f"{spec.icon_name}.svg").is_file()
    assert spec.shortcuts
    for keys in spec.shortcuts:
        assert QKeySequence(keys).toString() == keys
    assert spec.tooltip.endswith(".")
    assert spec.menu


def test_the_keys_of_classes_are_left_free() -> None:
    taken = {keys for spec in ACTIONS for keys in spec.shortcuts}

    assert not taken & set("123456789")


def test_every_tool_has_an_action() -> None:
    actions = {spec.name for spec in ACTIONS if spec.radio == "tool"}

    assert actions == {f"{name}_tool" for name in all_tools()}


def test_a_shortcut_calls_its_handler(qtbot: QtBot, window: QMainWindow) -> None:
    called: list[str] = []
    handlers = {spec.name: lambda name=spec.name: called.append(name) for spec in ACTIONS}
    window.addActions(list(build_actions(window, handlers, icon_of=no_icon).values()))

    qtbot.keyClick(window, Qt.Key.Key_D)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert called == ["next_image", "undo"]


@pytest.mark.parametrize(
    "name", ["done_and_next", "hide_selected", "lock_selected", "live_start_stop", "live_pause"]
)
def test_a_key_held_down_neither_marks_several_images_nor_turns_to_and_fro(
    window: QMainWindow, name: str
) -> None:
    actions = build_actions(window, {one.name: bool for one in ACTIONS}, icon_of=no_icon)
    assert not actions[name].autoRepeat()
    assert actions["next_image"].autoRepeat()


def test_a_tooltip_says_the_shortcut(window: QMainWindow) -> None:
    handlers = {spec.name: print for spec in ACTIONS}

    actions = build_actions(window, handlers, icon_of=no_icon)

    assert actions["next_image"].toolTip() == "Go to the next image. (D)"


class Loud(QTranslator):
    """Translates into capitals."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, comment: str = "", n: int = -1) -> str:
        return text.upper()


def test_what_is_shown_of_an_action_is_translated_and_its_menu_goes_by_the_english_name(
    qapp: QApplication, window: QMainWindow
) -> None:
    loud = Loud()
    qapp.installTranslator(loud)
    try:
        handlers = {spec.name: (lambda: None) for spec in ACTIONS}
        actions = build_actions(window, handlers, icon_of=no_icon)
        menus = build_menus(window.menuBar(), actions)
        (change_class,) = (spec for spec in ACTIONS if spec.name == "change_class")
        assert change_class.plain_text == "CHANGE CLASS"
    finally:
        qapp.removeTranslator(loud)
    assert actions["change_class"].text() == "CHANGE CLASS…"
    assert actions["next_image"].toolTip() == "GO TO THE NEXT IMAGE. (D)"
    assert menus["Review"].title() == "&REVIEW"


def test_one_tool_is_checked_at_a_time(window: QMainWindow) -> None:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    actions = build_actions(window, handlers, icon_of=no_icon)
    assert actions["select_tool"].isChecked()

    actions["box_tool"].trigger()

    assert actions["box_tool"].isChecked()
    assert not actions["select_tool"].isChecked()


@pytest.mark.parametrize("change", ["missing", "extra"])
def test_an_action_without_a_handler_is_found_when_the_window_is_built(
    window: QMainWindow, change: str
) -> None:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    if change == "missing":
        del handlers["undo"]
    else:
        handlers["und0"] = lambda: None

    with pytest.raises(ValueError, match="und"):
        build_actions(window, handlers, icon_of=no_icon)


def test_every_action_is_in_its_menu(window: QMainWindow) -> None:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    actions = build_actions(window, handlers, icon_of=no_icon)

    menus = build_menus(window.menuBar(), actions)

    assert [menu.title() for menu in menus.values()] == [f"&{title}" for title in menus]
    letters = [title[0] for title in menus]
    assert len(set(letters)) == len(letters)
    for spec in ACTIONS:
        assert actions[spec.name] in menus[spec.menu].actions()


def test_the_toolbar_begins_and_ends_with_an_action(window: QMainWindow) -> None:
    handlers = {spec.name: (lambda: None) for spec in ACTIONS}
    actions = build_actions(window, handlers, icon_of=no_icon)
    toolbar = QToolBar(window)

    fill_toolbar(toolbar, actions)

    shown = toolbar.actions()
    assert not shown[0].isSeparator()
    assert not shown[-1].isSeparator()
    names = [action.objectName() for action in shown if not action.isSeparator()]
    assert names == [spec.name for spec in ACTIONS if spec.on_toolbar]
