"""What lies over the instances: names, the outlines of the selected, and the draft of a tool."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.texts import tr

_OVER_ALL_Z = 1e6
_LOCK_PART = 0.8
"""The width of a lock's place, of the height of its plate."""


class OverlayItem(QGraphicsItem):
    """Paints whatever `paint_it` paints, inside the bounds that it was given last."""

    def __init__(self, paint_it: Callable[[QPainter], None], *, z: float = _OVER_ALL_Z) -> None:
        super().__init__()
        self._paint_it = paint_it
        self._bounds = QRectF()
        self.setZValue(z)

    def set_bounds(self, bounds: QRectF) -> None:
        """Paints itself anew, from now on inside these bounds."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self._paint_it(painter)


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words at a place of the image."""

    text: str
    at: QPointF
    colour: QColor
    is_locked: bool = False
    """Whether a lock is drawn before the words."""


def unknown_class(class_id: int) -> str:
    """What a class is called that the project does not have."""
    return tr("class {number}?").format(number=class_id)


def draw_tags(painter: QPainter, tags: list[Tag]) -> None:
    """Draws the words on plates of their colours, of one size on the screen."""
    to_screen = painter.worldTransform()
    metrics = QFontMetricsF(painter.font())
    height = metrics.height() + 2
    painter.save()
    painter.setWorldTransform(QTransform())
    for tag in tags:
        lock = height * _LOCK_PART if tag.is_locked else 0.0
        width = lock + metrics.horizontalAdvance(tag.text) + 8
        corner = to_screen.map(tag.at)
        plate = QRectF(corner.x(), corner.y() - height, width, height)
        painter.fillRect(plate, tag.colour)
        is_light = tag.colour.lightnessF() > 0.55
        painter.setPen(QColor("black") if is_light else QColor("white"))
        painter.drawText(plate.adjusted(4 + lock, 1, -4, -1), tag.text)
        if tag.is_locked:
            _draw_lock(painter, QRectF(plate.left() + 3, plate.top(), lock, height))
    painter.restore()


def _draw_lock(painter: QPainter, place: QRectF) -> None:
    """A closed lock in the pen's colour, in the middle of its place."""
    width = place.width() * 0.66
    body = QRectF(0, 0, width, width * 0.8)
    body.moveCenter(QPointF(place.center().x(), place.center().y() + width * 0.22))
    bow = QRectF(body.left() + width * 0.17, body.top() - width * 0.42, width * 0.66, width * 0.8)
    painter.drawArc(bow, 0, 180 * 16)
    painter.fillRect(body, painter.pen().color())
