"""Commands: what actions do on the canvas and its document. Each file here declares some, COMMANDS,
by the names of their actions.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeAlias

from gui.canvas.view import Canvas

Command: TypeAlias = Callable[[Canvas], None]


def all_commands() -> dict[str, Command]:
    """Every command of this folder by the name of its action."""
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{module.name}").COMMANDS
    return found
