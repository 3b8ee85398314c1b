"""Edits of one ring of an instance: move, insert and delete vertices, move edges."""

from dataclasses import replace

import numpy as np

from core.edits.instances import with_parts
from core.types import ImageLabels, Ring


def with_vertex_moved(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    vertex: int,
    to_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with one vertex at another place.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or vertex.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(vertex, len(old), "vertex")
    points = old.copy()
    points[vertex] = to_xy
    return _with_ring(labels, instance_id, part, ring, points)


def with_edge_moved(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    edge: int,
    by_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with both vertices of the edge that starts at vertex `edge` moved by so many
    pixels; not clipped to the image.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or edge.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(edge, len(old), "edge")
    points = old.copy()
    points[[edge, (edge + 1) % len(old)]] += np.asarray(by_xy, dtype=np.float64)
    return _with_ring(labels, instance_id, part, ring, points)


def with_vertex_inserted(
    labels: ImageLabels,
    instance_id: str,
    *,
    part: int,
    ring: int,
    edge: int,
    at_xy: tuple[float, float],
) -> ImageLabels:
    """The labels with a new vertex on the edge that starts at vertex `edge`; it becomes edge + 1.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or edge.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(edge, len(old), "edge")
    points = np.insert(old, edge + 1, at_xy, axis=0)
    return _with_ring(labels, instance_id, part, ring, points)


def with_vertex_deleted(
    labels: ImageLabels, instance_id: str, *, part: int, ring: int, vertex: int
) -> ImageLabels:
    """The labels with one vertex less.

    A ring that would be left with two goes as a whole: a hole is filled, with an outer ring its
    part goes, and with the last part the instance is rejected.

    Raises:
        KeyError: there is no such instance.
        IndexError: it has no such part, ring or vertex.
    """
    old = _ring_at(labels, instance_id, part, ring)
    _check_index(vertex, len(old), "vertex")
    if len(old) > 3:
        points = np.delete(old, vertex, axis=0)
        return _with_ring(labels, instance_id, part, ring, points)
    parts = list(labels.instance(instance_id).parts)
    if ring == 0:
        del parts[part]
    else:
        holes = parts[part].holes
        parts[part] = replace(parts[part], holes=(*holes[: ring - 1], *holes[ring:]))
    return with_parts(labels, instance_id, parts=parts)


def _check_index(index: int, length: int, what: str) -> None:
    # a negative index would quietly mean one from the end
    if not 0 <= index < length:
        raise IndexError(f"there is no {what} {index}, only {length}")


def _ring_at(labels: ImageLabels, instance_id: str, part: int, ring: int) -> Ring:
    parts = labels.instance(instance_id).parts
    _check_index(part, len(parts), "part")
    rings = parts[part].rings
    _check_index(ring, len(rings), "ring")
    return rings[ring]


def _with_ring(
    labels: ImageLabels, instance_id: str, part: int, ring: int, points: Ring
) -> ImageLabels:
    parts = list(labels.instance(instance_id).parts)
    rings = list(parts[part].rings)
    rings[ring] = points
    parts[part] = replace(parts[part], outer=rings[0], holes=tuple(rings[1:]))
    return with_parts(labels, instance_id, parts=parts)
