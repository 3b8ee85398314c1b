"""Drawing a stretch of a border anew."""

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState, Part
from tests.gui.hand import ALT, CTRL, NONE, Hand, square

HOLED = Instance(
    "h",
    1,
    (
        Part(
            [[200, 100], [360, 100], [360, 260], [200, 260]],
            (np.array([[240, 140], [320, 140], [320, 220], [240, 220]]),),
        ),
    ),
    state=InstanceState.PREDICTED,
    score=0.8,
)


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, square(50, 100, "a", side=100), HOLED)
    hand.canvas.set_tool("redraw")
    return hand


def polygon(hand: Hand, instance_id: str) -> shapely.Polygon:
    (part,) = hand.labels.instance(instance_id).parts
    return shapely.Polygon(part.outer, part.holes)


def assert_near(one: shapely.Geometry, other: shapely.Geometry) -> None:
    """As near as a stroke of the mouse is simplified."""
    assert one.is_valid
    assert one.symmetric_difference(other).area < 60


def test_the_line_replaces_the_stretch_between_its_ends(hand: Hand) -> None:
    hand.stroke((70, 102), (100, 60), (130, 99))

    wanted = shapely.Polygon(
        [(50, 100), (70, 100), (100, 60), (130, 100), (150, 100), (150, 200), (50, 200)]
    )
    assert_near(polygon(hand, "a"), wanted)
    assert hand.document.undo_stack.count() == 1


def test_with_alt_the_longer_stretch_goes(hand: Hand) -> None:
    hand.stroke((70, 100), (100, 60), (130, 100), release=ALT)

    assert_near(polygon(hand, "a"), shapely.Polygon([(70, 100), (100, 60), (130, 100)]))


def test_the_border_of_a_hole_is_redrawn_and_the_prediction_is_edited(hand: Hand) -> None:
    before = polygon(hand, "h")
    hand.stroke((260, 140), (280, 120), (300, 140))

    assert_near(polygon(hand, "h"), before - shapely.Polygon([(260, 140), (280, 120), (300, 140)]))
    assert hand.labels.instance("h").state is InstanceState.EDITED


def test_the_selected_instance_comes_before_one_in_front(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(50, 100, "a", side=100), square(50, 100, "b", side=100))
    hand.canvas.set_tool("redraw")
    hand.document.select(["a"])

    hand.stroke((70, 100), (100, 60), (130, 100))

    assert hand.ring("b") == square(50, 100, "b", side=100).parts[0].outer.tolist()
    assert polygon(hand, "a").bounds[1] == 60


def test_a_locked_instance_stays(hand: Hand) -> None:
    hand.document.marks.set_locked(["a"])

    hand.stroke((70, 100), (100, 60), (130, 100))

    assert hand.document.undo_stack.count() == 0


def test_a_line_that_ends_far_away_changes_nothing_and_says_why(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.canvas.refused):
        hand.stroke((70, 100), (100, 40))

    assert hand.document.undo_stack.count() == 0


def test_a_press_far_from_every_border_says_what_to_do(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.canvas.refused):
        hand.click(20, 20)

    assert hand.document.undo_stack.count() == 0


def test_a_click_changes_nothing(hand: Hand) -> None:
    hand.click(70, 100)

    assert hand.document.undo_stack.count() == 0


def test_the_new_border_shows_while_it_is_drawn(hand: Hand) -> None:
    before = hand.pixel(100, 85)
    hand.press(70, 100)
    for x, y in [(85, 80), (100, 60), (115, 80), (130, 100)]:
        hand.move(x, y)

    assert hand.pixel(100, 85) != before


def test_a_line_that_crosses_the_outline_leaves_valid_parts(hand: Hand) -> None:
    hand.stroke((70, 100), (100, 240), (130, 100))

    parts = hand.labels.instance("a").parts
    assert all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)
    assert hand.document.undo_stack.count() == 1
    hand.document.undo()
    assert hand.ring("a") == square(50, 100, "a", side=100).parts[0].outer.tolist()


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Escape, NONE), (Qt.Key.Key_Z, CTRL)])
def test_escape_or_undo_leaves_the_border(
    hand: Hand, keys: tuple[Qt.Key, Qt.KeyboardModifier]
) -> None:
    hand.press(70, 100)
    hand.move(100, 60)
    hand.key(*keys)
    hand.release(130, 100)

    assert hand.document.undo_stack.count() == 0


def test_when_the_instance_goes_the_line_goes(hand: Hand) -> None:
    hand.press(70, 100)
    hand.move(100, 60)
    hand.document.edit("Delete", lambda labels: edits.rejected(labels, ["a"]))
    hand.move(110, 70)
    hand.release(130, 100)

    assert [one.id for one in hand.labels.instances] == ["h"]
    assert hand.document.undo_stack.count() == 1
