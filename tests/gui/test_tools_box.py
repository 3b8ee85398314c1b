"""Drawing boxes by mouse."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.hand import CTRL, Hand


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.set_tool("box")
    return hand


BOX = [[50, 60], [150, 60], [150, 120], [50, 120]]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((50, 60), (150, 120)),
        ((150, 120), (50, 60)),
        ((150, 60), (50, 120)),
        ((50, 120), (150, 60)),
    ],
)
def test_a_drag_between_any_two_corners_draws_a_box(
    hand: Hand, start: tuple[int, int], end: tuple[int, int]
) -> None:
    hand.drag(start, end)

    (instance,) = hand.labels.instances
    assert instance.parts[0].outer.tolist() == BOX
    assert hand.document.selection == {instance.id}
    assert hand.document.undo_stack.count() == 1


def test_a_box_ends_at_the_border_of_the_image(hand: Hand) -> None:
    hand.drag((300, 200), (600, 500))

    (instance,) = hand.labels.instances
    assert instance.parts[0].outer.max(axis=0).tolist() == [400, 300]


@pytest.mark.parametrize("end", [(50, 60), (51, 61), (150, 61)])
def test_a_click_is_no_box(hand: Hand, end: tuple[int, int]) -> None:
    hand.drag((50, 60), end)

    assert hand.labels.instances == ()


def test_escape_gives_the_box_up(hand: Hand) -> None:
    hand.press(50, 60)
    hand.move(150, 120)
    hand.key(Qt.Key.Key_Escape)
    hand.release(150, 120)

    assert hand.labels.instances == ()


def test_undo_in_the_middle_gives_the_box_up_and_nothing_else(hand: Hand) -> None:
    hand.drag((50, 60), (150, 120))
    hand.press(200, 60)
    hand.move(250, 120)
    hand.key(Qt.Key.Key_Z, CTRL)
    hand.release(250, 120)

    assert len(hand.labels.instances) == 1


def test_two_boxes_in_quick_succession_are_two(hand: Hand) -> None:
    hand.drag((50, 60), (150, 120))
    hand.qtbot.mouseDClick(
        hand.canvas.viewport(), Qt.MouseButton.LeftButton, pos=hand.place(200, 60)
    )
    hand.press(200, 60)
    hand.move(280, 120)
    hand.release(280, 120)

    assert len(hand.labels.instances) == 2
