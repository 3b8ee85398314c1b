"""What concerns outlines: snapping on and off."""

from collections.abc import Mapping

from gui.canvas.commands import Command
from gui.canvas.view import Canvas


def _snapping(canvas: Canvas) -> None:
    canvas.snapping.set_value(not canvas.snapping.value)


COMMANDS: Mapping[str, Command] = {"snapping": _snapping}
