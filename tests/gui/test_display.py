"""How an image is shown: look, fill, crosshair, navigator."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.canvas.crosshair import CrosshairLine
from gui.canvas.display import Display
from gui.canvas.look import Look, looked_at
from gui.main_window import MainWindow
from tests.gui.user import User


@pytest.fixture
def display(opened: MainWindow) -> Display:
    found = opened.canvas.findChild(Display)
    assert found is not None
    return found


def _grey(value: int) -> QImage:
    image = QImage(5, 3, QImage.Format.Format_RGB32)
    image.fill(0xFF000000 | value * 0x010101)
    return image


def _value(image: QImage) -> int:
    return image.pixelColor(2, 1).red()


def test_brightness_moves_every_value() -> None:
    assert _value(looked_at(_grey(100), Look(brightness=20))) == 151


def test_contrast_moves_values_away_from_the_middle() -> None:
    assert _value(looked_at(_grey(100), Look(contrast=50))) == 72
    assert _value(looked_at(_grey(160), Look(contrast=50))) == 192


def test_a_plain_look_gives_the_very_image() -> None:
    image = _grey(100)
    assert looked_at(image, Look()) is image


@pytest.mark.parametrize("look", [Look(100, 100), Look(-100, 100), Look(100, -100)])
def test_values_stay_in_their_range_and_order(look: Look) -> None:
    assert (np.diff(look.table().astype(int)) >= 0).all()


def test_the_canvas_shows_the_look_and_tools_see_the_file(opened: MainWindow) -> None:
    canvas = opened.canvas
    before = canvas.picture.rgb().copy()
    middle = canvas.viewport().rect().center()
    shown = canvas.viewport().grab().toImage().pixelColor(middle)

    opened.session.settings.set("brightness", 40)

    assert canvas.viewport().grab().toImage().pixelColor(middle) != shown
    assert np.array_equal(canvas.picture.rgb(), before)


def test_the_sliders_of_the_panel_are_the_settings(opened: MainWindow) -> None:
    panel = opened.docks["display"].widget()
    panel.sliders["contrast"].setValue(30)
    assert opened.session.settings.whole("contrast") == 30
    panel.reset.click()
    assert panel.sliders["contrast"].value() == 0


def test_without_fill_only_outlines_are_left(qtbot: QtBot, opened: MainWindow, tmp_path) -> None:
    user = User(qtbot, opened, tmp_path, tmp_path)
    user.add()
    user.document.select(())
    middle = user.place(30, 30)

    def pixel() -> int:
        return opened.canvas.viewport().grab().toImage().pixel(middle)

    filled = pixel()
    opened.session.settings.set("fill_opacity", 0)
    clear = pixel()
    opened.session.settings.set("fill_opacity", 300)
    assert len({filled, clear, pixel()}) == 3


def test_the_crosshair_goes_when_the_mouse_leaves(
    qtbot: QtBot, opened: MainWindow, display: Display
) -> None:
    opened.session.settings.set("crosshair", 1)
    qtbot.mouseMove(opened.canvas.viewport(), QPoint(50, 40))
    assert display.crosshair.is_shown
    qtbot.mouseMove(opened.docks["images"], QPoint(5, 5))
    qtbot.waitUntil(lambda: not display.crosshair.is_shown)


def test_the_crosshair_stays_at_the_mouse_when_the_image_moves_below_it(
    qtbot: QtBot, opened: MainWindow, display: Display
) -> None:
    opened.session.settings.set("crosshair", 1)
    opened.canvas.zoom_by(6)
    qtbot.mouseMove(opened.canvas.viewport(), QPoint(50, 40))
    lines = opened.canvas.findChildren(CrosshairLine)
    before = [line.geometry().getRect() for line in lines]

    opened.canvas.zoom_by(2)
    bar = opened.canvas.verticalScrollBar()
    bar.setValue(bar.value() + 30)

    assert [line.geometry().getRect() for line in lines] == before
    assert len(lines) == 2


def test_a_press_in_the_navigator_goes_there(
    qtbot: QtBot, opened: MainWindow, display: Display
) -> None:
    opened.canvas.zoom_by(6)
    navigator = display.navigator
    assert navigator.isVisible()

    qtbot.mouseClick(navigator, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))

    corner = opened.canvas.visible_rect()
    assert corner.contains(QPointF(1, 1))


def test_the_navigator_is_gone_while_all_is_seen(opened: MainWindow, display: Display) -> None:
    opened.canvas.zoom_by(6)
    opened.canvas.fit()
    assert not display.navigator.isVisible()
