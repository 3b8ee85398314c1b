"""Drawing ellipses, circles and squares by mouse."""

import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shapely.affinity import scale

from tests.gui.hand import SHIFT, Hand


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.set_tool("ellipse")
    return hand


def drawn(hand: Hand) -> shapely.Polygon:
    (instance,) = hand.labels.instances
    return shapely.Polygon(instance.parts[0].outer)


def ellipse_in(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    middle = shapely.Point((x0 + x1) / 2, (y0 + y1) / 2).buffer(1, quad_segs=256)
    return scale(middle, (x1 - x0) / 2, (y1 - y0) / 2)


def iou(one: shapely.Polygon, other: shapely.Polygon) -> float:
    return one.intersection(other).area / one.union(other).area


def test_a_drag_draws_an_ellipse_of_few_vertices(hand: Hand) -> None:
    hand.drag((50, 60), (250, 160))

    assert iou(drawn(hand), ellipse_in(50, 60, 250, 160)) >= 0.99
    assert len(drawn(hand).exterior.coords) <= 20
    assert hand.document.undo_stack.count() == 1


@pytest.mark.parametrize("end", [(250, 120), (50, 90)])
def test_shift_makes_a_circle(hand: Hand, end: tuple[int, int]) -> None:
    hand.press(150, 60)
    hand.move(*end)
    hand.release(*end, SHIFT)

    box = (150, 60, 250, 160) if end[0] > 150 else (50, 60, 150, 160)
    assert iou(drawn(hand), ellipse_in(*box)) >= 0.99


def test_a_circle_stays_inside_the_image(hand: Hand) -> None:
    hand.press(350, 250)
    hand.release(500, 290, SHIFT)

    assert iou(drawn(hand), ellipse_in(350, 250, 400, 300)) >= 0.98
    assert drawn(hand).within(shapely.box(0, 0, 400, 300))


def test_shift_makes_a_box_a_square(hand: Hand) -> None:
    hand.canvas.set_tool("box")

    hand.press(100, 100)
    hand.move(180, 130)
    hand.release(180, 130, SHIFT)

    assert drawn(hand).bounds == (100, 100, 180, 180)


def test_a_click_draws_nothing(hand: Hand) -> None:
    hand.click(100, 100)

    assert hand.labels.instances == ()


def test_escape_gives_it_up(hand: Hand) -> None:
    hand.press(50, 60)
    hand.move(150, 160)
    hand.key(Qt.Key.Key_Escape)
    hand.release(150, 160)

    assert hand.labels.instances == ()


def test_it_shows_while_it_is_dragged(hand: Hand) -> None:
    before = hand.pixel(100, 110)
    hand.press(50, 60)
    hand.move(150, 160)

    assert hand.pixel(100, 110) != before
