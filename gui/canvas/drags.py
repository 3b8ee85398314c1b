"""What a press changes as the mouse moves: a vertex, an edge, instances, or a new vertex."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPolygonF

from core import edits
from core.geometry import nearest_edge
from core.types import ImageLabels
from gui.canvas.hits import Place
from gui.canvas.paint import polygon_of
from gui.canvas.snapping import snapped
from gui.canvas.stage import Stage
from gui.texts import tr

_Xy = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drag:
    """A press that changes instances as the mouse moves."""

    text: str
    ids: frozenset[str]
    change: Callable[[ImageLabels, _Xy], ImageLabels]
    """The labels after the mouse was brought to a place, made from the labels of the moment."""
    start: _Xy
    at: _Xy
    has_begun: bool = False


def vertex_drag(stage: Stage, place: Place, start: _Xy) -> Drag:
    """Moves a vertex, which keeps its distance to the mouse, unless it snaps, and stays inside the
    image."""
    part = stage.document.labels.instance(place.instance_id).parts[place.part]
    x, y = part.rings[place.ring][place.vertex].tolist()
    grip = (x - start[0], y - start[1])

    def change(labels: ImageLabels, at: _Xy) -> ImageLabels:
        return edits.with_vertex_moved(
            labels,
            place.instance_id,
            part=place.part,
            ring=place.ring,
            vertex=place.vertex,
            to_xy=snapped(
                stage, (at[0] + grip[0], at[1] + grip[1]), without=(place.instance_id,)
            ).xy,
        )

    return Drag(tr("Move vertex"), frozenset({place.instance_id}), change, start, start)


def edge_drag(stage: Stage, place: Place, start: _Xy) -> Drag:
    """Moves an edge by both its vertices, which stay inside the image."""
    bounds = edge_points(stage, place).boundingRect()

    def change(labels: ImageLabels, at: _Xy) -> ImageLabels:
        return edits.with_edge_moved(
            labels,
            place.instance_id,
            part=place.part,
            ring=place.ring,
            edge=place.vertex,
            by_xy=_held_inside(stage, bounds, (at[0] - start[0], at[1] - start[1])),
        )

    return Drag(tr("Move edge"), frozenset({place.instance_id}), change, start, start)


def edge_points(stage: Stage, place: Place) -> QPolygonF:
    """The two ends of an edge."""
    part = stage.document.labels.instance(place.instance_id).parts[place.part]
    ring = part.rings[place.ring]
    return polygon_of(ring[[place.vertex, (place.vertex + 1) % len(ring)]])


def move_drag(stage: Stage, ids: frozenset[str], start: _Xy) -> Drag:
    """Moves instances, which stay inside the image."""
    bounds = stage.bounds_of(ids)

    def change(labels: ImageLabels, at: _Xy) -> ImageLabels:
        by_xy = _held_inside(stage, bounds, (at[0] - start[0], at[1] - start[1]))
        return edits.with_instances_moved(labels, ids, by_xy=by_xy)

    return Drag(tr("Move"), ids, change, start, start)


def nudge(stage: Stage, by_xy: _Xy) -> None:
    """Moves the selected instances by so many pixels; nudges that follow are one undo step."""
    document = stage.document
    seen = document.selection - document.marks.hidden
    held = _held_inside(stage, stage.bounds_of(seen - document.marks.locked), by_xy)
    document.edit_selected(
        tr("Move"),
        lambda labels, ids: edits.with_instances_moved(labels, seen.intersection(ids), by_xy=held),
        merge_key=f"nudge {' '.join(sorted(seen))}",
    )


def insertion(stage: Stage, edge: Place, start: _Xy) -> Drag:
    """Puts a vertex on an edge, which may be dragged on from there."""
    part = stage.document.labels.instance(edge.instance_id).parts[edge.part]
    x, y = nearest_edge(part, start).at_xy
    grip = (x - start[0], y - start[1])

    def change(labels: ImageLabels, at: _Xy) -> ImageLabels:
        return edits.with_vertex_inserted(
            labels,
            edge.instance_id,
            part=edge.part,
            ring=edge.ring,
            edge=edge.vertex,
            at_xy=snapped(
                stage, (at[0] + grip[0], at[1] + grip[1]), without=(edge.instance_id,)
            ).xy,
        )

    # a click is enough: the vertex lies on the edge then
    ids = frozenset({edge.instance_id})
    return Drag(tr("Insert vertex"), ids, change, start, start, has_begun=True)


def _held_inside(stage: Stage, bounds: QRectF, by_xy: _Xy) -> _Xy:
    """The shift, no further than what brings these bounds to the border of the image."""
    height, width = stage.size_hw
    return (
        _held(by_xy[0], bounds.left(), bounds.right(), width),
        _held(by_xy[1], bounds.top(), bounds.bottom(), height),
    )


def _held(shift: float, low: float, high: float, size: int) -> float:
    """The shift, no further than what brings the range low..high to the border of 0..size."""
    least, most = min(0.0, -low), max(0.0, size - high)
    return min(max(shift, least), most)
