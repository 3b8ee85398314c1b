"""What concerns outlines: snapping on and off, and making them simpler."""

from collections.abc import Mapping

from gui.canvas.commands import Command
from gui.canvas.simplify_panel import open_simplify_panel
from gui.canvas.view import Canvas
from gui.texts import tr


def _snapping(canvas: Canvas) -> None:
    snapping = canvas.stage.snapping
    snapping.set_value(not snapping.value)
    # the tools that snap show the switch above the canvas
    if snapping not in canvas.tools[canvas.tool].options:
        is_on = tr("Snapping is on, for the tools that move or set single points.")
        is_off = tr("Snapping is off, for the tools that move or set single points.")
        canvas.refused.emit(is_on if snapping.value else is_off)


def _simplify(canvas: Canvas) -> None:
    open_simplify_panel(canvas)


COMMANDS: Mapping[str, Command] = {"snapping": _snapping, "simplify": _simplify}
