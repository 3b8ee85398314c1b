"""Cutting instances by mouse."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.geometry import parts_area
from core.types import InstanceState
from tests.gui.hand import Hand, square


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, square(100, 100, "a", side=100), square(250, 100, "b", side=100))
    hand.canvas.set_tool("cut")
    return hand


def areas(hand: Hand) -> list[float]:
    return [parts_area(one.parts) for one in hand.labels.instances]


def refusals(hand: Hand) -> list[str]:
    said: list[str] = []
    hand.canvas.refused.connect(said.append)
    return said


def test_a_drag_cuts_the_selected_straight_through(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((90, 130), (360, 130))

    first, new, other = hand.labels.instances
    assert areas(hand) == [7000, 3000, 10000]
    assert (first.id, first.state) == ("a", InstanceState.DRAWN)
    assert (new.class_id, new.state) == (first.class_id, InstanceState.DRAWN)
    assert other.id == "b"
    assert hand.document.selection == {"a", new.id}
    assert hand.document.undo_stack.count() == 1


def test_with_none_selected_all_are_cut_that_the_line_goes_through(hand: Hand) -> None:
    hand.drag((90, 130), (360, 130))

    assert areas(hand) == [7000, 3000, 7000, 3000]
    assert len(hand.document.selection) == 4
    assert hand.document.undo_stack.count() == 1


@pytest.mark.parametrize("end", ["double click", "Enter"])
def test_clicks_lead_the_line_round_corners(hand: Hand, end: str) -> None:
    hand.click(150, 80)
    hand.click(150, 150)
    if end == "Enter":
        hand.click(220, 150)
        hand.key(Qt.Key.Key_Return)
    else:
        hand.double_click(220, 150)

    assert areas(hand) == [7500, 2500, 10000]


def test_a_line_that_ends_within_cuts_nothing_and_says_so(hand: Hand) -> None:
    said = refusals(hand)

    hand.drag((90, 130), (150, 130))

    assert areas(hand) == [10000, 10000]
    assert "Begin and end it beside" in said[0]


def test_what_is_locked_is_not_cut(hand: Hand) -> None:
    hand.document.marks.set_locked(["a"])
    hand.drag((90, 130), (360, 130))
    assert areas(hand) == [10000, 7000, 3000]

    said = refusals(hand)
    hand.document.select(["a"])
    hand.drag((90, 150), (360, 150))
    assert areas(hand) == [10000, 7000, 3000]
    assert "locked" in said[0]


def test_what_is_hidden_is_not_cut_though_it_is_selected(hand: Hand) -> None:
    hand.document.marks.set_hidden(["a"])
    hand.document.select(["a"])
    hand.drag((90, 150), (360, 150))

    assert areas(hand) == [10000, 10000]


def test_a_line_beside_the_selected_says_what_cuts_all(hand: Hand) -> None:
    said = refusals(hand)
    hand.document.select(["a"])
    hand.drag((220, 150), (380, 150))
    assert areas(hand) == [10000, 10000]
    assert "With nothing selected" in said[0]

    hand.key(Qt.Key.Key_Escape)
    hand.drag((220, 150), (380, 150))
    assert areas(hand) == [10000, 5000, 5000]


def test_points_are_taken_back_and_the_line_given_up(hand: Hand) -> None:
    hand.click(150, 80)
    hand.click(20, 20)
    hand.key(Qt.Key.Key_Backspace)
    hand.click(150, 220)
    hand.key(Qt.Key.Key_Return)
    assert areas(hand) == [5000, 5000, 10000]

    hand.click(90, 150)
    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.tool == "cut"
    assert "cut the selected" in hand.canvas.hint
    hand.key(Qt.Key.Key_Escape)
    assert (hand.canvas.tool, hand.document.selection) == ("cut", frozenset())
    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.tool == "select"


def test_one_point_is_no_line(hand: Hand) -> None:
    said = refusals(hand)
    hand.click(150, 80)
    hand.key(Qt.Key.Key_Return)

    assert areas(hand) == [10000, 10000]
    assert "begins and where it ends" in said[0]


def test_the_line_may_begin_and_end_outside_of_the_image(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(0, 0, "a", side=300))
    hand.canvas.set_tool("cut")

    hand.drag((-20, 100), (350, 100))

    assert areas(hand) == [60000, 30000]
