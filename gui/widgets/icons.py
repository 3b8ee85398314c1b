"""Icons: the SVG files of resources/icons in the colours of the palette."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.paths import resources_folder

_SIDES = (16, 20, 24, 28, 32, 40, 48, 60, 64, 96)
"""In pixels of the screen: 16, 20, 24 and 32 at 100, 150 and 200 percent. Qt takes the one that
fits, and makes none larger."""

_SIDES_IN_LISTS = tuple(side for side in _SIDES if side <= 48)


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
        # the large ones stand in messages and dialogs, neither selected nor disabled
        sides = _SIDES if mode is QIcon.Mode.Normal else _SIDES_IN_LISTS
        _draw(icon, text, palette.color(group, role), mode=mode, sides=sides)
    return icon


def app_icon() -> QIcon:
    """The icon of the program."""
    text = (resources_folder() / "maskloop.svg").read_text(encoding="utf-8")
    icon = QIcon()
    _draw(icon, text, QColor("black"), sides=(*_SIDES, 128, 192, 256))
    return icon


def _draw(
    icon: QIcon,
    text: str,
    colour: QColor,
    *,
    mode: QIcon.Mode = QIcon.Mode.Normal,
    sides: Sequence[int] = _SIDES,
) -> None:
    # read once for all sides: to read takes longer than to draw
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour.name()).encode()))
    for side in sides:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        icon.addPixmap(pixmap, mode)
