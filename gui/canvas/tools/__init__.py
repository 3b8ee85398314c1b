"""Tools: what the left button does. Each is one file here that declares one ToolSpec, TOOL."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.stage import Stage
from gui.canvas.tool_options import Option

Xy: TypeAlias = tuple[float, float]
Keys: TypeAlias = tuple[Qt.Key, Qt.KeyboardModifier]


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, in pixels of the image, and what is held down with it."""

    xy: Xy
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    is_right: bool = False
    """Whether it is the right button that is down, where the tool takes it."""

    def holds(self, *modifiers: Qt.KeyboardModifier) -> bool:
        """Whether one of these keys is down."""
        return any(modifier in self.modifiers for modifier in modifiers)


class Tool:
    """What a tool may do; each does some of it.

    A tool draws a draft while the mouse moves and commits once, by the stage's document. It keeps
    nothing of the labels from one call to the next but ids and indices.
    """

    takes_right_button = False
    """Whether the right button is told to it as the left one is, with `Pointer.is_right`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.options: Sequence[Option] = ()
        """What a person can set of it, shown above the canvas; a value stays from then on."""

    def hint(self) -> str:
        """What the mouse and the keys do at this moment, in a sentence; shown above the canvas."""
        return ""

    def enter(self) -> None:
        """It becomes the tool, or another document is on the stage."""

    def leave(self) -> None:
        """Another tool takes over, or the document is about to go. Drafts may be put aside."""

    def press(self, at: Pointer) -> None:
        """The left button went down."""

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        """The mouse moved, with the left button down or without."""

    def release(self, at: Pointer) -> None:
        """The left button went up."""

    def double_click(self, at: Pointer) -> None:
        """The second press of a double click; a press and a release came before it."""
        self.press(at)

    def wheel(self, at: Pointer, notches: float) -> bool:
        """The wheel was turned, away from the hand where positive, without Ctrl, which zooms.

        Returns:
            Whether the tool took it; else it zooms.
        """
        return False

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        """What keys do at this moment; they come before the shortcuts of the window."""
        return {}

    def delete_vertex(self) -> None:
        """Deletes the vertex that is picked or under the mouse, if one is."""

    def labels_changed(self, ids: frozenset[str]) -> None:
        """These instances are new, different or gone, by whatever hand."""

    def cursor(self) -> Qt.CursorShape:
        """What the mouse looks like at this moment."""
        return Qt.CursorShape.ArrowCursor

    def bounds(self) -> QRectF:
        """Where its draft lies, in pixels of the image, without the width of lines."""
        return QRectF()

    def paint(self, painter: QPainter) -> None:
        """Paints its draft, in pixels of the image."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that can be chosen."""

    name: str
    """Its action in the table of actions is `<name>_tool`."""
    make: Callable[[Stage], Tool]


def all_tools() -> dict[str, ToolSpec]:
    """Every tool of this folder by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        spec: ToolSpec = importlib.import_module(f"{__name__}.{module.name}").TOOL
        found[spec.name] = spec
    return found
