"""What concerns outlines: snapping on and off, and making them simpler."""

from collections.abc import Mapping

from gui.canvas.commands import Command
from gui.canvas.simplify_panel import open_simplify_panel
from gui.canvas.view import Canvas


def _snapping(canvas: Canvas) -> None:
    canvas.stage.snapping.set_value(not canvas.stage.snapping.value)


def _simplify(canvas: Canvas) -> None:
    open_simplify_panel(canvas)


COMMANDS: Mapping[str, Command] = {"snapping": _snapping, "simplify": _simplify}
