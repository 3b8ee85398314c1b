"""The menu Help."""

from PySide6.QtCore import Qt

from gui.dialogs.palette import CommandPalette
from gui.dialogs.shortcuts import ShortcutsDialog
from tests.gui.user import User


def command_palette(user: User) -> None:
    user.press("command_palette")
    palette = user.child(CommandPalette)
    user.write("accept all", palette.search)
    assert palette.shown[0] == "accept_all"
    user.qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def shortcuts(user: User) -> None:
    user.press("shortcuts")
    dialog = user.child(ShortcutsDialog)
    dialog.choose("fit")
    assert dialog.editor.keySequence() == user.action("fit").shortcut()
