"""The items of the instances: one each, and only what changed is touched."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
)

from core.types import ImageLabels, Instance
from gui.canvas.paint import UNKNOWN_CLASS_COLOUR, brush_of, path_of, pen_of
from gui.widgets.states import COLOURS

_FIRST_Z = 1.0
_NO_PEN = QPen(Qt.PenStyle.NoPen)


class InstanceLayer:
    """Shows instances in a scene and finds them again.

    The items are Qt's own, without a line of Python in their painting: with a thousand of them a
    call of Python each would take the whole time of a frame.
    """

    def __init__(self, scene: QGraphicsScene) -> None:
        self._root = QGraphicsRectItem()
        self._root.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self._root.setZValue(_FIRST_Z)
        scene.addItem(self._root)
        self._scene = scene
        self._items: dict[str, QGraphicsPathItem] = {}
        self._order: list[str] = []
        self._bounds: npt.NDArray[np.float64] | None = None
        self._colours: dict[int, QColor] = {}
        self._pens: dict[str, QPen] = {}
        self._has_outlines = True
        self._fill_opacity = 1.0
        self._is_by_state = False
        self._held: frozenset[str] = frozenset()
        self._hidden: frozenset[str] = frozenset()
        self._locked: frozenset[str] = frozenset()

    def set_colours(self, colours: Mapping[int, QColor]) -> None:
        """Gives the colours of the classes; what is shown already keeps its own until `dress`."""
        self._colours = dict(colours)

    def colour_by_state(self, by_state: bool, /) -> None:
        """Colours instances by their states with the next `dress`, or by their classes."""
        self._is_by_state = by_state

    def colour_for(self, instance: Instance) -> QColor:
        """What an instance is drawn in."""
        if self._is_by_state:
            return QColor(COLOURS[instance.state])
        return self.colour_of(instance.class_id)

    def set_fill_opacity(self, percent: int) -> None:
        """Fills so strongly with the next `dress`; 100 is the usual."""
        self._fill_opacity = percent / 100

    def colour_of(self, class_id: int) -> QColor:
        """The colour of a class; grey for one that the project does not have."""
        return self._colours.get(class_id, QColor(UNKNOWN_CLASS_COLOUR))

    def update(
        self, labels: ImageLabels, ids: Collection[str], *, selection: Collection[str]
    ) -> None:
        """Shows the labels, of which only these ids are new, different or gone."""
        changed = [instance for instance in labels.instances if instance.id in ids]
        for instance_id in set(ids) - {instance.id for instance in changed}:
            if (item := self._items.pop(instance_id, None)) is not None:
                self._scene.removeItem(item)
                del self._pens[instance_id]
        for instance in changed:
            item = self._item(instance.id)
            item.setPath(path_of(instance.parts))
            item.setVisible(self._is_shown(instance.id))
        self.dress(changed, selection=selection)
        self._put_in_order([instance.id for instance in labels.instances])

    def dress(self, instances: Iterable[Instance], *, selection: Collection[str]) -> None:
        """Gives the items of these instances the look of their class and state."""
        for instance in instances:
            if (item := self._items.get(instance.id)) is not None:
                colour = self.colour_for(instance)
                is_locked = instance.id in self._locked
                is_faint = is_locked or instance.id in selection
                opacity = self._fill_opacity
                item.setBrush(brush_of(instance, colour, is_faint=is_faint, opacity=opacity))
                self._pens[instance.id] = pen_of(instance, colour, is_locked=is_locked)
                item.setPen(self._pens[instance.id] if self._has_outlines else _NO_PEN)

    def show_outlines(self, has_outlines: bool, /) -> None:
        """Draws the instances with their outlines, or quicker, in a third of the time, without."""
        if has_outlines != self._has_outlines:
            self._has_outlines = has_outlines
            for instance_id, item in self._items.items():
                item.setPen(self._pens[instance_id] if has_outlines else _NO_PEN)

    def set_shown(self, is_shown: bool, /) -> None:
        """Shows all of it, or nothing."""
        # an item that is clear is not painted nor its children; to hide it would visit them all
        self._root.setOpacity(1.0 if is_shown else 0.0)

    def brushes(self) -> dict[str, QBrush]:
        """How each instance is filled, by its id."""
        return {instance_id: item.brush() for instance_id, item in self._items.items()}

    def clear(self) -> None:
        """Shows nothing."""
        for item in self._items.values():
            self._scene.removeItem(item)
        self._items.clear()
        self._pens.clear()
        self._put_in_order([])

    def hold(self, ids: Collection[str]) -> None:
        """Leaves these out from now on, and shows all others that are not hidden."""
        self._held = frozenset(ids)
        self._show_and_hide(self._items)

    def set_marks(self, *, hidden: Collection[str], locked: Collection[str]) -> None:
        """Hides and locks these and no others; how they look is new with the next `dress`."""
        changed = self._hidden ^ frozenset(hidden)
        self._hidden, self._locked = frozenset(hidden), frozenset(locked)
        self._show_and_hide(changed)
        self._bounds = None

    def path(self, instance_id: str) -> QPainterPath:
        """What the instance covers; nothing where it is not shown yet."""
        item = self._items.get(instance_id)
        return QPainterPath() if item is None else item.path()

    def bounds(self, instance_id: str) -> QRectF:
        """The rectangle around it; empty where it is not shown yet."""
        return self.path(instance_id).boundingRect()

    def topmost_at(self, xy: tuple[float, float]) -> str | None:
        """The id of the front instance at a point that is not locked; None where none is."""
        x, y = xy
        point = QPointF(x, y)
        for instance_id in reversed(self.ids_in(QRectF(x, y, 0.0, 0.0))):
            is_reached = instance_id not in self._locked and instance_id not in self._held
            if is_reached and self._items[instance_id].path().contains(point):
                return instance_id
        return None

    def ids_in(self, rect: QRectF) -> list[str]:
        """Those shown whose bounds meet this rectangle, from back to front."""
        return [self._order[place] for place in self.places_in(rect)]

    def places_in(self, rect: QRectF) -> list[int]:
        """The indices of the same among the instances of the labels."""
        places: list[int] = np.flatnonzero(self._meeting(rect)).tolist()
        return places

    def ids_inside(self, rect: QRectF) -> list[str]:
        """Those in reach that lie in this rectangle as a whole, from back to front."""
        in_reach = (one for one in self.ids_in(rect) if one not in self._locked)
        return [one for one in in_reach if rect.contains(self.bounds(one))]

    def count_in(self, rect: QRectF) -> int:
        """How many that are shown have bounds that meet this rectangle."""
        return int(np.count_nonzero(self._meeting(rect)))

    def _item(self, instance_id: str) -> QGraphicsPathItem:
        if instance_id not in self._items:
            self._items[instance_id] = QGraphicsPathItem(self._root)
        return self._items[instance_id]

    def _is_shown(self, instance_id: str) -> bool:
        return instance_id not in self._held and instance_id not in self._hidden

    def _show_and_hide(self, ids: Iterable[str]) -> None:
        for instance_id in ids:
            if (item := self._items.get(instance_id)) is not None:
                item.setVisible(self._is_shown(instance_id))

    def _put_in_order(self, order: list[str]) -> None:
        if order != self._order:
            for place, instance_id in enumerate(order):
                self._items[instance_id].setZValue(_FIRST_Z + place)
            self._order = order
        self._bounds = None

    def _meeting(self, rect: QRectF) -> npt.NDArray[np.bool_]:
        left, top, right, bottom = self._all_bounds().T
        meets: npt.NDArray[np.bool_] = (left <= rect.right()) & (right >= rect.left())
        meets &= (top <= rect.bottom()) & (bottom >= rect.top())
        return meets

    def _all_bounds(self) -> npt.NDArray[np.float64]:
        """(N, 4) left, top, right, bottom, from back to front; NaN, which meets nothing, where
        an instance is hidden."""
        if self._bounds is None:
            rects = [self.bounds(instance_id) for instance_id in self._order]
            corners = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects]
            self._bounds = np.array(corners, dtype=np.float64).reshape(-1, 4)
            self._bounds[[one in self._hidden for one in self._order]] = np.nan
        return self._bounds
