"""Plots as files: SVG as it is, PNG painted of it."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.atomic import write_atomically
from core.errors import AppError
from gui.texts import tr

_SCALE = 2
_LONGEST_PX = 16000


def write_plot(svg: bytes, file: Path) -> None:
    """Writes a plot as the ending of the file says: .png, or else SVG. For threads.

    Raises:
        AppError: it cannot be written.
    """
    write_atomically(file, png_of(svg) if file.suffix.lower() == ".png" else svg)


def png_of(svg: bytes) -> bytes:
    """The plot as PNG, twice as fine as its own size.

    Raises:
        AppError: it is no plot.
    """
    renderer = QSvgRenderer(QByteArray(svg))
    size = renderer.defaultSize() * _SCALE
    if not renderer.isValid() or size.isEmpty():
        raise AppError(tr("The plot cannot be painted."))
    if max(size.width(), size.height()) > _LONGEST_PX:
        size = size * (_LONGEST_PX / max(size.width(), size.height()))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
