"""A patch of a class's colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

_SIDE = 64  # of a patch of 16 at 400 percent: it is made smaller, never larger


def swatch(colour: str) -> QIcon:
    """A rounded patch of this colour, #rrggbb."""
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # a rim of both shades, so that it stands out from a selected row of its own colour as well
    for rim, brush, shade in ((4, QColor(0, 0, 0, 90), "white"), (8, QColor(colour), "")):
        painter.setPen(QPen(QColor(shade), 3) if shade else Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        side = _SIDE - 2 * rim
        painter.drawRoundedRect(QRectF(rim, rim, side, side), 14, 14)
    painter.end()
    return QIcon(pixmap)
