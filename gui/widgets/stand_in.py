"""Buttons that stand for an action of the window."""

from PySide6.QtWidgets import QAbstractButton

ACTION = "action"
"""The property that names it."""


def stand_for(button: QAbstractButton, action: str) -> None:
    """Says that the button does what this action of the window does; its tooltip follows it."""
    button.setProperty(ACTION, action)
