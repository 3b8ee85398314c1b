"""A patch of a class's colour, which is seen on any ground."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from pytestqt.qtbot import QtBot

from gui.widgets.swatch import swatch

SIDE = 64


def painted(colour: str, ground: str) -> QImage:
    """The patch in a selected row of this ground, as large as it is kept."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    pixmap = swatch(colour).pixmap(QSize(SIDE, SIDE), QIcon.Mode.Selected)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return image


@pytest.mark.parametrize("ground", ["#0068a3", "#1a6fa8", "#ffffff", "#000000", "#202020"])
def test_a_patch_of_the_colour_of_its_ground_has_an_edge_that_stands_out(
    qtbot: QtBot, ground: str
) -> None:
    image = painted(ground, ground)
    middle = SIDE // 2
    edge = [image.pixelColor(x, middle).lightness() for x in range(1, 12)]
    own = QColor(ground).lightness()
    assert max(abs(one - own) for one in edge) > 60


def test_a_selected_row_does_not_tint_it(qtbot: QtBot) -> None:
    image = painted("#d55e00", "#0068a3")
    assert image.pixelColor(SIDE // 2, SIDE // 2).name() == "#d55e00"
