"""Ways along a ring between two of its points, and lines with fewer points."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from core.types import Ring

Line = npt.NDArray[np.float64]
"""(k, 2) float64 x y, image pixels, k >= 0: an open line, from its start to its end."""


class Ways(NamedTuple):
    """The two ways along a ring from one of its points to another, without these two."""

    shorter: Line
    longer: Line


def ways_between(ring: Ring, start_xy: tuple[float, float], end_xy: tuple[float, float]) -> Ways:
    """The vertices that are passed from one point of a ring to another, either way round.

    Args:
        ring: (n, 2).
        start_xy: a point of the ring, or near it; then the nearest one counts.
        end_xy: likewise.
    """
    along = np.roll(ring, -1, axis=0) - ring
    lengths = np.hypot(along[:, 0], along[:, 1])
    places = np.concatenate([[0.0], lengths.cumsum()])
    whole = float(places[-1])
    start = _place_on(ring, places, start_xy)
    to_end = (_place_on(ring, places, end_xy) - start) % whole if whole else 0.0
    to_vertices = (places[:-1] - start) % whole if whole else places[:-1]
    # a vertex at the very start or end is not between them
    least = 1e-9 * whole
    between = (to_vertices > least) & (to_vertices < whole - least)
    order = to_vertices.argsort(kind="stable")
    forward = order[(between & (to_vertices < to_end - least))[order]]
    backward = order[(between & (to_vertices > to_end + least))[order]][::-1]
    onward, back = ring[forward], ring[backward]
    return Ways(onward, back) if to_end <= whole / 2 else Ways(back, onward)


def length_of(line: Line) -> float:
    """From the first point to the last along all others."""
    steps = np.diff(line, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def simplified_line(line: Line, *, tolerance: float) -> Line:
    """The points of a line that are needed to stay so near to it, the two ends among them.

    Douglas-Peucker by GEOS: OpenCV's loses all of a line that ends where it starts.

    Args:
        line: (k, 2), k >= 1.
        tolerance: in units of the line.
    """
    if len(line) < 3:
        return line
    simple = shapely.simplify(shapely.LineString(line), tolerance, preserve_topology=False)
    fewer: Line = shapely.get_coordinates(simple)
    return fewer


def distance_to_ring(ring: Ring, xy: tuple[float, float]) -> float:
    """How far a point is from the line of a ring."""
    return _nearest(ring, xy).distance


class _Nearest(NamedTuple):
    """The point of a ring that is nearest to another."""

    edge: int
    fraction: float
    """0 at the start of the edge, 1 at its end."""
    distance: float


def _nearest(ring: Ring, xy: tuple[float, float]) -> _Nearest:
    along = np.roll(ring, -1, axis=0) - ring
    offsets = np.asarray(xy, dtype=np.float64) - ring
    length2 = (along * along).sum(axis=1)
    fractions = np.clip((offsets * along).sum(axis=1) / np.where(length2 > 0, length2, 1), 0, 1)
    away = offsets - fractions[:, None] * along
    distances = np.hypot(away[:, 0], away[:, 1])
    edge = int(distances.argmin())
    return _Nearest(edge, float(fractions[edge]), float(distances[edge]))


def _place_on(ring: Ring, places: npt.NDArray[np.float64], xy: tuple[float, float]) -> float:
    """How far along the ring its point nearest to this one lies."""
    edge, fraction, _ = _nearest(ring, xy)
    return float(places[edge] + fraction * (places[edge + 1] - places[edge]))
