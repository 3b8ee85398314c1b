"""Pages: what the window shows in its middle instead of the canvas. Each is one file here that
declares one PageSpec, PAGE.

The page to annotate is the canvas with its docks; main_window composes it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.session import Session


def _none(_page: QWidget) -> Mapping[str, Callable[[], object]]:
    return {}


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page of the window."""

    name: str
    """That of its file; its action is named `page_<name>`."""
    place: int
    """Pages go from the lowest to the highest."""
    build: Callable[[Session], QWidget]
    """Called when the page is shown first; what it needs while it is seen begins in its showEvent
    and ends in its hideEvent."""
    free_below_px: int = 0
    """The height of the buttons at its lower edge, over which no notice is to lie."""
    handlers: Callable[[Any], Mapping[str, Callable[[], object]]] = _none
    """What actions do while the page, which it is given, is in front, by their names; all others do
    what they do everywhere."""


def page_named(name: str) -> PageSpec:
    """The page of the file of this name; it is imported only now, as few pages are seen at a start.

    Raises:
        KeyError: there is none.
    """
    if name not in _page_names():
        raise KeyError(name)
    spec: PageSpec = importlib.import_module(f"{__name__}.{name}").PAGE
    return spec


def all_pages() -> tuple[PageSpec, ...]:
    """Every page of this folder, in the order of their places."""
    return tuple(sorted(map(page_named, _page_names()), key=lambda spec: spec.place))


def _page_names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]
