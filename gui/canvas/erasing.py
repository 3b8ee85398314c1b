"""Erasing: vertices by dragging over them, and what is said when nothing is left."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from core import edits
from core.types import ImageLabels, Ring
from gui.canvas.stage import Stage
from gui.texts import tr

_Xy: TypeAlias = tuple[float, float]
_Place: TypeAlias = tuple[int, int, int]
"""Part, ring and vertex, as indices."""

_REACH_PX = 8.0
"""How near to a vertex the mouse passes to erase it, on the screen."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """A press that erases the vertices it passes."""

    ids: frozenset[str]
    at: _Xy
    gone: Mapping[str, frozenset[_Place]] = field(default_factory=dict)
    """Vertices by the ids of their instances."""

    def moved(self, stage: Stage, at: _Xy) -> "Erasing":
        """After the mouse went straight to another place."""
        passed = _passed(stage, self.ids, self.at, at)
        gone = {one: places | self.gone.get(one, frozenset()) for one, places in passed.items()}
        return replace(self, at=at, gone={**self.gone, **gone})

    def change(self, labels: ImageLabels) -> ImageLabels:
        """The labels without what was passed."""
        return edits.with_vertices_deleted(labels, self.gone)


def edit_that_erases(stage: Stage, text: str, change: Callable[[ImageLabels], ImageLabels]) -> None:
    """Edits the document, and says so where nothing is left of an instance."""
    before = len(stage.document.labels.instances)
    if not stage.document.edit(text, change):
        return
    n_gone = before - len(stage.document.labels.instances)
    if n_gone == 1:
        stage.refused.emit(tr("Nothing was left of the instance, so it is deleted."))
    elif n_gone > 1:
        stage.refused.emit(tr("Nothing was left of %n instances, so they are deleted.", "", n_gone))


def _passed(stage: Stage, ids: Iterable[str], start: _Xy, end: _Xy) -> dict[str, frozenset[_Place]]:
    reach = _REACH_PX / stage.scale
    passed = {}
    for instance_id in ids:
        parts = stage.document.labels.instance(instance_id).parts
        places = frozenset(
            (number, ring, int(vertex))
            for number, part in enumerate(parts)
            for ring, points in enumerate(part.rings)
            for vertex in np.flatnonzero(_distances(points, start, end) <= reach)
        )
        if places:
            passed[instance_id] = places
    return passed


def _distances(points: Ring, start: _Xy, end: _Xy) -> Ring:
    """(n,) how far each point is from the straight line between two others."""
    origin, along = np.array(start), np.subtract(end, start)
    offsets = points - origin
    length2 = float(along @ along)
    fractions = np.clip(offsets @ along / length2, 0, 1) if length2 else np.zeros(len(points))
    away = offsets - fractions[:, None] * along
    distances: Ring = np.hypot(away[:, 0], away[:, 1])
    return distances
