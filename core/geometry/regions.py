"""Parts as regions of the plane: area, bounds, IoU, union, difference, clipping."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from core.types import Part

Region: TypeAlias = Any
"""A shapely geometry: valid, of polygons only."""


def region_of(parts: Iterable[Part]) -> Region:
    """The union of parts. A ring that crosses itself encloses what an odd number of turns does."""
    regions = [_region_of_part(part) for part in parts]
    return regions[0] if len(regions) == 1 else shapely.union_all(regions)


def parts_of_region(region: Region) -> tuple[Part, ...]:
    """The polygons of a shapely geometry of any kind; its lines and points have no area and go."""
    return tuple(
        Part(
            shapely.get_coordinates(polygon.exterior)[:-1],
            tuple(shapely.get_coordinates(hole)[:-1] for hole in polygon.interiors),
        )
        for polygon in _polygons(region)
    )


def part_area(part: Part) -> float:
    """Square pixels that the part covers."""
    return float(_region_of_part(part).area)


def parts_area(parts: Iterable[Part]) -> float:
    """Square pixels that the parts cover together."""
    return float(region_of(parts).area)


def bounds_of(parts: Sequence[Part]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of the outer rings.

    Raises:
        ValueError: there are no parts.
    """
    low = np.min([part.outer.min(axis=0) for part in parts], axis=0)
    high = np.max([part.outer.max(axis=0) for part in parts], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def box_iou(
    boxes_xyxy: npt.NDArray[np.floating[Any]], others_xyxy: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.float64]:
    """IoU of each box with each other box.

    Args:
        boxes_xyxy: (N, 4).
        others_xyxy: (M, 4).

    Returns:
        (N, M) float64, 0 where both are empty.
    """
    a = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 1, 4)
    b = np.asarray(others_xyxy, dtype=np.float64).reshape(1, -1, 4)
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    areas_a = np.clip(a[..., 2:] - a[..., :2], 0, None).prod(axis=-1)
    areas_b = np.clip(b[..., 2:] - b[..., :2], 0, None).prod(axis=-1)
    together = areas_a + areas_b - shared
    out: npt.NDArray[np.float64] = np.zeros_like(shared)
    np.divide(shared, together, out=out, where=together > 0)
    return out


def iou(parts_a: Sequence[Part], parts_b: Sequence[Part]) -> float:
    """Intersection over union of two regions, 0 to 1; 0 where neither has an area."""
    if not parts_a or not parts_b:
        return 0.0
    a0, b0 = bounds_of(parts_a), bounds_of(parts_b)
    if a0[2] < b0[0] or b0[2] < a0[0] or a0[3] < b0[1] or b0[3] < a0[1]:
        return 0.0
    a, b = region_of(parts_a), region_of(parts_b)
    shared = float(shapely.intersection(a, b).area)
    together = float(a.area + b.area) - shared
    return min(shared / together, 1.0) if together > 0 else 0.0


def union(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts made one where they touch or overlap."""
    return parts_of_region(region_of(parts))


def difference(parts: Iterable[Part], taken: Iterable[Part]) -> tuple[Part, ...]:
    """What is left of parts when others are taken out; nothing may be left."""
    return parts_of_region(shapely.difference(region_of(parts), region_of(taken)))


def intersection(parts: Iterable[Part], others: Iterable[Part]) -> tuple[Part, ...]:
    """What parts and others have in common; it may be nothing."""
    return parts_of_region(shapely.intersection(region_of(parts), region_of(others)))


def clip(parts: Sequence[Part], size_hw: tuple[int, int]) -> tuple[Part, ...]:
    """The parts inside an image of this size; those wholly inside are the same objects."""
    height, width = size_hw
    image = shapely.box(0, 0, width, height)
    inside: list[Part] = []
    for part in parts:
        x0, y0, x1, y1 = bounds_of((part,))
        if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
            inside.append(part)
        else:
            inside.extend(parts_of_region(shapely.intersection(_region_of_part(part), image)))
    return tuple(inside)


def _region_of_part(part: Part) -> Region:
    polygon = shapely.Polygon(part.outer, part.holes)
    if polygon.is_valid:
        return polygon
    # the holes are taken out one by one: make_valid of it all would turn a hole that sticks out of
    # its outer ring into a region
    region = _valid(shapely.Polygon(part.outer))
    for hole in part.holes:
        region = shapely.difference(region, _valid(shapely.Polygon(hole)))
    return region


def _valid(polygon: Region) -> Region:
    if polygon.is_valid:
        return polygon
    return shapely.MultiPolygon(_polygons(shapely.make_valid(polygon)))


def _polygons(region: Region) -> list[Any]:
    # a collection may hold multi-polygons, hence twice
    pieces = shapely.get_parts(shapely.get_parts(region))
    return [piece for piece in pieces if piece.geom_type == "Polygon" and piece.area > 0]
