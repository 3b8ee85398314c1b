"""Buttons of panels and pages that do what an action does say its shortcut too."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.widgets.stand_in import ACTION


def tell_shortcuts(window: QWidget, actions: Mapping[str, QAction]) -> None:
    """Gives every button in the window that stands for an action the tooltip of that action."""
    for button in window.findChildren(QAbstractButton):
        action = actions.get(str(button.property(ACTION) or ""))
        if action is not None:
            button.setToolTip(action.toolTip())
