"""Finding one's way: the command palette, the shortcuts, the settings, from area to area by key."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.actions import Handler, Shortcuts
from gui.dialogs.palette import CommandPalette
from gui.dialogs.settings import SettingsDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.settings import Settings


def help_handlers(
    window: QWidget,
    settings: Settings,
    *,
    actions_of: Callable[[], Mapping[str, QAction]],
    shortcuts_of: Callable[[], Shortcuts],
    go_to_next_area: Handler,
) -> dict[str, Handler]:
    """The handlers; actions and shortcuts are asked for late, being made of handlers themselves."""
    return {
        "settings": lambda: SettingsDialog(settings, window).open(),
        "command_palette": lambda: CommandPalette(actions_of(), window).open(),
        "shortcuts": lambda: ShortcutsDialog(shortcuts_of(), actions_of(), window).open(),
        "focus_next_area": go_to_next_area,
    }
