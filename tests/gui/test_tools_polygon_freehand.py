"""Drawing polygons freehand, alone and mixed with clicks."""

import math

import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.hand import Hand

ROUND = [(200 + 80 * math.cos(a / 16), 150 + 80 * math.sin(a / 16)) for a in range(100)]


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.set_tool("polygon")
    return hand


def drawn(hand: Hand) -> shapely.Polygon:
    (instance,) = hand.labels.instances
    (part,) = instance.parts
    return shapely.Polygon(part.outer)


def test_a_stroke_back_to_where_it_began_is_an_outline_of_few_points(hand: Hand) -> None:
    hand.stroke(*ROUND, ROUND[0])

    wanted = shapely.Polygon(ROUND)
    got = drawn(hand)
    assert got.intersection(wanted).area / got.union(wanted).area > 0.98
    assert len(got.exterior.coords) < 40
    assert hand.document.undo_stack.count() == 1


def test_a_stroke_goes_on_with_clicks_and_another_stroke(hand: Hand) -> None:
    hand.click(50, 50)
    hand.stroke((150, 50), (200, 60), (250, 50))
    hand.click(250, 150)
    hand.stroke((150, 150), (50, 150))

    hand.key(Qt.Key.Key_Return)

    corners = [(50, 50), (150, 50), (200, 60), (250, 50), (250, 150), (150, 150), (50, 150)]
    wanted = shapely.Polygon(corners)
    assert drawn(hand).symmetric_difference(wanted).area < 250
    assert len(drawn(hand).exterior.coords) < 14


def test_a_straight_stroke_keeps_its_two_ends_alone(hand: Hand) -> None:
    hand.stroke((50, 50), (150, 50))
    hand.click(100, 150)

    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert instance.parts[0].outer.tolist() == [[50, 50], [150, 50], [100, 150]]


def test_backspace_takes_a_stroke_back_as_a_whole(hand: Hand) -> None:
    hand.click(50, 50)
    hand.click(150, 50)
    hand.stroke((150, 150), (160, 200), (100, 180))
    hand.key(Qt.Key.Key_Backspace)

    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert instance.parts[0].outer.tolist() == [[50, 50], [150, 50], [150, 150]]


def test_a_press_with_a_shaking_hand_is_one_point(hand: Hand) -> None:
    for x, y in [(50, 50), (150, 50), (100, 150)]:
        hand.press(x, y)
        hand.move(x + 2, y + 1)
        hand.release(x + 1, y + 2)

    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert instance.parts[0].outer.tolist() == [[50, 50], [150, 50], [100, 150]]


def test_the_stroke_shows_while_it_is_drawn(hand: Hand) -> None:
    before = hand.pixel(120, 80)
    hand.press(50, 80)
    for x in range(55, 185, 5):
        hand.move(x, 80)

    assert hand.pixel(120, 80) != before


def test_a_stroke_off_the_image_ends_at_its_border(hand: Hand) -> None:
    hand.stroke((350, 100), (440, 150), (350, 200), (350, 100))

    assert drawn(hand).bounds[2] == 400


def test_thousands_of_points_become_a_valid_outline_of_few(hand: Hand) -> None:
    hand.press(100, 150)
    for step in range(4000):
        angle = step / 4000 * 2 * math.pi
        hand.move(200 - 100 * math.cos(angle), 150 - 100 * math.sin(angle))
    hand.release(100, 150)

    assert drawn(hand).is_valid
    assert drawn(hand).area == pytest.approx(math.pi * 100**2, rel=0.02)
    assert len(drawn(hand).exterior.coords) < 60


def test_escape_in_the_middle_of_a_stroke_drops_it(hand: Hand) -> None:
    hand.press(50, 50)
    hand.move(100, 50)
    hand.move(150, 90)
    hand.key(Qt.Key.Key_Escape)
    hand.release(150, 90)

    hand.key(Qt.Key.Key_Return)

    assert hand.labels.instances == ()
