"""Selecting and moving by mouse and keyboard."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState, Part
from tests.gui.hand import CTRL, SHIFT, Hand, square

A = square(50, 50, "a")
"""Corners (50, 50) to (90, 90)."""
B = square(200, 100, "b")
SHIFT_XY = np.array([10, -5])


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    return Hand(qtbot, A, B)


def test_a_click_selects_the_instance_under_it(hand: Hand) -> None:
    hand.click(70, 70)

    assert hand.document.selection == {"a"}


def test_a_click_beside_all_selects_none(hand: Hand) -> None:
    hand.click(70, 70)
    hand.click(300, 250)

    assert hand.document.selection == set()


@pytest.mark.parametrize("modifier", [SHIFT, CTRL])
def test_a_click_with_shift_or_ctrl_adds_and_takes_away(
    hand: Hand, modifier: Qt.KeyboardModifier
) -> None:
    hand.click(70, 70)
    hand.click(220, 120, modifier)
    assert hand.document.selection == {"a", "b"}

    hand.click(70, 70, modifier)

    assert hand.document.selection == {"b"}


def test_the_front_instance_is_selected_where_two_overlap(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(50, 50, "back"), square(60, 60, "front"))

    hand.click(70, 70)

    assert hand.document.selection == {"front"}


def test_a_click_into_a_hole_selects_what_lies_behind(qtbot: QtBot) -> None:
    outer = square(50, 50, "ring", side=100)
    hole = square(80, 80, "", side=40).parts[0].outer
    ring = replace(outer, parts=(Part(outer.parts[0].outer, (hole,)),))
    hand = Hand(qtbot, square(60, 60, "behind", side=70), ring)

    hand.click(100, 100)

    assert hand.document.selection == {"behind"}


def test_a_box_pulled_open_selects_what_lies_in_it(hand: Hand) -> None:
    hand.drag((30, 30), (150, 150))
    assert hand.document.selection == {"a"}

    hand.drag((160, 60), (260, 180), SHIFT)

    assert hand.document.selection == {"a", "b"}


def test_dragging_a_vertex_moves_it_in_one_step(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((50, 50), (30, 40))

    assert hand.ring("a")[0] == [30, 40]
    assert hand.ring("a")[1:] == A.parts[0].outer.tolist()[1:]
    assert hand.document.undo_stack.count() == 1
    assert hand.document.undo_stack.undoText() == "Move vertex"


def test_a_dragged_vertex_keeps_its_distance_to_the_mouse(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((53, 52), (33, 42))

    assert hand.ring("a")[0] == [30, 40]


def test_nothing_is_committed_before_the_button_goes_up(hand: Hand) -> None:
    hand.document.select(["a"])
    before = hand.labels

    hand.press(50, 50)
    hand.move(30, 40)

    assert hand.labels is before
    hand.release(30, 40)
    assert hand.labels is not before


def test_the_draft_shows_while_a_vertex_is_dragged(hand: Hand) -> None:
    hand.document.select(["a"])
    outside = hand.pixel(42, 52)

    hand.press(50, 50)
    hand.move(20, 50)

    assert hand.pixel(42, 52) != outside


def test_undo_after_a_drag_gives_the_same_labels_back(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])
    hand.drag((50, 50), (30, 40))
    after = hand.labels

    hand.document.undo()
    assert hand.labels is before
    hand.document.redo()

    assert hand.labels is after


def test_a_vertex_stays_inside_the_image(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((50, 50), (-80, -30))

    assert hand.ring("a")[0] == [0, 0]


def test_a_press_that_hardly_moves_changes_nothing(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])

    hand.drag((50, 50), (51, 51))
    hand.drag((70, 70), (71, 70))

    assert hand.labels is before


def test_vertices_of_what_is_not_selected_cannot_be_taken(hand: Hand) -> None:
    before = hand.labels

    hand.drag((47, 47), (20, 20))

    assert hand.labels is before


def test_dragging_an_instance_moves_it(hand: Hand) -> None:
    hand.drag((70, 70), (80, 65))

    moved = hand.labels.instance("a").parts[0].outer
    assert np.array_equal(moved, A.parts[0].outer + SHIFT_XY)
    assert hand.document.undo_stack.undoText() == "Move"


def test_dragging_one_of_several_moves_them_all(hand: Hand) -> None:
    hand.document.select(["a", "b"])

    hand.drag((70, 70), (80, 65))

    for instance in (A, B):
        moved = hand.labels.instance(instance.id).parts[0].outer
        assert np.array_equal(moved, instance.parts[0].outer + SHIFT_XY)
    assert hand.document.undo_stack.count() == 1


def test_an_instance_stays_inside_the_image(hand: Hand) -> None:
    hand.drag((70, 70), (-200, 80))

    assert hand.labels.instance("a").parts[0].outer.min(axis=0).tolist() == [0, 60]


def test_a_moved_prediction_is_a_persons(qtbot: QtBot) -> None:
    predicted = replace(A, state=InstanceState.PREDICTED, score=0.5)
    hand = Hand(qtbot, predicted)

    hand.drag((70, 70), (90, 70))

    assert hand.labels.instance("a").state is InstanceState.EDITED


def test_ctrl_and_a_click_on_an_edge_insert_a_vertex(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.click(70, 52, CTRL)

    assert hand.ring("a") == [[50, 50], [70, 50], [90, 50], [90, 90], [50, 90]]
    assert hand.document.undo_stack.undoText() == "Insert vertex"


def test_an_inserted_vertex_can_be_dragged_on_in_the_same_step(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((70, 50), (70, 30), CTRL)

    assert hand.ring("a")[1] == [70, 30]
    assert hand.document.undo_stack.count() == 1


@pytest.mark.parametrize("y", [48, 52])
def test_a_double_click_on_an_edge_inserts_a_vertex(hand: Hand, y: float) -> None:
    hand.document.select(["a"])

    hand.double_click(70, y)

    assert hand.ring("a") == [[50, 50], [70, 50], [90, 50], [90, 90], [50, 90]]
    assert hand.document.undo_stack.count() == 1


def test_the_vertex_under_the_mouse_is_deleted(hand: Hand) -> None:
    hand.document.select(["a"])
    hand.move(90, 90)

    hand.canvas.delete_vertex()

    assert hand.ring("a") == [[50, 50], [90, 50], [50, 90]]


def test_the_vertex_that_was_clicked_is_deleted(hand: Hand) -> None:
    hand.document.select(["a"])
    hand.click(90, 90)
    hand.move(300, 200)

    hand.canvas.delete_vertex()

    assert hand.ring("a") == [[50, 50], [90, 50], [50, 90]]


def test_without_a_vertex_nothing_is_deleted(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])
    hand.move(300, 200)

    hand.canvas.delete_vertex()

    assert hand.labels is before


def test_a_vertex_of_a_hole_can_be_dragged(qtbot: QtBot) -> None:
    outer = square(50, 50, "a", side=100)
    hole = square(80, 80, "", side=40).parts[0].outer
    hand = Hand(qtbot, replace(outer, parts=(Part(outer.parts[0].outer, (hole,)),)))
    hand.document.select(["a"])

    hand.drag((80, 80), (70, 75))

    assert hand.ring("a", 1)[0] == [70, 75]
    assert hand.ring("a") == outer.parts[0].outer.tolist()


def test_escape_gives_up_a_drag(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])

    hand.press(50, 50)
    hand.move(20, 20)
    hand.key(Qt.Key.Key_Escape)
    hand.release(20, 20)

    assert hand.labels is before


def test_escape_without_a_drag_selects_none(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.key(Qt.Key.Key_Escape)

    assert hand.document.selection == set()


def test_a_drag_ends_when_its_instance_goes_meanwhile(hand: Hand) -> None:
    hand.document.select(["a"])
    hand.press(50, 50)
    hand.move(30, 30)

    gone = edits.rejected(hand.labels, {"a"})
    hand.document.apply("Delete", gone)
    hand.move(20, 20)
    hand.release(20, 20)

    assert hand.labels is gone


def test_a_drag_keeps_what_changes_elsewhere_meanwhile(hand: Hand) -> None:
    hand.document.select(["a"])
    hand.press(50, 50)
    hand.move(30, 30)

    hand.document.apply("Change", edits.with_class_changed(hand.labels, {"b"}, class_id=2))
    hand.release(30, 40)

    assert hand.labels.instance("b").class_id == 2
    assert hand.ring("a")[0] == [30, 40]


def test_another_tool_gives_up_a_drag(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])

    hand.press(50, 50)
    hand.move(20, 20)
    hand.canvas.set_tool("box")
    hand.release(20, 20)

    assert hand.labels is before


def test_dragging_an_edge_of_the_selected_moves_both_its_vertices(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((70, 50), (75, 40))

    assert hand.ring("a") == [[55, 40], [95, 40], [90, 90], [50, 90]]
    assert hand.document.undo_stack.count() == 1
    assert hand.document.undo_stack.undoText() == "Move edge"


def test_the_last_edge_moves_the_first_and_the_last_vertex(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((50, 70), (40, 70))

    assert hand.ring("a") == [[40, 50], [90, 50], [90, 90], [40, 90]]


def test_an_edge_stays_inside_the_image(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((70, 50), (70, -80))

    assert hand.ring("a")[:2] == [[50, 0], [90, 0]]


def test_an_edge_of_a_hole_can_be_dragged(qtbot: QtBot) -> None:
    outer = square(50, 50, "a", side=100)
    hole = square(80, 80, "", side=40).parts[0].outer
    hand = Hand(qtbot, replace(outer, parts=(Part(outer.parts[0].outer, (hole,)),)))
    hand.document.select(["a"])

    hand.drag((100, 80), (100, 70))

    assert hand.ring("a", 1) == [[80, 70], [120, 70], [120, 120], [80, 120]]
    assert hand.ring("a") == outer.parts[0].outer.tolist()


def test_escape_gives_up_an_edge_drag(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])

    hand.press(70, 50)
    hand.move(70, 30)
    hand.key(Qt.Key.Key_Escape)
    hand.release(70, 30)

    assert hand.labels is before


def test_the_edge_that_a_press_would_take_is_shown(hand: Hand) -> None:
    hand.document.select(["a"])
    hand.move(300, 200)
    before = hand.pixel(70, 52)

    hand.move(70, 50)

    assert hand.pixel(70, 52) != before
    assert hand.canvas.viewport().cursor().shape() is Qt.CursorShape.SizeAllCursor


def test_a_drag_beside_an_edge_moves_the_instance(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((70, 57), (80, 52))

    assert np.array_equal(hand.labels.instance("a").parts[0].outer, A.parts[0].outer + SHIFT_XY)


def test_with_several_selected_a_drag_on_an_edge_moves_them_all(hand: Hand) -> None:
    hand.document.select(["a", "b"])

    hand.drag((70, 51), (80, 46))

    assert hand.document.undo_stack.undoText() == "Move"


def test_what_is_small_on_the_screen_is_moved_as_a_whole(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(50, 50, "a", side=24))
    hand.document.select(["a"])

    hand.drag((62, 51), (72, 51))

    assert hand.document.undo_stack.undoText() == "Move"


def test_what_is_long_and_thin_is_moved_as_a_whole(qtbot: QtBot) -> None:
    pen = Part(np.array([[50, 50], [250, 50], [250, 58], [50, 58]]))
    hand = Hand(qtbot, Instance("pen", 1, (pen,)))
    hand.document.select(["pen"])

    hand.drag((150, 54), (150, 94))

    assert hand.document.undo_stack.undoText() == "Move"


def test_arrow_keys_move_the_selected_by_a_pixel_and_with_shift_by_ten(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Up, SHIFT)

    assert hand.ring("a")[0] == [51, 40]


def test_nudges_that_follow_each_other_are_one_undo_step(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])
    for _ in range(5):
        hand.key(Qt.Key.Key_Left)

    hand.document.undo()

    assert hand.labels is before


def test_nudging_another_instance_is_another_step(hand: Hand) -> None:
    for instance_id in ("a", "b"):
        hand.document.select([instance_id])
        hand.key(Qt.Key.Key_Left)

    assert hand.document.undo_stack.count() == 2


def test_a_nudge_ends_at_the_border_of_the_image(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(5, 50, "a"))
    hand.document.select(["a"])

    hand.key(Qt.Key.Key_Left, SHIFT)

    assert hand.ring("a")[0] == [0, 50]


def test_a_nudge_leaves_what_is_locked_and_says_so(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])
    hand.document.marks.set_locked(["a"])

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        hand.key(Qt.Key.Key_Left)

    assert "locked" in refusal.args[0]
    assert hand.labels is before
