"""Keeping what is drawn to its neighbours: their vertices and borders, and the image's edge."""

from collections.abc import Collection
from typing import NamedTuple, TypeAlias

import numpy as np
from PySide6.QtCore import QRectF

from core.geometry import (
    Line,
    Ways,
    distance_to_ring,
    intersection,
    nearest_edge,
    nearest_vertex,
    parts_area,
    ways_between,
)
from core.types import Instance, Part, Ring
from gui.canvas.stage import Stage

_Xy: TypeAlias = tuple[float, float]
_Neighbour: TypeAlias = tuple[Instance, int, Part]
"""An instance, the index of a part of it, and the part."""

_REACH_PX = 8.0
"""How far a vertex, a border or the image's edge draws the mouse to it, on the screen."""
_ON_BORDER = 1e-6
"""So far from a ring, in pixels of the image, a point still lies on it: a foot is rounded."""


class RingPlace(NamedTuple):
    """One ring of one instance."""

    instance_id: str
    part: int
    ring: int


class Snap(NamedTuple):
    """Where the mouse is taken to be."""

    xy: _Xy
    rings: frozenset[RingPlace] = frozenset()
    """The rings of neighbours that it lies on."""
    is_snapped: bool = False
    """Whether something drew it there."""


def snapped(stage: Stage, xy: _Xy, *, without: Collection[str] = ()) -> Snap:
    """The place for a point near another: on a vertex before on a border before on the image's
    edge. With snapping off, the nearest point of the image.

    Args:
        stage: with a document.
        xy: where the mouse is, in pixels of the image.
        without: the ids of instances that are no neighbours: those that are being changed.
    """
    inside = stage.inside(xy)
    if not stage.snapping.value:
        return Snap(inside)
    reach = _REACH_PX / stage.scale
    neighbours = _neighbours(stage, inside, reach, without)
    place = _on_vertex(neighbours, inside, reach) or _on_border(neighbours, inside, reach)
    if place is None:
        at_edge = _on_edge_of_image(stage, inside, reach)
        return Snap(at_edge, is_snapped=at_edge != inside)
    return Snap(place, _rings_at(neighbours, place), is_snapped=True)


def ways_along(stage: Stage, start: Snap, end: Snap) -> Ways | None:
    """The vertices of a neighbour between two points of one ring of it; None where there is no ring
    on which both lie."""
    shared = _shared(stage, start, end)
    if shared is None or start.xy == end.xy:
        return None
    return ways_between(shared[1], start.xy, end.xy)


def closing_way(stage: Stage, points: Collection[_Xy], start: Snap, end: Snap) -> Line:
    """The vertices of a neighbour by which an outline from start to end closes at its start again.

    Of the two ways round, the one that leaves the neighbour out.

    Returns:
        (k, 2) from the end to the start, without these two; none where they share no ring.
    """
    shared, ways = _shared(stage, end, start), ways_along(stage, end, start)
    if shared is None or ways is None:
        return np.empty((0, 2))
    neighbour = shared[0].parts

    def covered(way: Line) -> float:
        outline = Part(np.concatenate([np.array(list(points)), way]))
        return parts_area(intersection((outline,), neighbour))

    # the longer way has to be clearly better: along a straight border both cover nothing
    is_longer = covered(ways.longer) + 1.0 < covered(ways.shorter)
    return ways.longer if is_longer else ways.shorter


def _neighbours(stage: Stage, xy: _Xy, reach: float, without: Collection[str]) -> list[_Neighbour]:
    x, y = xy
    near = stage.instances_in(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))
    return [
        (one, number, part)
        for one in near
        if one.id not in without
        for number, part in enumerate(one.parts)
    ]


def _on_vertex(neighbours: list[_Neighbour], xy: _Xy, reach: float) -> _Xy | None:
    found = ((*nearest_vertex(part, xy), part) for _, _, part in neighbours)
    best = min(found, key=lambda one: one[2], default=None)
    if best is None or best[2] > reach:
        return None
    ring, vertex, _, part = best
    x, y = part.rings[ring][vertex].tolist()
    return x, y


def _on_border(neighbours: list[_Neighbour], xy: _Xy, reach: float) -> _Xy | None:
    found = (nearest_edge(part, xy) for _, _, part in neighbours)
    hit = min(found, key=lambda one: one.distance, default=None)
    return hit.at_xy if hit is not None and hit.distance <= reach else None


def _on_edge_of_image(stage: Stage, xy: _Xy, reach: float) -> _Xy:
    height, width = stage.size_hw
    return _drawn(xy[0], (0.0, float(width)), reach), _drawn(xy[1], (0.0, float(height)), reach)


def _drawn(value: float, ends: tuple[float, float], reach: float) -> float:
    return next((end for end in ends if abs(value - end) <= reach), value)


def _rings_at(neighbours: list[_Neighbour], xy: _Xy) -> frozenset[RingPlace]:
    return frozenset(
        RingPlace(instance.id, number, ring)
        for instance, number, part in neighbours
        for ring, points in enumerate(part.rings)
        if distance_to_ring(points, xy) <= _ON_BORDER
    )


def _shared(stage: Stage, start: Snap, end: Snap) -> tuple[Instance, Ring] | None:
    """A neighbour and the ring of it on which both lie."""
    for place in sorted(start.rings & end.rings):
        found = (one for one in stage.document.labels.instances if one.id == place.instance_id)
        # the neighbour may be another one since, by undo for example
        for instance in found:
            if place.part < len(instance.parts):
                rings = instance.parts[place.part].rings
                if place.ring < len(rings):
                    return instance, rings[place.ring]
    return None
