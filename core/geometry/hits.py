"""What lies under a point: for the canvas."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.types import Part, Ring


class VertexHit(NamedTuple):
    """A vertex of a part and how far it is from a point."""

    ring: int
    """Index into Part.rings: 0 is the outer ring."""
    vertex: int
    distance: float
    """Pixels of the image."""


class EdgeHit(NamedTuple):
    """An edge of a part and how far it is from a point."""

    ring: int
    """Index into Part.rings: 0 is the outer ring."""
    edge: int
    """The index of the vertex where it starts."""
    distance: float
    """Pixels of the image."""
    at_xy: tuple[float, float]
    """The point of the edge that is nearest."""


def contains(parts: Iterable[Part], xy: tuple[float, float]) -> bool:
    """Whether a point lies in one of the parts and not in its holes."""
    return any(
        _encloses(part.outer, xy) and not any(_encloses(hole, xy) for hole in part.holes)
        for part in parts
    )


def nearest_vertex(part: Part, xy: tuple[float, float]) -> VertexHit:
    """The vertex nearest to a point."""
    rings = part.rings
    points = np.concatenate(rings)
    away = np.hypot(points[:, 0] - xy[0], points[:, 1] - xy[1])
    best = int(away.argmin())
    ring, vertex = _place(rings, best)
    return VertexHit(ring, vertex, float(away[best]))


def nearest_edge(part: Part, xy: tuple[float, float]) -> EdgeHit:
    """The edge nearest to a point."""
    rings = part.rings
    starts = np.concatenate(rings)
    along = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings]) - starts
    point = np.asarray(xy, dtype=np.float64)
    length2 = (along * along).sum(axis=1)
    reach = ((point - starts) * along).sum(axis=1)
    # an edge between two equal vertices has no direction: its start is as near as any
    fraction = np.clip(reach / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
    feet: npt.NDArray[np.float64] = starts + fraction[:, None] * along
    away = np.hypot(feet[:, 0] - point[0], feet[:, 1] - point[1])
    best = int(away.argmin())
    ring, edge = _place(rings, best)
    return EdgeHit(ring, edge, float(away[best]), (float(feet[best, 0]), float(feet[best, 1])))


def _encloses(ring: Ring, xy: tuple[float, float]) -> bool:
    x, y = xy
    x0, y0 = ring[:, 0], ring[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    # half-open in y, so that a ray through a vertex counts it once
    crosses = (y0 <= y) != (y1 <= y)
    rise = np.where(crosses, y1 - y0, 1.0)
    is_right = x < x0 + (y - y0) / rise * (x1 - x0)
    return bool(np.count_nonzero(crosses & is_right) % 2)


def _place(rings: tuple[Ring, ...], index: int) -> tuple[int, int]:
    for ring, points in enumerate(rings):
        if index < len(points):
            return ring, index
        index -= len(points)
    raise IndexError(index)
