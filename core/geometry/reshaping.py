"""Parts changed by a brush, a line, or other parts; what nobody touched stays as it was.

A part that is not reached is the same object afterwards, and the border of one that is reached
keeps its vertices, to the last bit, wherever nothing crossed it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely

from core.geometry.regions import Region, bounds_of, parts_of_region, region_of
from core.types import Part, Ring

_CRUMB_PX2 = 2.0
"""Pieces and holes that a stroke leaves over by chance are smaller."""
_MOST_OFF_PX, _LEAST_OFF_PX, _OFF_OF_RADIUS = 0.5, 0.05, 0.03
"""How far the outline of a stroke may be from that of a perfectly round brush."""
_SEGMENTS_OF_QUARTER = 12
_NO_AREA_PX2 = 1e-6
_DECIMALS = 6
"""Of a pixel."""
_TURNS = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_PROBES = 0.95 * np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
"""Of a radius, from a place of the way: this far it is surely covered."""


def stroke_of_brush(
    points: Sequence[tuple[float, float]], *, radius_px: float, size_hw: tuple[int, int]
) -> tuple[Part, ...]:
    """What a round brush covers of an image on its way, with few vertices.

    Args:
        points: where its middle was, at least one; outside of the image too.
        radius_px: pixels of the image.
        size_hw: of the image, to which it is clipped; nothing may be left.
    """
    off = min(max(_OFF_OF_RADIUS * radius_px, _LEAST_OFF_PX), _MOST_OFF_PX)
    # GEOS divides by the squares of lengths: one of 1e-200 would be none
    places = np.round(np.asarray(points, dtype=np.float64), _DECIMALS)
    line = shapely.LineString(places) if len(places) > 1 else shapely.Point(places[0])
    line = shapely.simplify(line, off / 2, preserve_topology=False)
    # its corners lie as far outside of the circle as the middles of its edges lie inside
    round_ = _round_about(line, radius_px + off / 2)
    height, width = size_hw
    region = shapely.intersection(shapely.simplify(round_, off), shapely.box(0, 0, width, height))
    return parts_of_region(region)


def _round_about(line: shapely.Geometry, radius: float) -> shapely.Geometry:
    """All within a radius of a line or a point."""
    round_ = shapely.buffer(line, radius, quad_segs=_SEGMENTS_OF_QUARTER)
    places = shapely.get_coordinates(line)
    probes = places[:, None] + radius * _PROBES
    shapely.prepare(round_)
    if shapely.contains_xy(round_, probes[..., 0], probes[..., 1]).all():
        return round_
    # GEOS loses a part at times where a way goes back on itself, never of a single step
    steps = shapely.linestrings(np.stack([places[:-1], places[1:]], axis=1))
    return shapely.union_all(shapely.buffer(steps, radius, quad_segs=_SEGMENTS_OF_QUARTER))


def painted(parts: Sequence[Part], stroke: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with a stroke added; those that it reaches become one."""
    if not stroke:
        return tuple(parts)
    added = region_of(stroke)
    reached = [part for part in parts if shapely.intersects(region_of((part,)), added)]
    if not reached:
        return (*parts, *stroke)
    old = region_of(reached)
    if shapely.covers(old, added):
        return tuple(parts)
    return _with_replaced(parts, reached, _without_new_pinholes(shapely.union(old, added), old))


