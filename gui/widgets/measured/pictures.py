"""A small picture of an image with a frame around what a number counts. For threads."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from core.errors import AppError
from core.images import size_hw, thumbnail
from core.plots.svg import DARK
from gui.widgets.measured.behind_rows import BehindRow, Box

SIDE_PX = 56
_FINER = 2
"""Than the screen of 100 %, for those of 200 %."""


def picture_of(path: Path, row: BehindRow) -> tuple[BehindRow, QImage | None]:
    """The image of a row; None where it cannot be read, which its page says."""
    try:
        pixels = np.ascontiguousarray(thumbnail(path, SIDE_PX * _FINER))
        full_height, _ = size_hw(path)
    except AppError:
        return row, None
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_RGB888
    image = QImage(pixels.data, width, height, 3 * width, form).copy()
    if row.box_xyxy is not None:
        _frame(image, row.box_xyxy, scale=height / full_height)
    return row, image


def _frame(image: QImage, box_xyxy: Box, *, scale: float) -> None:
    painter = QPainter(image)
    x0, y0, x1, y1 = (value * scale for value in box_xyxy)
    around = QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-2, -2, 2, 2)
    for colour, thickness in ((QColor(0, 0, 0, 160), 5), (QColor(DARK.second), 2.5)):
        painter.setPen(QPen(colour, thickness))
        painter.drawRect(around)
    painter.end()
