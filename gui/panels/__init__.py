"""Panels: docks of the window. Each is one file here that declares one PanelSpec, PANEL."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.session import Session


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One dock of the window."""

    name: str
    """Stable: the layout that the user made is kept under it."""
    title: str
    area: Qt.DockWidgetArea
    place: int
    """Panels of an area go from the lowest to the highest."""
    build: Callable[[Session], QWidget]
    is_open_at_first: bool = True
    actions: tuple[str, ...] = ()
    """Of the table of actions: what its context menu offers."""


def all_panels() -> tuple[PanelSpec, ...]:
    """Every panel of this folder, in the order of their places."""
    specs: list[PanelSpec] = []
    for module in pkgutil.iter_modules(__path__):
        specs.append(importlib.import_module(f"{__name__}.{module.name}").PANEL)
    return tuple(sorted(specs, key=lambda spec: (str(spec.area), spec.place)))
