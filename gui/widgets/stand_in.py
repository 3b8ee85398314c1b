"""Buttons and other controls that stand for an action of the window."""

from PySide6.QtWidgets import QWidget

ACTION = "action"
"""The property that names it."""
SENTENCE = "sentence"
"""The property with what the control says of itself, where it is not what the action says."""


def stand_for(control: QWidget, action: str, *, sentence: str = "") -> None:
    """Says that the control does what this action of the window does; its tooltip follows it.

    Args:
        control: mostly a button.
        action: its name.
        sentence: what the tooltip says before the shortcut; empty: what that of the action says.
    """
    control.setProperty(ACTION, action)
    control.setProperty(SENTENCE, sentence)
