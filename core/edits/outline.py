"""Edits of an outline as a whole: a stretch drawn anew, vertices erased, simpler, smoother."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.edits.instances import with_parts, with_parts_of_each
from core.geometry.borders import ways_between
from core.geometry.hits import nearest_edge
from core.geometry.regions import iou
from core.geometry.simplify import simplify
from core.geometry.smooth import smooth
from core.types import ImageLabels, Part, Ring

Place = tuple[int, int, int]
"""Part, ring and vertex, as indices."""
_NEAR_ENOUGH = 0.998
"""A ring is smoothed into hundreds of points; at this IoU to them few are left (by eye)."""


def with_stretch_redrawn(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    line: npt.NDArray[np.float64],
    replaces_longer: bool = False,
) -> ImageLabels:
    """The labels with a stretch of one ring replaced by a line.

    Args:
        labels: what to change.
        instance_id: of the instance.
        part: index of its part.
        ring: index of the ring.
        line: (k >= 2, 2); its ends go to the nearest points of the ring, between which the shorter
            stretch is replaced.
        replaces_longer: whether the longer stretch is replaced instead.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part or ring.
    """
    parts = list(labels.instance(instance_id).parts)
    rings = list(parts[part].rings)
    old = Part(rings[ring])
    start = nearest_edge(old, (float(line[0, 0]), float(line[0, 1]))).at_xy
    end = nearest_edge(old, (float(line[-1, 0]), float(line[-1, 1]))).at_xy
    ways = ways_between(rings[ring], end, start)
    kept = ways.shorter if replaces_longer else ways.longer
    points = _without_repeats(np.concatenate([[start], line[1:-1], [end], kept]))
    if len(points) < 3:
        return labels
    rings[ring] = points
    parts[part] = replace(parts[part], outer=rings[0], holes=tuple(rings[1:]))
    return with_parts(labels, instance_id, parts=parts)


def with_vertices_deleted(
    labels: ImageLabels, places: Mapping[str, Collection[Place]]
) -> ImageLabels:
    """The labels without these vertices, given by the ids of their instances.

    A ring that would be left with fewer than three goes as a whole: a hole is filled, with an outer
    ring its part goes, and with the last part the instance is rejected.

    Raises:
        KeyError: there is no such instance.
    """
    parts_of = {}
    for instance_id, gone in places.items():
        parts = (
            _with_fewer(part, [place[1:] for place in gone if place[0] == number])
            for number, part in enumerate(labels.instance(instance_id).parts)
        )
        parts_of[instance_id] = [part for part in parts if part is not None]
    return with_parts_of_each(labels, parts_of)


def with_outlines_simplified(
    labels: ImageLabels, ids: Collection[str], *, min_iou: float, smoothness: float = 0.0
) -> ImageLabels:
    """The labels with the outlines of these instances smoother, then with fewer vertices.

    Args:
        labels: what to change.
        ids: of the instances.
        min_iou: what each part keeps of the IoU to what it was smoothed to; 1 keeps every vertex
            of an outline that is not smoothed.
        smoothness: 0 to 1, see `smooth`.
    """
    parts_of = {
        one.id: simplified_parts(one.parts, min_iou=min_iou, smoothness=smoothness)
        for one in labels.instances
        if one.id in ids
    }
    return with_parts_of_each(labels, parts_of)


def simplified_parts(
    parts: Iterable[Part], *, min_iou: float, smoothness: float = 0.0
) -> tuple[Part, ...]:
    """Parts after `with_outlines_simplified`; those that do not change are the same objects."""
    return tuple(_simplified(part, min_iou=min_iou, smoothness=smoothness) for part in parts)


def _simplified(part: Part, *, min_iou: float, smoothness: float) -> Part:
    softer = smooth(part, strength=smoothness)
    if softer is not part:
        min_iou = min(min_iou, _NEAR_ENOUGH)
    if min_iou >= 1:
        return part
    fewer = simplify(softer, min_iou=min_iou)
    return part if fewer == part or iou((fewer,), (part,)) == 0 else fewer


def _with_fewer(part: Part, gone: Collection[tuple[int, ...]]) -> Part | None:
    """The part without vertices, given as ring and vertex; None without its outer ring."""
    if not gone:
        return part
    rings = [
        np.delete(ring, [vertex for of_ring, vertex in gone if of_ring == number], axis=0)
        for number, ring in enumerate(part.rings)
    ]
    if len(rings[0]) < 3:
        return None
    return replace(part, outer=rings[0], holes=tuple(hole for hole in rings[1:] if len(hole) >= 3))


def _without_repeats(points: Ring) -> Ring:
    """The ring without points that repeat the one before."""
    is_new = np.abs(points - np.roll(points, 1, axis=0)).max(axis=1) > 1e-9
    kept: Ring = points[is_new]
    return kept
