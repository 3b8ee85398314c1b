"""The command palette."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.dialogs.palette import CommandPalette
from gui.main_window import MainWindow
from gui.widgets.looks import Theme


@pytest.fixture
def palette(qtbot: QtBot, opened: MainWindow) -> CommandPalette:
    qtbot.keySequence(opened.canvas, opened.actions_by_name["command_palette"].shortcut())
    (dialog,) = opened.findChildren(CommandPalette)
    return dialog


def test_every_action_that_can_be_done_is_found(
    opened: MainWindow, palette: CommandPalette
) -> None:
    possible = {name for name, action in opened.actions_by_name.items() if action.isEnabled()}
    assert set(palette.shown) == possible - {"command_palette"}


def test_an_action_that_rests_is_not_offered(qtbot: QtBot, opened: MainWindow) -> None:
    opened.actions_by_name["fit"].setEnabled(False)
    dialog = CommandPalette(opened.actions_by_name, opened)
    assert "fit" not in dialog.shown


def test_what_begins_with_the_words_comes_first(qtbot: QtBot, palette: CommandPalette) -> None:
    qtbot.keyClicks(palette.search, "next")
    assert palette.shown[0] == "next_image"
    assert "done_and_next" in palette.shown


def test_enter_does_what_is_chosen(
    qtbot: QtBot, opened: MainWindow, palette: CommandPalette
) -> None:
    qtbot.keyClicks(palette.search, "polygon")
    with qtbot.waitSignal(opened.actions_by_name["polygon_tool"].triggered):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert opened.canvas.tool == "polygon"
    assert not any(dialog.isVisible() for dialog in opened.findChildren(CommandPalette))


def test_the_arrows_choose(qtbot: QtBot, opened: MainWindow, palette: CommandPalette) -> None:
    qtbot.keyClicks(palette.search, "zoom")
    second = opened.actions_by_name[palette.shown[1]]
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(second.triggered):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)


def test_the_shortcut_is_shown(qtbot: QtBot, palette: CommandPalette) -> None:
    qtbot.keyClicks(palette.search, "polygon")
    assert palette.list.topLevelItem(0).text(2) == "P"


def test_what_fits_nothing_is_said(qtbot: QtBot, palette: CommandPalette) -> None:
    qtbot.keyClicks(palette.search, "xyzzy")
    assert palette.shown == ()
    assert "xyzzy" in palette.hint.text()
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_its_icons_follow_the_theme(
    qtbot: QtBot, opened: MainWindow, palette: CommandPalette
) -> None:
    theme = Theme(QApplication.instance(), opened)

    def ink() -> int:
        item = palette.list.topLevelItem(1)
        image = item.icon(0).pixmap(32, 32).toImage()
        inside = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        return max(one.lightness() for one in inside if one.alpha() > 200)

    theme.choose("dark")
    qtbot.waitUntil(lambda: ink() > 128)
    theme.choose("light")
    qtbot.waitUntil(lambda: ink() < 128)
    theme.choose("system")
