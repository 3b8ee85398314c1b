"""How instances look: shapes for Qt made of parts, pens and brushes made of classes and states."""

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from core.types import Instance, InstanceState, Part, Ring

UNKNOWN_CLASS_COLOUR = "#9a9a9a"
HANDLE_PX = 7.0
"""The side of a vertex handle on the screen."""
_DASH_PX = (7.0, 5.0)
MARGIN_PX = 8.0
"""How far outlines and handles reach over the points they are drawn for."""


def polygon_of(points: Ring | Sequence[tuple[float, float]]) -> QPolygonF:
    """The points as Qt's polygon, through one buffer: nine times faster than point by point."""
    pairs = np.asarray(points, dtype=">f8").reshape(-1, 2)
    stream = QDataStream(QByteArray(len(pairs).to_bytes(4, "big") + pairs.tobytes()))
    polygon = QPolygonF()
    stream >> polygon
    return polygon


def path_of(parts: Sequence[Part]) -> QPainterPath:
    """What the parts cover together, their holes left out.

    The rings of several parts are turned so that the winding rule unites parts that overlap; one
    part alone is filled by odd and even, which is what COCO's rasteriser does where it crosses
    itself.
    """
    path = QPainterPath()
    is_single = len(parts) == 1
    path.setFillRule(Qt.FillRule.OddEvenFill if is_single else Qt.FillRule.WindingFill)
    for part in parts:
        for index, ring in enumerate(part.rings):
            path.addPolygon(polygon_of(ring if is_single else _turned(ring, is_hole=index > 0)))
            path.closeSubpath()
    return path


def pen_of(instance: Instance, colour: QColor, *, is_locked: bool = False) -> QPen:
    """The outline of an instance: dashed for predictions nobody looked at, dotted where locked.

    A pen of width 0 is one pixel on the screen at every zoom; 1.5 pixels take twice the time.
    """
    is_predicted = instance.state is InstanceState.PREDICTED
    line = Qt.PenStyle.DashLine if is_predicted else Qt.PenStyle.SolidLine
    return QPen(colour, 0.0, Qt.PenStyle.DotLine if is_locked else line)


def brush_of(instance: Instance, colour: QColor, *, is_faint: bool, opacity: float = 1.0) -> QBrush:
    """The inside of an instance.

    It is paler for predictions nobody looked at, hatched for a crowd, and nearly clear where it is
    to be faint: the selected, so that the picture is seen where somebody works, and the locked.
    """
    is_predicted = instance.state is InstanceState.PREDICTED
    fill = QColor(colour)
    usual = 24 if is_faint else 40 if is_predicted else 72
    fill.setAlpha(min(round(usual * opacity), 255))
    pattern = Qt.BrushStyle.BDiagPattern if instance.crowd else Qt.BrushStyle.SolidPattern
    return QBrush(fill, pattern)


def draw_outline(
    painter: QPainter,
    path: QPainterPath,
    *,
    colour: QColor,
    is_dashed: bool = False,
    is_strong: bool = True,
) -> None:
    """An outline that is clear on any picture, by its dark rim.

    Args:
        painter: in the coordinates of the path.
        path: what to outline.
        colour: of its class.
        is_dashed: as predictions are that nobody looked at.
        is_strong: as the selected are, and what is being drawn.
    """
    rim_px, line_px, shade = (4.0, 2.0, 150) if is_strong else (2.6, 1.3, 90)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_cosmetic(painter, QColor(0, 0, 0, shade), rim_px, is_dashed=is_dashed))
    painter.drawPath(path)
    line = colour.lighter(130) if is_strong else colour
    painter.setPen(_cosmetic(painter, line, line_px, is_dashed=is_dashed))
    painter.drawPath(path)


def draw_outline_of(
    painter: QPainter,
    instance: Instance,
    path: QPainterPath,
    *,
    colour: QColor,
    is_strong: bool = True,
) -> None:
    """The outline of an instance, as its state wants it."""
    is_dashed = instance.state is InstanceState.PREDICTED
    draw_outline(painter, path, colour=colour, is_dashed=is_dashed, is_strong=is_strong)


def draw_fill(painter: QPainter, path: QPainterPath, *, colour: QColor) -> None:
    """The inside of something being drawn."""
    fill = QColor(colour)
    fill.setAlpha(40)
    painter.fillPath(path, fill)


def draw_handles(painter: QPainter, points: QPolygonF) -> None:
    """Vertex handles: squares of one size on the screen."""
    for colour, side in ((QColor(0, 0, 0, 200), HANDLE_PX), (QColor("white"), HANDLE_PX - 3)):
        # points of a square pen are drawn all at once, however many there are
        painter.setPen(_cosmetic(painter, colour, side))
        painter.drawPoints(points)


def draw_picked_handle(painter: QPainter, at: QPointF, *, colour: QColor) -> None:
    """The handle that a press would take: larger, and in the colour of its class."""
    for shade, side in ((QColor("white"), HANDLE_PX + 6), (colour, HANDLE_PX + 2)):
        painter.setPen(_cosmetic(painter, shade, side))
        painter.drawPoint(at)


def draw_picked_edge(painter: QPainter, ends: QPolygonF, *, colour: QColor) -> None:
    """The edge that a press would take: thicker, in the colour of its class with a white rim."""
    for shade, width_px in ((QColor("white"), 6.0), (colour, 3.0)):
        painter.setPen(_cosmetic(painter, shade, width_px))
        painter.drawPolyline(ends)


def draw_band(painter: QPainter, rect: QRectF) -> None:
    """A box that is being pulled open."""
    painter.setBrush(QColor(255, 255, 255, 30))
    painter.setPen(_cosmetic(painter, QColor(0, 0, 0, 180), 1.0))
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_cosmetic(painter, QColor("white"), 1.0, is_dashed=True))
    painter.drawRect(rect)


def draw_ring(painter: QPainter, middle: QPointF, *, radius: float, is_dashed: bool) -> None:
    """A circle that is clear on any picture, in a line of one width on the screen."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width_px in ((QColor(0, 0, 0, 150), 3.0), (QColor("white"), 1.2)):
        is_line = colour.alpha() == 255
        painter.setPen(_cosmetic(painter, colour, width_px, is_dashed=is_dashed and is_line))
        painter.drawEllipse(middle, radius, radius)


def united(rects: Iterable[QRectF]) -> QRectF:
    """The smallest rectangle around all of them; empty ones that have a place count too."""
    whole = QRectF()
    for rect in rects:
        if not rect.isNull():
            # QRectF.united leaves out a rectangle without height, which a level line has
            whole = rect.adjusted(0, 0, 1e-6, 1e-6) if whole.isNull() else whole.united(rect)
    return whole


def _cosmetic(
    painter: QPainter, colour: QColor, width_px: float, *, is_dashed: bool = False
) -> QPen:
    # Qt takes such a width for the pixels of the device, which are finer on some screens
    pen = QPen(colour, width_px * painter.device().devicePixelRatioF())
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if is_dashed:
        # in widths of the pen, so that a rim and its line have their gaps at the same places
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([length / width_px for length in _DASH_PX])
    return pen


def _turned(ring: Ring, *, is_hole: bool) -> Ring:
    x, y = ring[:, 0], ring[:, 1]
    area2 = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    return ring if (area2 > 0) != is_hole else ring[::-1]
