"""What stands in the canvas: the picture, the instances of a document, and what a tool draws."""

from collections.abc import Callable, Collection, Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsScene

from core.types import Instance, LabelClass
from gui.canvas.details import draw_details
from gui.canvas.drawn import Drawn
from gui.canvas.layer import InstanceLayer
from gui.canvas.look import Look
from gui.canvas.overlay import OverlayItem
from gui.canvas.paint import MARGIN_PX, draw_fill, draw_outline, draw_outline_of, path_of, united
from gui.canvas.picture import Picture, PictureItem
from gui.canvas.stand_in import MOST_IN_HASTE, StandIn
from gui.canvas.tool_options import SwitchOption
from gui.document import Document
from gui.session.assist import Assist
from gui.texts import QT_TR_NOOP, tr

_FEW = 60
"""So many instances in view are drawn with smooth edges and names; with more it takes too long."""
_MOST_OUTLINED = 200
"""Of a larger selection only the paler fill shows, so that a frame stays within its time."""
_MOST_OUTLINED_IN_HASTE = 200
_SNAPPING_TIP = QT_TR_NOOP(
    "Keep points to the vertices and borders of neighbours and to the image's edge (J). Between two"
    " points of one border the border is followed."
)


class Stage(QObject):
    """The scene of the canvas and what a tool may ask of it. Coordinates are image pixels."""

    refused = Signal(str)
    """A sentence for the user: something was not done."""
    labels_changed = Signal(object)
    """The ids of Document.changed or Marks.changed, after the scene shows them."""
    redrawn = Signal()
    """A draft or the selection is another one, so a tool may say something else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = QGraphicsScene(self)
        self._document: Document | None = None
        self._class_names: dict[int, str] = {}
        self.drawn = Drawn(self)
        self.snapping = SwitchOption("snapping", tr("Snap"), value=False, tip=tr(_SNAPPING_TIP))
        self.assist: Assist | None = None
        """What models see where a person points, where there is a session to ask."""
        self._held: frozenset[str] = frozenset()
        self._scale = 1.0
        self._visible = QRectF()
        self._image_rect = QRectF()
        self._are_few_in_view = True
        self._dressed_selection: frozenset[str] = frozenset()
        self._paint_draft: Callable[[QPainter], None] = lambda _painter: None
        self._draft_bounds: Callable[[], QRectF] = QRectF
        self._shown_picture: Picture | None = None
        self._picture = PictureItem()
        self._layer = InstanceLayer(self.scene)
        self.stand_in = StandIn(self.scene, self._layer, self)
        self._details = OverlayItem(self._draw_details, z=9e5)
        self._overlay = OverlayItem(self._draw_overlay)
        for item in (self._picture, self._details, self._overlay):
            self.scene.addItem(item)
        self.drawn.refused.connect(self.refused)
        self.drawn.waiting_changed.connect(self.redraw)

    def set_picture(self, picture: Picture | None) -> None:
        """Shows this image, or none."""
        self._shown_picture = picture
        self._picture.set_picture(picture)
        self._fit_scene()

    def set_document(self, document: Document | None) -> None:
        """Shows the labels of this document from now on, or none."""
        self.drawn.set_document(document)
        if self._document is not None:
            self._document.changed.disconnect(self._on_changed)
            self._document.selection_changed.disconnect(self._on_selection_changed)
            self._document.refused.disconnect(self.refused)
            self._document.marks.changed.disconnect(self._on_marks_changed)
        self.hold(())
        self._layer.clear()
        self._document = document
        self.stand_in.set_document(document)
        if document is not None:
            document.changed.connect(self._on_changed)
            document.selection_changed.connect(self._on_selection_changed)
            document.refused.connect(self.refused)
            document.marks.changed.connect(self._on_marks_changed)
            self._layer.set_marks(hidden=document.marks.hidden, locked=document.marks.locked)
            self._dressed_selection = document.selection
            self._show(frozenset(instance.id for instance in document.labels.instances))
        self._fit_scene()
        self.redraw()

    def set_classes(self, classes: Iterable[LabelClass]) -> None:
        """Takes names and colours from these classes."""
        several = tuple(classes)
        self._class_names = {one.id: one.name for one in several}
        self._layer.set_colours({one.id: QColor(one.colour) for one in several})
        self._dress_all()
        self.redraw()

    def set_draft(self, paint: Callable[[QPainter], None], bounds: Callable[[], QRectF]) -> None:
        """Paints a tool's draft over everything from now on."""
        self._paint_draft, self._draft_bounds = paint, bounds
        self.hold(())
        self.redraw()

    def set_view(self, *, scale: float, visible: QRectF, in_haste: bool) -> bool:
        """Tells how large an image pixel is on the screen and what of the image is seen.

        Args:
            scale: screen pixels an image pixel.
            visible: in pixels of the image.
            in_haste: whether a quick look is worth more than a fine one at this moment.

        Returns:
            Whether there is time to draw what is in view smoothly.
        """
        self._visible = visible
        self._picture.set_coarse(in_haste)
        count = self._layer.count_in(visible)
        if not in_haste or count > _MOST_OUTLINED_IN_HASTE:
            # once left out they stay so until there is time: bringing them back takes some too
            self._layer.show_outlines(not in_haste)
        has_stand_in = in_haste and count > MOST_IN_HASTE and self.stand_in.is_fresh
        self._layer.set_shown(not has_stand_in)
        self.stand_in.set_shown(has_stand_in)
        are_few = not in_haste and count <= _FEW
        if scale != self._scale or are_few != self._are_few_in_view:
            self._scale, self._are_few_in_view = scale, are_few
            self.redraw()
            self._details.update()
        return are_few

    @property
    def document(self) -> Document:
        """The open document; tools are only asked to do something while there is one."""
        if self._document is None:
            raise RuntimeError("no document is open")
        return self._document

    @property
    def has_document(self) -> bool:
        """Whether there is one."""
        return self._document is not None

    @property
    def scale(self) -> float:
        """Screen pixels an image pixel."""
        return self._scale

    @property
    def image_rect(self) -> QRectF:
        """The whole image; empty while there is none."""
        return QRectF(self._image_rect)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width of the image; (0, 0) while there is none."""
        return (0, 0) if self._document is None else self._document.labels.size_hw

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._shown_picture

    def set_look(self, look: Look) -> None:
        """Shows the image so from now on."""
        self._picture.set_look(look)

    def colour_by_state(self, by_state: bool, /) -> None:
        """Colours instances by their states from now on, or by their classes."""
        self._layer.colour_by_state(by_state)
        self._dress_all()
        self.redraw()

    def colour_for(self, instance: Instance) -> QColor:
        """What an instance is drawn in."""
        return self._layer.colour_for(instance)

    def set_fill_opacity(self, percent: int) -> None:
        """Fills instances so strongly from now on, 100 being the usual."""
        self._layer.set_fill_opacity(percent)
        self._dress_all()

    def pixels(self) -> npt.NDArray[np.uint8] | None:
        """The image as it is, (H, W, 3) uint8 RGB, read-only; None while there is none, or where it
        is of another size than its labels."""
        picture = self._shown_picture
        return picture.rgb() if picture and picture.size_hw == self.size_hw else None

    def inside(self, xy: tuple[float, float]) -> tuple[float, float]:
        """The nearest point of the image."""
        height, width = self.size_hw
        return min(max(xy[0], 0.0), float(width)), min(max(xy[1], 0.0), float(height))

    def instance_at(self, xy: tuple[float, float]) -> str | None:
        """The id of the front instance at a point that is neither hidden nor locked, or None."""
        return self._layer.topmost_at(xy)

    def instances_inside(self, rect: QRectF) -> list[str]:
        """The ids of those that lie in a rectangle as a whole, the hidden and locked left out."""
        return self._layer.ids_inside(rect)

    def instances_in(self, rect: QRectF) -> list[Instance]:
        """Those shown whose bounds meet this rectangle, from back to front."""
        instances = self.document.labels.instances
        return [instances[place] for place in self._layer.places_in(rect)]

    def is_near(self, instance_id: str, xy: tuple[float, float], *, within: float) -> bool:
        """Whether a point is in the bounds of an instance, or so near to them."""
        bounds = self._layer.bounds(instance_id)
        return bounds.adjusted(-within, -within, within, within).contains(QPointF(*xy))

    def bounds_of(self, ids: Iterable[str]) -> QRectF:
        """The rectangle around these instances."""
        return united(self._layer.bounds(instance_id) for instance_id in ids)

    def colour_of(self, class_id: int) -> QColor:
        """The colour of a class."""
        return self._layer.colour_of(class_id)

    def hold(self, ids: Collection[str]) -> None:
        """Hides these instances, which the draft shows in their place, and shows all others."""
        if frozenset(ids) != self._held:
            self._held = frozenset(ids)
            self._layer.hold(self._held)
            self._update_details()

    @property
    def held(self) -> frozenset[str]:
        """Those that a draft shows in their place."""
        return self._held

    def redraw(self) -> None:
        """Paints the draft and the outlines of the selected anew."""
        rects = [self._draft_bounds()]
        if self._document is not None:
            rects.append(self.bounds_of(self._outlined()))
        rects.append(united(path_of((part,)).boundingRect() for part in self.drawn.waiting))
        self._overlay.set_bounds(_with_margin(united(rects), MARGIN_PX / self._scale))
        self.redrawn.emit()

    @property
    def class_names(self) -> dict[int, str]:
        """The names of the classes by their ids."""
        return dict(self._class_names)

    def _dress_all(self) -> None:
        if self._document is not None:
            instances = self._document.labels.instances
            self._layer.dress(instances, selection=self._document.selection)
            self.stand_in.forget()

    def _show(self, ids: frozenset[str]) -> None:
        self._layer.update(self.document.labels, ids, selection=self.document.selection)
        self._update_details()

    def _on_changed(self, ids: frozenset[str]) -> None:
        self._show(ids)
        # a tool gives up a draft of what is gone before the draft is painted again
        self.labels_changed.emit(ids)
        self.redraw()

    def _on_selection_changed(self) -> None:
        selection = self.document.selection
        other = selection ^ self._dressed_selection
        self._dressed_selection = selection
        instances = [one for one in self.document.labels.instances if one.id in other]
        self._layer.dress(instances, selection=selection)
        self.redraw()

    def _on_marks_changed(self, ids: frozenset[str]) -> None:
        marks = self.document.marks
        self._layer.set_marks(hidden=marks.hidden, locked=marks.locked)
        instances = [one for one in self.document.labels.instances if one.id in ids]
        self._layer.dress(instances, selection=self.document.selection)
        self._update_details()
        # what is out of reach has neither handles nor a drag
        self.labels_changed.emit(ids)
        self.redraw()

    def _fit_scene(self) -> None:
        bounds = self._picture.boundingRect()
        if bounds.isNull():
            height, width = self.size_hw
            bounds = QRectF(0, 0, width, height)
        self._image_rect = bounds
        # as much again on every side, so that any corner can be brought to the middle; a scene
        # rectangle of nothing would be one that grows with its items
        across, down = max(bounds.width(), 1.0), max(bounds.height(), 1.0)
        self.scene.setSceneRect(bounds.adjusted(-across, -down, across, down))
        self._details.set_bounds(self.scene.sceneRect())

    def _update_details(self) -> None:
        self.stand_in.forget()
        if self._are_few_in_view:
            self._details.update()

    def _outlined(self) -> list[str]:
        shown = self.document.selection - self.document.marks.hidden - self._held
        return list(shown)[:_MOST_OUTLINED]

    def _draw_overlay(self, painter: QPainter) -> None:
        if self._document is None:
            return
        outlined = set(self._outlined())
        for instance in self._document.labels.instances if outlined else ():
            if instance.id in outlined:
                path, colour = self._layer.path(instance.id), self._layer.colour_for(instance)
                draw_outline_of(painter, instance, path, colour=colour)
        for part in self.drawn.waiting:
            path, grey = path_of((part,)), self.colour_of(-1)
            draw_fill(painter, path, colour=grey)
            draw_outline(painter, path, colour=grey)
        self._paint_draft(painter)

    def _draw_details(self, painter: QPainter) -> None:
        if self._document is None or not self._are_few_in_view:
            return
        in_view = set(self._layer.ids_in(self._visible)) - self._held
        instances = [one for one in self._document.labels.instances if one.id in in_view]
        locked = self._document.marks.locked
        draw_details(painter, instances, self._layer, names=self._class_names, locked=locked)


def _with_margin(rect: QRectF, margin: float) -> QRectF:
    return rect if rect.isNull() else rect.adjusted(-margin, -margin, margin, margin)
