"""A patch of a class's colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

_SIDE = 64  # of a patch of 16 at 400 percent: it is made smaller, never larger
_RINGS = ((2, QColor(0, 0, 0, 150)), (6, QColor("white")))
"""How far inside each begins, and its shade: one of them shows on any ground."""
_COLOUR_FROM, _ROUNDNESS = 12, 14


def swatch(colour: str) -> QIcon:
    """A rounded patch of this colour, #rrggbb, in a white ring and a dark one around it.

    It is the same in a selected row: Qt would mix it with the colour of the selection.
    """
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for rim, shade in (*_RINGS, (_COLOUR_FROM, QColor(colour))):
        painter.setBrush(shade)
        side, roundness = _SIDE - 2 * rim, _ROUNDNESS - rim / 2
        painter.drawRoundedRect(QRectF(rim, rim, side, side), roundness, roundness)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
