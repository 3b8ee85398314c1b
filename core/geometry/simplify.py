"""Rings with fewer vertices that cover the same area."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from core.geometry.regions import bounds_of
from core.types import Part, Ring

Rings: TypeAlias = list[list[Ring]]
"""Per part the outer ring and the holes."""

# of the square root of the area, from coarse to fine
_TOLERANCES = 0.15 * 0.72 ** np.arange(16)
# of the angle between two edges that have a crossing worth the name
_MIN_SINE = 0.2


def simplify(part: Part, *, min_iou: float = 0.98) -> Part:
    """The part with as few vertices as this IoU to it allows.

    Inside its old bounds and not crossing itself; a part that crosses itself stays as it is.
    """
    region = shapely.Polygon(part.outer, part.holes)
    if not region.is_valid or region.area == 0:
        return part

    def is_near(parts: Rings) -> bool:
        fewer = shapely.Polygon(parts[0][0], parts[0][1:])
        if not fewer.is_valid:
            return False
        shared = shapely.intersection(region, fewer).area
        return bool(shared >= min_iou * (region.area + fewer.area - shared))

    found = coarsest([list(part.rings)], is_near=is_near, bounds_xyxy=bounds_of((part,)))
    if found is None or sum(map(len, found[0])) >= sum(map(len, part.rings)):
        return part
    return replace(part, outer=found[0][0], holes=tuple(found[0][1:]))


def rounded(part: Part) -> Part:
    """To a hundredth of a pixel: a third of the bytes in label files and kept predictions.

    A part that it would make touch or cross itself stays as it is.
    """
    coarse = Part(part.outer.round(2), tuple(hole.round(2) for hole in part.holes))
    return coarse if are_valid([coarse.rings]) else part


def coarsest(
    parts: Rings,
    *,
    is_near: Callable[[Rings], bool],
    bounds_xyxy: tuple[float, float, float, float],
) -> Rings | None:
    """The coarsest simplification that is near enough and valid; None where none is.

    Args:
        parts: valid polygons.
        is_near: whether a simplification is near enough to them.
        bounds_xyxy: no vertex is moved out of these.
    """
    scale = float(np.sqrt(sum(abs(ring_area(rings[0])) for rings in parts)))

    def candidate(i: int) -> Rings:
        tolerance = float(_TOLERANCES[i]) * scale
        return [
            [
                np.clip(simplified_ring(ring, tolerance), bounds_xyxy[:2], bounds_xyxy[2:])
                for ring in rings
            ]
            for rings in parts
        ]

    # a finer one is all but always nearer; where it is not, a few vertices more do no harm
    low, high = 0, len(_TOLERANCES)
    while low < high:
        middle = (low + high) // 2
        if is_near(candidate(middle)):
            high = middle
        else:
            low = middle + 1
    for i in range(low, len(_TOLERANCES)):
        rings = candidate(i)
        if are_valid(rings) and is_near(rings):
            return rings
    return None


def douglas_peucker(ring: Ring, tolerance: float) -> npt.NDArray[np.intp]:
    """The indices of the vertices that stay, ascending; fewer than three where all is near."""
    points = np.ascontiguousarray(ring, dtype=np.float32)
    kept = cv2.approxPolyDP(points, tolerance, True).reshape(-1, 2)
    # OpenCV gives points, not indices: they are found again by their bits
    keys, kept_keys = points.view(np.int64).ravel(), np.ascontiguousarray(kept).view(np.int64)
    order = keys.argsort()
    return np.unique(order[np.searchsorted(keys, kept_keys.ravel(), sorter=order)])


def are_valid(parts: Sequence[Sequence[Ring]]) -> bool:
    """Whether no ring crosses itself or another one."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return bool(shapely.MultiPolygon(polygons).is_valid)


def ring_area(ring: Ring) -> float:
    """The signed area of a ring that does not cross itself."""
    return float(_cross(ring, _following(ring)).sum()) / 2


def simplified_ring(ring: Ring, tolerance: float) -> Ring:
    """The ring with fewer vertices, its edges moved so that each loses as much area as it gains.

    Plain Douglas-Peucker cuts the bulges off: at an IoU of .98 a round object would be 2 % smaller.
    May cross itself; the caller checks.

    Args:
        ring: (n, 2).
        tolerance: of Douglas-Peucker, in units of the ring.

    Returns:
        (k, 2), k >= 3.
    """
    kept = douglas_peucker(ring, tolerance)
    if len(kept) < 3:
        kept = np.linspace(0, len(ring), 3, endpoint=False).astype(np.intp)
    return _balanced(ring, kept)


def _balanced(ring: Ring, kept: npt.NDArray[np.intp]) -> Ring:
    """The kept vertices, moved so that every edge lies in the middle of the arc it stands for."""
    corners = ring[kept]
    along = _following(corners) - corners
    lengths = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1) / lengths[:, None]
    offsets = _arc_areas(ring, kept) / lengths
    before, before_offsets = _preceding(normals), _preceding(offsets)
    sines = before[:, 0] * normals[:, 1] - before[:, 1] * normals[:, 0]
    # where two edges are nearly in line, their crossing is far away or nowhere
    is_sharp = np.abs(sines) > _MIN_SINE
    by_crossing = (
        np.stack(
            [
                before_offsets * normals[:, 1] - offsets * before[:, 1],
                offsets * before[:, 0] - before_offsets * normals[:, 0],
            ],
            axis=1,
        )
        / np.where(is_sharp, sines, 1.0)[:, None]
    )
    by_mean = (before * before_offsets[:, None] + normals * offsets[:, None]) / 2
    moved: Ring = corners + np.where(is_sharp[:, None], by_crossing, by_mean)
    return moved


def _arc_areas(ring: Ring, kept: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """The signed area between each kept edge and the arc of the ring from its start to its end."""
    after = _following(ring)
    sums = np.concatenate([[0.0], _cross(ring, after).cumsum()])
    ends = _following(kept)
    arcs = sums[ends] - sums[kept]
    arcs[-1] += sums[-1]
    areas: npt.NDArray[np.float64] = (arcs + _cross(ring[ends], ring[kept])) / 2
    return areas


def _cross(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    product: npt.NDArray[Any] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return product


def _following(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # np.roll takes five times as long for so few
    return np.concatenate([values[1:], values[:1]])


def _preceding(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([values[-1:], values[:-1]])
