"""One cell of a grid of crops, and how it looks."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPixmap

CROP_PX = 128
"""The side of a crop on a screen of 100 %."""
_MARGIN_PX, _BAND_PX = 6, 4
_ROLE = QPalette.ColorRole


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """What stands in one place of the grid."""

    pixmap: QPixmap | None
    """None: it is on its way, or cannot be made."""
    title: str
    words: str
    colour: str
    """#rrggbb, of its class."""
    mark: str = ""
    """A sign that needs no colour, over the corner of the crop."""
    is_faint: bool = False
    tooltip: str = ""


def least_size(metrics: QFontMetrics) -> QSize:
    """How large a cell is at least, with two lines of this font below its crop."""
    words = 2 * metrics.height() + _BAND_PX + 4
    return QSize(CROP_PX + 2 * _MARGIN_PX, CROP_PX + 2 * _MARGIN_PX + words)


def paint_cell(
    painter: QPainter,
    cell: Cell,
    rect: QRect,
    palette: QPalette,
    *,
    is_selected: bool,
    is_current: bool,
) -> None:
    """Paints a cell into a rectangle; the current one has a ring around it."""
    inner = rect.adjusted(2, 2, -2, -2)
    if is_selected:
        painter.fillRect(inner, palette.color(_ROLE.Highlight))
    ink = palette.color(_ROLE.HighlightedText if is_selected else _ROLE.Text)
    left = rect.left() + (rect.width() - CROP_PX) // 2
    crop = QRect(left, rect.top() + _MARGIN_PX, CROP_PX, CROP_PX)
    if cell.pixmap is None:
        painter.fillRect(crop, palette.color(_ROLE.AlternateBase))
    else:
        painter.setOpacity(0.35 if cell.is_faint else 1.0)
        painter.drawPixmap(crop, cell.pixmap)
        painter.setOpacity(1.0)
    painter.fillRect(QRect(crop.left(), crop.bottom() + 1, CROP_PX, _BAND_PX), cell.colour)
    _paint_words(painter, cell, crop, ink)
    if cell.mark:
        _paint_mark(painter, cell.mark, crop)
    if is_current:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(palette.color(_ROLE.Accent), 2))
        painter.drawRect(inner.adjusted(-1, -1, 1, 1))


def _paint_words(painter: QPainter, cell: Cell, crop: QRect, ink: QColor) -> None:
    metrics, left = painter.fontMetrics(), Qt.AlignmentFlag.AlignLeft
    upper = QRect(crop.left(), crop.bottom() + 2 + _BAND_PX, CROP_PX, metrics.height())
    painter.setPen(ink)
    elide = Qt.TextElideMode.ElideRight
    painter.drawText(upper, left, metrics.elidedText(cell.title, elide, CROP_PX))
    lower = upper.translated(0, metrics.height())
    painter.drawText(lower, left, metrics.elidedText(cell.words, elide, CROP_PX))


def _paint_mark(painter: QPainter, mark: str, crop: QRect) -> None:
    side = painter.fontMetrics().height() + 4
    corner = QRect(crop.right() - side - 2, crop.top() + 3, side, side)
    painter.fillRect(corner, QColor(0, 0, 0, 190))
    painter.setPen(QColor("white"))
    painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, mark)
