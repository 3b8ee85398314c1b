"""The actions about how the image is shown: they turn settings, which the canvas follows."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QDockWidget

from gui.actions import Handler
from gui.settings import Settings


def display_handlers(
    settings: Settings, *, docks_of: Callable[[], Mapping[str, QDockWidget]]
) -> dict[str, Handler]:
    """The handlers; the docks are asked for late, their panels being made of actions."""
    return {
        "colour_by_state": partial(_turn, settings, "colour_by_state"),
        "crosshair": partial(_turn, settings, "crosshair"),
        "navigator": partial(_turn, settings, "navigator"),
        "display": lambda: _show(docks_of()["display"]),
    }


def _turn(settings: Settings, name: str) -> None:
    settings.set(name, int(not settings.whole(name)))


def _show(dock: QDockWidget) -> None:
    dock.show()
    dock.raise_()
    dock.widget().setFocus()
