"""Buttons of panels and pages that do what an action does say its shortcut too."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.actions import with_shortcut
from gui.widgets.stand_in import ACTION, SENTENCE


def tell_shortcuts(window: QWidget, actions: Mapping[str, QAction]) -> None:
    """Gives every control in the window that stands for an action the shortcut of that action, and
    its sentence too where the control has none of its own."""
    for control in window.findChildren(QWidget):
        action = actions.get(str(control.property(ACTION) or ""))
        if action is not None:
            own = str(control.property(SENTENCE) or "")
            control.setToolTip(with_shortcut(own, action) if own else action.toolTip())
