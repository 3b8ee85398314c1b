"""What the actions do that concern the open image: the commands, and taking a tool."""

from collections.abc import Callable
from functools import partial

from gui.canvas.commands import all_commands
from gui.canvas.tools import all_tools
from gui.canvas.view import Canvas


def canvas_handlers(canvas: Canvas) -> dict[str, Callable[[], object]]:
    """The handlers of the actions about tools, the view and the instances of the open image."""
    return {
        **{name: partial(command, canvas) for name, command in all_commands().items()},
        **{f"{name}_tool": partial(canvas.set_tool, name) for name in all_tools()},
    }
