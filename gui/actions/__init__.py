"""Everything a person can trigger, as a table, and what Qt makes of it."""

from gui.actions.build import Handler, build_actions, build_menus, fill_toolbar, with_shortcut
from gui.actions.shortcuts import Shortcuts
from gui.actions.spec import ActionSpec
from gui.actions.table import ACTIONS

__all__ = [
    "ACTIONS",
    "ActionSpec",
    "Handler",
    "Shortcuts",
    "build_actions",
    "build_menus",
    "fill_toolbar",
    "with_shortcut",
]
