"""Going through the instances that lie over each other under the mouse."""

from collections.abc import Mapping

from PySide6.QtGui import QCursor

from core.geometry import contains
from gui.canvas.commands import Command
from gui.canvas.stage import Stage
from gui.canvas.view import Canvas
from gui.texts import tr


def _next_below(canvas: Canvas) -> None:
    """Selects the next instance below the selected one at the mouse, after the last the first."""
    document = canvas.document
    if document is None:
        return
    at = canvas.mapToScene(canvas.viewport().mapFromGlobal(QCursor.pos()))
    there = _instances_at(canvas.stage, (at.x(), at.y()))
    if not there:
        canvas.refused.emit(tr("No instance lies under the mouse. Point at some that overlap."))
        return
    chosen = [place for place, one in enumerate(there) if one in document.selection]
    document.select([there[(chosen[-1] + 1) % len(there) if chosen else 0]])


def _instances_at(stage: Stage, xy: tuple[float, float]) -> list[str]:
    """The ids of those in reach at a point, from front to back."""
    document = stage.document
    return [
        one.id
        for one in reversed(document.labels.instances)
        if one.id not in document.marks.out_of_reach
        and stage.is_near(one.id, xy, within=0)
        and contains(one.parts, xy)
    ]


COMMANDS: Mapping[str, Command] = {"next_below": _next_below}
