"""Icons: the SVG files of resources/icons in the colours of the palette."""

from typing import ClassVar

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.paths import resources_folder

_APP_SIDES = (16, 20, 24, 28, 32, 40, 48, 60, 64, 96, 128, 192, 256)
"""In pixels: what desktops show of a program, at 100 to 200 percent."""


def icon_of(name: str, palette: QPalette) -> QIcon:
    """The icon of this name in the palette's text colours; an empty one where there is none."""
    file = resources_folder() / "icons" / f"{name}.svg"
    if not file.is_file():
        return QIcon()
    return QIcon(_Drawing(file.read_text(encoding="utf-8"), palette))


def app_icon() -> QIcon:
    """The icon of the program."""
    text = (resources_folder() / "maskloop.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for side in _APP_SIDES:
        icon.addPixmap(_drawn(text, QColor("black"), QSize(side, side)))
    return icon


class _Drawing(QIconEngine):
    """Draws in the size and mode that is asked for, when it is: a window has hundreds that nobody
    sees before a menu opens."""

    _clones: ClassVar[list[QIconEngine]] = []

    def __init__(self, text: str, palette: QPalette) -> None:
        super().__init__()
        self._text = text
        self._palette = palette
        self._drawn: dict[tuple[int, int, QIcon.Mode], QPixmap] = {}

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        """As Qt asks, in pixels of the screen."""
        wanted = (size.width(), size.height(), mode)
        if wanted not in self._drawn:
            self._drawn[wanted] = _drawn(self._text, self._colour(mode), size)
        return self._drawn[wanted]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """As Qt asks."""
        scale = painter.device().devicePixelRatio()
        pixmap = QPixmap(self.pixmap(rect.size() * scale, mode, state))
        pixmap.setDevicePixelRatio(scale)
        painter.drawPixmap(rect, pixmap)

    def clone(self) -> QIconEngine:
        """As Qt asks."""
        clone = _Drawing(self._text, self._palette)
        self._clones.append(clone)  # PySide would take it away again before Qt has it
        return clone

    def _colour(self, mode: QIcon.Mode) -> QColor:
        if mode is QIcon.Mode.Disabled:
            return self._palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        is_selected = mode is QIcon.Mode.Selected
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.WindowText
        return self._palette.color(QPalette.ColorGroup.Active, role)


def _drawn(text: str, colour: QColor, size: QSize) -> QPixmap:
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    picture = QSvgRenderer(QByteArray(text.replace("currentColor", colour.name()).encode()))
    picture.render(painter, QRectF(QPointF(0, 0), size))
    painter.end()
    return pixmap
