"""Undo and redo."""

from collections.abc import Mapping

from gui.canvas.commands import Command
from gui.canvas.view import Canvas


def _undo(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.undo()


def _redo(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.redo()


COMMANDS: Mapping[str, Command] = {"undo": _undo, "redo": _redo}
