"""A picture of all instances that stands in for them while somebody zooms.

With some thousand instances in view each frame of a zoom would take longer than a screen shows it.
The picture is made in a thread after the labels changed, and is as quick to paint as an image.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QBrush, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from core.types import ImageLabels
from gui.canvas.layer import InstanceLayer
from gui.document import Document
from gui.runs import ThreadRun

MOST_IN_HASTE = 250
"""More are not painted one by one while somebody zooms."""
_AFTER_MS = 200
"""After the last change: one is seldom alone."""
_LONGEST_PX = 2000
_SHIFT = 4
"""Bits of a pixel that OpenCV's drawing takes into account."""


@dataclass(frozen=True, slots=True)
class _Content:
    """What is to be seen."""

    labels: ImageLabels
    """Without the instances that are hidden."""
    brushes: Mapping[str, QBrush]
    """How each is filled, by its id."""


class StandIn(QObject):
    """Keeps the picture up to date while it is wanted."""

    def __init__(
        self, scene: QGraphicsScene, layer: InstanceLayer, parent: QObject | None = None
    ) -> None:
        """
        Args:
            scene: where it is shown.
            layer: what it stands in for.
            parent: owns it.
        """
        super().__init__(parent)
        self._layer = layer
        self._document: Document | None = None
        self._is_fresh = False
        self._item = _Item()
        scene.addItem(self._item)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="stand-in")
        self._making = ThreadRun(_picture_of, self._pool, latest_only=True, parent=self)
        self._making.reported.connect(self._on_made)
        self._later = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._later.timeout.connect(self._make)

    @property
    def is_fresh(self) -> bool:
        """Whether it shows what is to be seen now."""
        return self._is_fresh

    @property
    def is_shown(self) -> bool:
        """Whether it is seen now."""
        return self._item.isVisible()

    def forget(self) -> None:
        """Something else is to be seen from now on."""
        self._is_fresh = False
        self._making.drop()
        self._item.hide()
        self._later.start()

    def set_shown(self, is_shown: bool, /) -> None:
        """Shows it, or not."""
        self._item.setVisible(is_shown and self._is_fresh)

    def set_document(self, document: Document | None) -> None:
        """Stands in for the instances of this document from now on."""
        self._document = document
        self.forget()

    def _make(self) -> None:
        document = self._document
        if document is not None and len(document.labels.instances) > MOST_IN_HASTE:
            hidden = document.marks.hidden
            shown = tuple(one for one in document.labels.instances if one.id not in hidden)
            labels = replace(document.labels, instances=shown)
            self._making.start(_Content(labels, self._layer.brushes()))

    def _on_made(self, made: tuple[QImage, QRectF]) -> None:
        self._item.set_picture(*made)
        self._is_fresh = True


class _Item(QGraphicsItem):
    """Paints the picture over its image."""

    def __init__(self) -> None:
        super().__init__()
        self._picture, self._rect = QImage(), QRectF()
        self.setZValue(0.5)
        self.hide()

    def set_picture(self, picture: QImage, rect: QRectF) -> None:
        """Shows this picture in this rectangle of the image."""
        self.prepareGeometryChange()
        self._picture, self._rect = picture, rect

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.drawImage(self._rect, self._picture)


def _picture_of(content: _Content) -> tuple[QImage, QRectF]:
    """Called in a thread."""
    height, width = content.labels.size_hw
    scale = min(1.0, _LONGEST_PX / max(height, width))
    pixels = np.zeros((max(round(height * scale), 1), max(round(width * scale), 1), 4), np.uint8)
    for instance in content.labels.instances:
        colour = content.brushes[instance.id].color()
        alpha = colour.alphaF()
        bgra = [round(one * alpha) for one in (colour.blue(), colour.green(), colour.red())]
        for part in instance.parts:
            rings = [np.round(ring * (scale * 2**_SHIFT)).astype(np.int32) for ring in part.rings]
            cv2.fillPoly(pixels, rings, (*bgra, colour.alpha()), shift=_SHIFT)
    rows, columns = pixels.shape[:2]
    picture = QImage(
        pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()
    return picture, QRectF(0, 0, width, height)
