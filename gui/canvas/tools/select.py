"""Select, and move instances, edges and vertices; insert a vertex on an edge, delete one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from core import edits
from core.geometry import parts_area
from core.types import Instance
from gui.canvas.drags import (
    Drag,
    edge_drag,
    edge_points,
    insertion,
    move_drag,
    nudge,
    vertex_drag,
)
from gui.canvas.erasing import Erasing, edit_that_erases
from gui.canvas.hits import Place, edge_at, vertex_at
from gui.canvas.paint import (
    draw_band,
    draw_fill,
    draw_handles,
    draw_outline_of,
    draw_picked_edge,
    draw_picked_handle,
    path_of,
    polygon_of,
    united,
)
from gui.canvas.stage import Stage
from gui.canvas.tool_options import SwitchOption
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import tr

_REACH_PX = 8.0
"""How far from a vertex or an edge a press still takes it, on the screen."""
_EDGE_REACH_PX = 4.0
"""How far from an edge a plain drag still moves it: less, as an instance is moved beside it."""
_THINNEST_WITH_EDGES_PX = 8 * _EDGE_REACH_PX
"""An instance that is thinner on the screen is moved as a whole wherever it is taken."""
_DRAG_PX = 3.0
"""A press that moves less is a click: hands shake."""
_MOST_WITH_HANDLES = 20
_NUDGE_PX, _LARGE_NUDGE_PX = 1.0, 10.0
"""How far an arrow key moves the selected, alone and with Shift, in pixels of the image."""
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


@dataclass(frozen=True, slots=True)
class _Band:
    """A press beside all instances: a box is pulled open, and what lies in it is selected."""

    start: Xy
    at: Xy
    adds: bool


class SelectTool(Tool):
    """Selects, and changes what is selected."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._erases = SwitchOption(
            "erases_vertices",
            tr("Erase vertices"),
            value=False,
            is_kept=False,
            tip=tr("Dragging over vertices of the selected erases them, as it does with Alt."),
        )
        self.options = (stage.snapping, self._erases)
        self._gesture: Drag | Erasing | _Band | None = None
        self._hovered: Place | None = None
        self._picked: Place | None = None
        self._hovered_edge: Place | None = None

    def hint(self) -> str:
        if isinstance(self._gesture, Drag):
            return tr("Release to put it here; Escape leaves it where it was.")
        if isinstance(self._gesture, Erasing):
            return tr("Release to erase the vertices that were passed; Escape keeps them.")
        if self.stage.document.selection:
            return tr(
                "Drag to move, a vertex or an edge alone too; double-click an edge for a new"
                " vertex; Alt+drag over vertices erases them; arrow keys nudge."
            )
        return tr(
            "Click to select, Shift adds; drag beside all instances to select what lies inside."
        )

    def leave(self) -> None:
        self._erases.set_value(False)
        self._end_gesture()
        self._hovered = self._picked = self._hovered_edge = None

    def press(self, at: Pointer) -> None:
        vertex, edge = self._vertex_at(at.xy), self._edge_at(at.xy)
        self._picked = vertex
        if (at.holds(_ALT) or self._erases.value) and self._with_handles():
            self._picked = None
            self._gesture = Erasing(self._with_handles(), at.xy).moved(self.stage, at.xy)
        elif vertex is not None:
            self._gesture = vertex_drag(self.stage, vertex, at.xy)
        elif edge is not None and at.holds(_CTRL):
            self._gesture = insertion(self.stage, edge, at.xy)
        elif (movable := self._movable_edge_at(at)) is not None:
            self._gesture = edge_drag(self.stage, movable, at.xy)
        else:
            self._press_instance(at, edge)
        self._hovered_edge = None
        self.stage.hold(self._drag_ids())
        self.stage.redraw()

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        gesture = self._gesture
        if isinstance(gesture, Drag):
            far = math.dist(at.xy, gesture.start) * self.stage.scale >= _DRAG_PX
            self._gesture = replace(gesture, at=at.xy, has_begun=gesture.has_begun or far)
            self.stage.hold(self._drag_ids())
        elif isinstance(gesture, Erasing):
            self._gesture = gesture.moved(self.stage, at.xy)
            self.stage.hold(self._drag_ids())
        elif isinstance(gesture, _Band):
            self._gesture = replace(gesture, at=at.xy)
        elif not is_pressed:
            hovered = self._vertex_at(at.xy)
            edge = self._movable_edge_at(at) if hovered is None else None
            if (hovered, edge) == (self._hovered, self._hovered_edge):
                return
            self._hovered, self._hovered_edge = hovered, edge
        self.stage.redraw()

    def release(self, at: Pointer) -> None:
        self.move(at, is_pressed=True)
        gesture = self._gesture
        self._end_gesture()
        if isinstance(gesture, Drag) and gesture.has_begun:
            self.stage.document.edit(
                gesture.text, lambda labels: gesture.change(labels, gesture.at)
            )
            self._hovered = self._vertex_at(at.xy)
            self._picked = self._hovered
        elif isinstance(gesture, Erasing):
            self._hovered = None
            edit_that_erases(self.stage, tr("Erase vertices"), gesture.change)
        elif isinstance(gesture, _Band):
            self._select_inside(gesture)
        self.stage.redraw()

    def double_click(self, at: Pointer) -> None:
        edge = self._edge_at(at.xy)
        if edge is None or self._vertex_at(at.xy) is not None:
            self.press(at)
            return
        self._gesture = insertion(self.stage, edge, at.xy)
        self.release(at)

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        nothing = Qt.KeyboardModifier.NoModifier
        if self._gesture is not None:
            return {(Qt.Key.Key_Escape, nothing): self._end_gesture}
        if not self.stage.document.selection:
            return {}
        return {
            (Qt.Key.Key_Escape, nothing): lambda: self.stage.document.select(()),
            **{
                (key, modifier): partial(nudge, self.stage, (x * by_px, y * by_px))
                for key, (x, y) in _ARROWS.items()
                for modifier, by_px in ((nothing, _NUDGE_PX), (_SHIFT, _LARGE_NUDGE_PX))
            },
        }

    def delete_vertex(self) -> None:
        place = self._hovered or self._picked
        if self._gesture is None and place is not None:
            self._hovered = self._picked = None
            self.stage.document.edit(
                tr("Delete vertex"),
                lambda labels: edits.with_vertex_deleted(
                    labels,
                    place.instance_id,
                    part=place.part,
                    ring=place.ring,
                    vertex=place.vertex,
                ),
            )

    def labels_changed(self, ids: frozenset[str]) -> None:
        if isinstance(self._gesture, Drag | Erasing) and ids & self._gesture.ids:
            self._end_gesture()
        if self._hovered is not None and self._hovered.instance_id in ids:
            self._hovered = None
        if self._picked is not None and self._picked.instance_id in ids:
            self._picked = None
        if self._hovered_edge is not None and self._hovered_edge.instance_id in ids:
            self._hovered_edge = None

    def cursor(self) -> Qt.CursorShape:
        if isinstance(self._gesture, Drag) and self._gesture.has_begun:
            return Qt.CursorShape.SizeAllCursor
        if isinstance(self._gesture, Erasing):
            return Qt.CursorShape.CrossCursor
        if self._hovered is not None:
            return Qt.CursorShape.PointingHandCursor
        if self._hovered_edge is not None:
            return Qt.CursorShape.SizeAllCursor
        return Qt.CursorShape.ArrowCursor

    def bounds(self) -> QRectF:
        if not self.stage.has_document:
            return QRectF()
        if isinstance(self._gesture, _Band):
            return _rect(self._gesture)
        draft = (path_of(instance.parts).boundingRect() for instance in self._draft())
        return united((*draft, self.stage.bounds_of(self._with_handles())))

    def paint(self, painter: QPainter) -> None:
        draft = self._draft()
        for instance in draft:
            self._paint_instance(painter, instance)
        if isinstance(self._gesture, _Band):
            draw_band(painter, _rect(self._gesture))
        instances = {instance.id: instance for instance in draft} or {
            instance_id: self.stage.document.labels.instance(instance_id)
            for instance_id in self._with_handles()
        }
        edge = self._hovered_edge
        if edge is not None and not draft and edge.instance_id in instances:
            colour = self.stage.colour_for(instances[edge.instance_id])
            draw_picked_edge(painter, edge_points(self.stage, edge), colour=colour)
        for instance in instances.values() if len(instances) <= _MOST_WITH_HANDLES else ():
            draw_handles(painter, _all_points(instance))
        picked = self._hovered or self._picked
        if picked is not None and not draft:
            self._paint_picked(painter, picked)

    def _press_instance(self, at: Pointer, edge: Place | None) -> None:
        document = self.stage.document
        hit = self.stage.instance_at(at.xy)
        if hit is None and edge is not None:
            hit = edge.instance_id  # beside its border, where a double click inserts a vertex
        if hit is None:
            self._gesture = _Band(at.xy, at.xy, adds=at.holds(_SHIFT, _CTRL))
        elif at.holds(_SHIFT, _CTRL):
            document.select(document.selection ^ {hit})
        else:
            if hit not in document.selection:
                document.select([hit])
            self._gesture = move_drag(self.stage, self._selected_in_reach(), at.xy)

    def _select_inside(self, band: _Band) -> None:
        document = self.stage.document
        found = self.stage.instances_inside(_rect(band))
        document.select(document.selection.union(found) if band.adds else found)

    def _end_gesture(self) -> None:
        self._gesture = None
        self.stage.hold(())
        self.stage.redraw()

    def _drag_ids(self) -> frozenset[str]:
        gesture = self._gesture
        if isinstance(gesture, Erasing):
            return frozenset(gesture.gone)
        return gesture.ids if isinstance(gesture, Drag) and gesture.has_begun else frozenset()

    def _draft(self) -> list[Instance]:
        """The instances as they are while they are being dragged, or their vertices erased."""
        gesture, ids = self._gesture, self._drag_ids()
        if not ids or not isinstance(gesture, Drag | Erasing):
            return []
        labels = self.stage.document.labels
        try:
            after = (
                gesture.change(labels)
                if isinstance(gesture, Erasing)
                else gesture.change(labels, gesture.at)
            )
        except (KeyError, IndexError):
            return []  # gone a moment ago by another hand; labels_changed is on its way
        return [instance for instance in after.instances if instance.id in ids]

    def _with_handles(self) -> frozenset[str]:
        in_reach = self._selected_in_reach()
        if len(in_reach) > _MOST_WITH_HANDLES:
            return frozenset()
        # what a draft of something else stands for has none
        return in_reach if self._gesture is not None else in_reach - self.stage.held

    def _selected_in_reach(self) -> frozenset[str]:
        document = self.stage.document
        return document.selection - document.marks.out_of_reach

    def _vertex_at(self, xy: Xy) -> Place | None:
        return vertex_at(self.stage, self._with_handles(), xy, reach_px=_REACH_PX)

    def _edge_at(self, xy: Xy) -> Place | None:
        return edge_at(self.stage, self._with_handles(), xy, reach_px=_REACH_PX)

    def _movable_edge_at(self, at: Pointer) -> Place | None:
        """The edge that a plain drag would move: of the one selected instance, if it is large."""
        ids = self._selected_in_reach()
        if at.holds(_SHIFT, _CTRL) or len(ids) != 1:
            return None
        edge = edge_at(self.stage, ids, at.xy, reach_px=_EDGE_REACH_PX)
        return edge if edge is not None and self._is_thick(edge.instance_id) else None

    def _is_thick(self, instance_id: str) -> bool:
        """Whether there is room beside its edges, also where it is long: a pen, a cable."""
        bounds = self.stage.bounds_of((instance_id,))
        area = parts_area(self.stage.document.labels.instance(instance_id).parts)
        thickness = area / max(bounds.width(), bounds.height(), 1.0)
        return thickness * self.stage.scale >= _THINNEST_WITH_EDGES_PX

    def _paint_instance(self, painter: QPainter, instance: Instance) -> None:
        path, colour = path_of(instance.parts), self.stage.colour_for(instance)
        draw_fill(painter, path, colour=colour)
        draw_outline_of(painter, instance, path, colour=colour)

    def _paint_picked(self, painter: QPainter, place: Place) -> None:
        if place.instance_id in self._with_handles():
            instance = self.stage.document.labels.instance(place.instance_id)
            x, y = instance.parts[place.part].rings[place.ring][place.vertex].tolist()
            colour = self.stage.colour_for(instance)
            draw_picked_handle(painter, QPointF(x, y), colour=colour)


def _rect(band: _Band) -> QRectF:
    return QRectF(QPointF(*band.start), QPointF(*band.at)).normalized()


def _all_points(instance: Instance) -> QPolygonF:
    return polygon_of(np.concatenate([ring for part in instance.parts for ring in part.rings]))


TOOL = ToolSpec("select", SelectTool)