def without(parts: Sequence[Part], taken: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with others taken out; nothing may be left."""
    if not taken:
        return tuple(parts)
    region = region_of(taken)
    after: list[Part] = []
    for part in parts:
        old = region_of((part,))
        if shapely.intersection(old, region).area <= _NO_AREA_PX2:
            after.append(part)
        else:
            least = min(_CRUMB_PX2, old.area / 2)
            left = parts_of_region(shapely.difference(old, region))
            large = [one for one in left if region_of((one,)).area > least]
            after.extend(_with_replaced((part,), (part,), large))
    return tuple(after)


def together(groups: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    """The parts of all groups, made one where they overlap or lie side by side."""
    parts = [part for group in groups for part in group]
    if len(parts) < 2:
        return tuple(parts)
    old = shapely.multipolygons(shapely.get_parts([region_of((part,)) for part in parts]))
    return _with_replaced(parts, parts, _without_new_pinholes(region_of(parts), old))


def in_common(groups: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """What all groups cover; it may be nothing."""
    shared = region_of(groups[-1])
    for group in groups[:-1]:
        shared = shapely.intersection(shared, region_of(group))
    large = [one for one in parts_of_region(shared) if region_of((one,)).area > _NO_AREA_PX2]
    return _with_replaced(groups[-1], groups[-1], large)


def near(parts: Sequence[Part], boxes_xyxy: npt.NDArray[np.float64]) -> list[int]:
    """The indices of the boxes that meet the bounds of parts.

    Args:
        parts: at least one.
        boxes_xyxy: (N, 4).
    """
    x0, y0, x1, y1 = bounds_of(parts)
    left, top, right, bottom = boxes_xyxy.T
    indices: list[int] = np.flatnonzero(
        (left <= x1) & (right >= x0) & (top <= y1) & (bottom >= y0)
    ).tolist()
    return indices


def boxes_of(parts: Sequence[Part]) -> npt.NDArray[np.float64]:
    """The bounds of each part: (N, 4) float64 x0 y0 x1 y1."""
    return np.array([bounds_of((part,)) for part in parts], dtype=np.float64).reshape(-1, 4)


def overlap(parts: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether parts and others cover something together."""
    shared = shapely.intersection(region_of(parts), region_of(others))
    return bool(shared.area > _NO_AREA_PX2)


def with_holes_filled(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without holes, and without the parts that lay in a hole."""
    filled = [replace(part, holes=()) if part.holes else part for part in parts]
    if all(now is was for now, was in zip(filled, parts, strict=True)):
        return tuple(parts)
    holes = region_of([Part(hole) for part in parts for hole in part.holes])
    return tuple(one for one in filled if not shapely.covers(holes, region_of((one,))))


def without_specks(parts: Sequence[Part], *, below: float) -> tuple[Part, ...]:
    """The parts but those that are smaller than so much of the largest.

    Args:
        parts: of one instance.
        below: 0 to 1, a fraction of the area of the largest part.
    """
    areas = [region_of((part,)).area for part in parts]
    least = below * max(areas, default=0.0)
    return tuple(part for part, area in zip(parts, areas, strict=True) if area >= least)


def cut_pieces(
    parts: Sequence[Part], line: Sequence[tuple[float, float]]
) -> list[tuple[Part, ...]]:
    """What a line cuts parts into, the largest first; the parts that it leaves whole go with it.

    Args:
        parts: of one instance.
        line: at least two points. Only where it goes right through a part is something cut.

    Returns:
        One entry a piece; a single one, the very same parts, where nothing is cut.
    """
    knife = shapely.LineString(line)
    kept: list[Part] = []
    pieces: list[Part] = []
    for part in parts:
        cut = _cut(part, knife) if _may_be_cut(part, line) else [part]
        if len(cut) > 1:
            pieces.extend(cut)
        else:
            kept.append(part)
    if not pieces:
        return [tuple(parts)]
    largest, *others = sorted(pieces, key=lambda one: -region_of((one,)).area)
    return [(largest, *kept), *((one,) for one in others)]


def _may_be_cut(part: Part, line: Sequence[tuple[float, float]]) -> bool:
    """Whether the part lies on both sides of a segment: quick, for the many that a line misses."""
    points = np.array(line, dtype=np.float64)
    starts, along = points[:-1], np.diff(points, axis=0)
    x, y = part.outer[:, :1], part.outer[:, 1:]
    sides = along[:, 0] * (y - starts[:, 1]) - along[:, 1] * (x - starts[:, 0])
    return bool(((sides.min(axis=0) < 0) & (sides.max(axis=0) > 0)).any())


def _cut(part: Part, knife: Region) -> list[Part]:
    region = region_of((part,))
    if not shapely.intersects(region, knife):
        return [part]
    lines = shapely.union(shapely.boundary(region), knife)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = [one for one in faces if shapely.contains(region, shapely.point_on_surface(one))]
    large = [one for one in inside if one.area > _NO_AREA_PX2]
    if len(large) < 2:
        return [part]
    first, *others = sorted(large, key=lambda one: -one.area)
    (largest,) = parts_of_region(first)
    return [
        replace(largest, origin=part.origin),
        *(piece for one in others for piece in parts_of_region(one)),
    ]


def _with_replaced(
    parts: Sequence[Part], replaced: Sequence[Part], pieces: Iterable[Part]
) -> tuple[Part, ...]:
    """The parts with some of them replaced by pieces, where the first of these stood.

    What a part brought from its file goes on with the piece that has most of it.
    """
    made = list(pieces)
    tree = shapely.STRtree([region_of((piece,)) for piece in made])
    for old in replaced:
        if (best := _most_of(old, tree)) is not None and made[best].origin is None:
            same = _is_same(made[best], old)
            made[best] = old if same else replace(made[best], origin=old.origin)
    gone = {id(part) for part in replaced}
    first = next(index for index, part in enumerate(parts) if id(part) in gone)
    after = [part for part in parts[first:] if id(part) not in gone]
    return (*parts[:first], *made, *after)


def _most_of(part: Part, pieces: shapely.STRtree) -> int | None:
    """The index of the piece that covers most of a part; None where none covers any."""
    region = region_of((part,))
    met: list[int] = pieces.query(region, predicate="intersects").tolist()
    if len(met) < 2:
        return met[0] if met else None
    shared = [shapely.intersection(region, pieces.geometries[index]).area for index in met]
    return met[int(np.argmax(shared))]


def _is_same(piece: Part, part: Part) -> bool:
    """Whether both have the same rings, wherever these begin and whichever way round they go."""
    if len(piece.rings) != len(part.rings) or len(piece.outer) != len(part.outer):
        return False
    mine, theirs = region_of((piece,)), region_of((part,))
    return bool(shapely.equals_identical(shapely.normalize(mine), shapely.normalize(theirs)))


def _without_new_pinholes(region: Region, old: Region) -> tuple[Part, ...]:
    """The parts of a region with the tiny holes filled that an old one had not."""
    known = {_normal(hole) for one in shapely.get_parts(old) for hole in one.interiors}

    def stays(hole: Ring) -> bool:
        ring = shapely.linearrings(hole)
        return bool(shapely.Polygon(ring).area > _CRUMB_PX2) or _normal(ring) in known

    return tuple(
        replace(part, holes=tuple(hole for hole in part.holes if stays(hole)))
        for part in parts_of_region(region)
    )


def _normal(ring: Region) -> bytes:
    """The same for the same ring, wherever it begins and whichever way round it goes."""
    written: bytes = shapely.to_wkb(shapely.normalize(shapely.Polygon(ring)))
    return written
