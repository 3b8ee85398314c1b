"""Pages: what the window shows in its middle instead of the canvas. Each is one file here that
declares one PageSpec, PAGE.

The page to annotate is the canvas with its docks; main_window composes it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from gui.session import Session


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page of the window."""

    name: str
    """Its action is named `page_<name>`."""
    place: int
    """Pages go from the lowest to the highest."""
    build: Callable[[Session], QWidget]
    """Called when the page is shown first; what it needs while it is seen begins in its showEvent
    and ends in its hideEvent."""
    free_below_px: int = 0
    """The height of the buttons at its lower edge, over which no notice is to lie."""


def all_pages() -> tuple[PageSpec, ...]:
    """Every page of this folder, in the order of their places."""
    specs: list[PageSpec] = []
    for module in pkgutil.iter_modules(__path__):
        specs.append(importlib.import_module(f"{__name__}.{module.name}").PAGE)
    return tuple(sorted(specs, key=lambda spec: spec.place))
