"""Icons: the SVG files of resources/icons in the colours of the palette."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.paths import resources_folder

_SIDES = (16, 20, 24, 28, 32, 40, 48, 60, 64, 96)
"""In pixels of the screen: 16, 20, 24 and 32 at 100, 150 and 200 percent. Qt takes the one that
fits, and makes none larger."""


def icon_of(name: str, palette: QPalette) -> QIcon:
    """The icon of this name in the palette's text colours; an empty one where there is none."""
    file = resources_folder() / "icons" / f"{name}.svg"
    icon = QIcon()
    if not file.is_file():
        return icon
    text = file.read_text(encoding="utf-8")
    active, disabled = QPalette.ColorGroup.Active, QPalette.ColorGroup.Disabled
    for mode, group, role in (
        (QIcon.Mode.Normal, active, QPalette.ColorRole.WindowText),
        (QIcon.Mode.Selected, active, QPalette.ColorRole.HighlightedText),
        (QIcon.Mode.Disabled, disabled, QPalette.ColorRole.WindowText),
    ):
        colour = palette.color(group, role)
        for side in _SIDES:
            icon.addPixmap(_drawn(text, colour, side), mode)
    return icon


def app_icon() -> QIcon:
    """The icon of the program."""
    text = (resources_folder() / "maskloop.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for side in (*_SIDES, 128, 192, 256):
        icon.addPixmap(_drawn(text, QColor("black"), side))
    return icon


def _drawn(text: str, colour: QColor, side: int) -> QPixmap:
    coloured = text.replace("currentColor", colour.name())
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(coloured.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
