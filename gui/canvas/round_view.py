"""A view of an image with instances that are only looked at, several of which move together."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsScene, QWidget

from core.geometry import bounds_of
from core.types import ImageLabels, Instance
from gui.canvas.layer import InstanceLayer
from gui.canvas.paint import path_of
from gui.canvas.picture import Picture, PictureItem
from gui.canvas.zoom_view import ZoomView

_HIGHLIGHT_Z = 1e6
_MOST_SMOOTH = 300
"""Instances that are drawn with smooth edges, which take four times as long."""
_HIGHLIGHT_PX, _RIM_PX = 3.0, 6.0


class RoundView(ZoomView):
    """Shows an image and instances; the left button pans, a double click fits."""

    moved = Signal()
    """A person sees another part, or at another size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        scene = QGraphicsScene()
        super().__init__(scene, parent)
        scene.setParent(self)
        self._picture = PictureItem()
        self.scene().addItem(self._picture)
        self._layer = InstanceLayer(self.scene())
        self._marks = [QGraphicsPathItem(), QGraphicsPathItem()]
        self._is_following = False
        for mark in self._marks:
            mark.setZValue(_HIGHLIGHT_Z)
            self.scene().addItem(mark)

    def image_rect(self) -> QRectF:
        return self._picture.boundingRect()

    def set_colours(self, colours: Mapping[int, str]) -> None:
        """Gives the colours of the classes, for what is shown next."""
        self._layer.set_colours({one: QColor(colour) for one, colour in colours.items()})

    def show_picture(self, picture: Picture | None) -> None:
        """Shows this image from now on, the whole of it where its size is another, or none."""
        before = self.image_rect()
        self._picture.set_picture(picture)
        if self.image_rect() != before:
            self.scene().setSceneRect(self.image_rect())
            self.fit()

    def show_instances(self, instances: Sequence[Instance], size_hw: tuple[int, int]) -> None:
        """Shows these over the image."""
        self._layer.clear()
        labels = ImageLabels(size_hw, tuple(instances))
        is_smooth = len(instances) <= _MOST_SMOOTH
        self.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
        self._layer.update(labels, {one.id for one in instances}, selection=())
        self.viewport().update()

    def highlight(self, instance: Instance | None) -> None:
        """Draws a strong outline around what is talked of; None: around nothing."""
        rim, line = self._marks
        for mark in self._marks:
            mark.setVisible(instance is not None)
            mark.setBrush(Qt.BrushStyle.NoBrush)
        if instance is None:
            return
        colour = self._layer.colour_of(instance.class_id).lighter(130)
        pixels = self.devicePixelRatioF()
        for mark, shade, width in (
            (rim, QColor(0, 0, 0, 170), _RIM_PX),
            (line, colour, _HIGHLIGHT_PX),
        ):
            pen = QPen(shade, width * pixels)
            pen.setCosmetic(True)
            mark.setPen(pen)
            mark.setPath(path_of(instance.parts))

    def show_instance(self, instance: Instance, *, part_of_view: float) -> None:
        """Brings an instance to the middle, so large that it fills this part of the view."""
        x0, y0, x1, y1 = bounds_of(instance.parts)
        self.show_rect(QRectF(x0, y0, x1 - x0, y1 - y0), part_of_view=part_of_view)

    def follow(self, other: "RoundView") -> None:
        """Shows the same part of the image as another one, at the same size."""
        self._is_following = True
        self.setTransform(QTransform(other.transform()))
        self.centerOn(other.mapToScene(other.viewport().rect().center()))
        self._is_fitted = other._is_fitted
        self._is_following = False

    def view_changed(self) -> None:
        super().view_changed()
        if not self._is_following:
            self.moved.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def _is_panning_button(self, event: QMouseEvent) -> bool:
        # there is nothing to draw or to select here
        return event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
