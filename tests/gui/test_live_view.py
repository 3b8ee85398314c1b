"""The picture of the live view and what is drawn over it."""

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.types import Instance, InstanceState, Part
from gui.canvas.live_view import LiveLook, LiveView

ALL_OFF = LiveLook(0.5, has_masks=False, has_boxes=False, has_names=False, has_scores=False)
TRIANGLE, SMALL = Part([[40, 40], [80, 40], [40, 80]]), Part([[5, 5], [20, 5], [20, 20]])
SEEN = (
    Instance("a", 0, (TRIANGLE,), state=InstanceState.PREDICTED, score=0.9),
    Instance("b", 1, (SMALL,), state=InstanceState.PREDICTED, score=0.3),
)


def grey(size_hw: tuple[int, int] = (100, 150)) -> npt.NDArray[np.uint8]:
    return np.full((*size_hw, 4), 128, np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> LiveView:
    made = LiveView()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    qtbot.waitExposed(made)
    made.set_classes(["red", "green"], colours=["#ff0000", "#00ff00"])
    made.set_look(ALL_OFF)
    made.show_picture(grey(), SEEN)
    return made


def colour_at(view: LiveView, x: float, y: float) -> tuple[int, int, int]:
    image = view.viewport().grab().toImage()
    colour = QColor(image.pixel(view.mapFromScene(QPointF(x, y))))
    return colour.red(), colour.green(), colour.blue()


def test_a_picture_fills_the_view_in_its_colours(qtbot: QtBot, view: LiveView) -> None:
    bgra = grey()
    bgra[..., :3] = (10, 60, 200)
    view.show_picture(bgra, ())
    assert colour_at(view, 75, 50) == (200, 60, 10)


def test_the_first_painting_of_a_picture_is_told_once(qtbot: QtBot, view: LiveView) -> None:
    told: list[float] = []
    with qtbot.waitSignal(view.painted):
        view.show_picture(grey(), SEEN)
    view.painted.connect(lambda at_s, _paint_s: told.append(at_s))
    view.viewport().repaint()
    assert told == []
    view.show_picture(grey(), SEEN)
    view.viewport().repaint()
    assert len(told) == 1


def test_masks_cover_their_instances_and_nothing_else(view: LiveView) -> None:
    assert colour_at(view, 48, 48) == (128, 128, 128)
    view.set_look(LiveLook(0.5, has_boxes=False, has_names=False, has_scores=False))
    red, green, blue = colour_at(view, 48, 48)
    assert red > 128 > green == blue
    assert colour_at(view, 75, 75) == (128, 128, 128)


def test_boxes_go_around_their_instances(view: LiveView) -> None:
    view.set_look(LiveLook(0.5, has_masks=False, has_names=False, has_scores=False))
    assert colour_at(view, 80, 60) == (255, 0, 0)
    assert colour_at(view, 48, 48) == (128, 128, 128)


@pytest.mark.parametrize("shown", ["has_names", "has_scores"])
def test_words_stand_on_a_plate_of_the_class(view: LiveView, shown: str) -> None:
    before = view.viewport().grab().toImage()
    plates = {name: name == shown for name in ("has_names", "has_scores")}
    view.set_look(LiveLook(0.5, has_masks=False, has_boxes=False, **plates))
    assert view.viewport().grab().toImage() != before
    corner = view.mapFromScene(QPointF(40, 40))
    at = view.viewport().grab().toImage().pixelColor(corner.x() + 2, corner.y() - 2)
    assert at == QColor("#ff0000")


def test_only_what_reaches_the_threshold_is_drawn(view: LiveView) -> None:
    assert view.n_shown == 1
    view.set_look(LiveLook(0.2))
    assert view.n_shown == 2
    view.set_look(LiveLook(0.95))
    assert view.n_shown == 0


def test_a_class_that_has_no_name_yet_is_drawn_all_the_same(view: LiveView) -> None:
    view.set_classes([], colours=[])
    view.set_look(LiveLook(0.5))
    assert view.n_shown == 1
    view.viewport().repaint()


def test_words_of_an_instance_at_the_edge_stay_in_the_view(view: LiveView) -> None:
    corner = Part([[0, 0], [30, 0], [30, 30], [0, 30]])
    view.set_look(LiveLook(0.5, has_masks=False, has_boxes=False))
    view.show_picture(grey((480, 640)), [Instance("c", 0, (corner,), score=0.9)])
    view.zoom_by(3)
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().minimum())
    view.verticalScrollBar().setValue(view.verticalScrollBar().minimum())
    assert view.viewport().grab().toImage().pixelColor(2, 2) == QColor("#ff0000")


def test_another_size_of_the_picture_is_fitted_again(view: LiveView) -> None:
    view.zoom_by(4)
    view.show_picture(grey((300, 200)), ())
    assert view.visible_rect().contains(view.image_rect())
    zoom = view.zoom
    view.zoom_by(2)
    view.show_picture(grey((300, 200)), ())
    assert view.zoom == pytest.approx(2 * zoom)


def test_the_left_button_moves_the_picture_and_a_double_click_fits_it(
    qtbot: QtBot, view: LiveView
) -> None:
    view.zoom_by(4)
    before = view.visible_rect().center()
    start = view.viewport().rect().center()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), start / 2)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start / 2)
    assert view.visible_rect().center() != before
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert view.visible_rect().contains(view.image_rect())
