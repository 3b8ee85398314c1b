"""How the image is seen: larger, smaller, as a whole."""

from collections.abc import Mapping

from gui.canvas.commands import Command
from gui.canvas.view import Canvas

_ZOOM_STEP = 1.25

COMMANDS: Mapping[str, Command] = {
    "zoom_in": lambda canvas: canvas.zoom_by(_ZOOM_STEP),
    "zoom_out": lambda canvas: canvas.zoom_by(1 / _ZOOM_STEP),
    "fit": Canvas.fit,
    "zoom_actual": Canvas.zoom_to_actual,
    "show_selected": Canvas.show_selected,
}
