"""Which vertex or edge lies under the mouse."""

from collections.abc import Iterable
from typing import NamedTuple

from core.geometry import nearest_edge, nearest_vertex
from core.types import Instance
from gui.canvas.stage import Stage


class Place(NamedTuple):
    """A vertex of an instance, or an edge by the vertex where it starts."""

    instance_id: str
    part: int
    ring: int
    vertex: int


def vertex_at(
    stage: Stage, ids: Iterable[str], xy: tuple[float, float], *, reach_px: float
) -> Place | None:
    """The nearest vertex of these instances, if it is within so many pixels of the screen."""
    hits = (
        (hit.distance, Place(instance.id, number, hit.ring, hit.vertex))
        for instance in _near(stage, ids, xy, reach_px)
        for number, part in enumerate(instance.parts)
        for hit in (nearest_vertex(part, xy),)
    )
    return _in_reach(min(hits, default=None), reach_px / stage.scale)


def edge_at(
    stage: Stage, ids: Iterable[str], xy: tuple[float, float], *, reach_px: float
) -> Place | None:
    """The nearest edge of these instances, if it is within so many pixels of the screen."""
    hits = (
        (hit.distance, Place(instance.id, number, hit.ring, hit.edge))
        for instance in _near(stage, ids, xy, reach_px)
        for number, part in enumerate(instance.parts)
        for hit in (nearest_edge(part, xy),)
    )
    return _in_reach(min(hits, default=None), reach_px / stage.scale)


def _near(
    stage: Stage, ids: Iterable[str], xy: tuple[float, float], reach_px: float
) -> list[Instance]:
    labels, reach = stage.document.labels, reach_px / stage.scale
    return [labels.instance(one) for one in ids if stage.is_near(one, xy, within=reach)]


def _in_reach(hit: tuple[float, Place] | None, reach: float) -> Place | None:
    return hit[1] if hit is not None and hit[0] <= reach else None
