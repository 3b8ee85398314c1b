"""Hiding and locking: by key, on the canvas, and against edits by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageLabels, InstanceState
from gui.canvas.handlers import canvas_handlers
from gui.document import Document, Marks
from gui.main_window import MainWindow
from tests.gui.hand import SIZE_HW, Hand, square

INSIDE_A = (70, 70)
INSIDE_B = (220, 120)


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    predicted = replace(square(200, 100, "b"), state=InstanceState.PREDICTED, score=0.9)
    return Hand(qtbot, square(50, 50, "a"), predicted)


@pytest.fixture
def do(hand: Hand) -> Callable[[str], None]:
    handlers = {**canvas_handlers(hand.canvas), **canvas_handlers(hand.canvas)}
    return lambda name: handlers[name]()


def marks_of(hand: Hand) -> Marks:
    return hand.document.marks


def test_marks_tell_which_instances_are_other_now() -> None:
    marks, told = Marks(), list[frozenset[str]]()
    marks.changed.connect(told.append)

    marks.set_hidden(["a", "b"])
    marks.set_hidden(["b"])
    marks.set_hidden(["b"])
    marks.set_locked(["a"])

    assert told == [{"a", "b"}, {"a"}, {"a"}]


def test_marks_are_neither_edits_nor_undo_steps() -> None:
    document = Document("a.jpg", ImageLabels(SIZE_HW, (square(50, 50, "a"),)))

    document.marks.set_hidden(["a"])
    document.marks.set_locked(["a"])

    assert document.undo_stack.count() == 0
    assert not document.is_dirty


def test_a_hidden_instance_is_not_painted(hand: Hand) -> None:
    beside, inside = hand.pixel(30, 70), hand.pixel(*INSIDE_A)
    assert inside != beside

    marks_of(hand).set_hidden(["a"])
    assert hand.pixel(*INSIDE_A) == beside

    marks_of(hand).set_hidden([])
    assert hand.pixel(*INSIDE_A) == inside


@pytest.mark.parametrize("mark", ["set_hidden", "set_locked"])
def test_the_mouse_passes_through_what_is_hidden_or_locked(qtbot: QtBot, mark: str) -> None:
    hand = Hand(qtbot, square(50, 50, "back"), square(60, 60, "front"))
    getattr(marks_of(hand), mark)(["front"])

    hand.click(*INSIDE_A)
    assert hand.document.selection == {"back"}

    hand.drag((20, 20), (150, 150))
    assert hand.document.selection == {"back"}


@pytest.mark.parametrize("mark", ["set_hidden", "set_locked"])
def test_what_is_out_of_reach_is_not_among_all(
    hand: Hand, do: Callable[[str], None], mark: str
) -> None:
    getattr(marks_of(hand), mark)(["a"])

    do("select_all")

    assert hand.document.selection == {"b"}


def test_a_locked_instance_that_is_selected_has_no_handles(hand: Hand) -> None:
    before = hand.labels
    marks_of(hand).set_locked(["a"])
    hand.document.select(["a"])

    hand.drag((50, 50), (30, 40))
    hand.drag(INSIDE_A, (100, 100))

    assert hand.labels is before


def test_a_locked_instance_stays_where_others_are_dragged(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    marks_of(hand).set_locked(["a"])

    hand.drag(INSIDE_B, (230, 120))

    assert hand.ring("a")[0] == [50, 50]
    assert hand.ring("b")[0] == [210, 100]


def test_locking_ends_a_drag(hand: Hand) -> None:
    before = hand.labels
    hand.document.select(["a"])
    hand.press(50, 50)
    hand.move(30, 30)

    marks_of(hand).set_locked(["a"])
    hand.release(30, 30)

    assert hand.labels is before


def test_a_locked_instance_looks_other(hand: Hand) -> None:
    before = hand.canvas.viewport().grab().toImage()

    marks_of(hand).set_locked(["a"])

    assert hand.canvas.viewport().grab().toImage() != before


@pytest.mark.parametrize("name", ["delete_instances", "reject"])
def test_what_is_locked_is_not_taken_away_and_the_person_is_told(
    hand: Hand, do: Callable[[str], None], name: str
) -> None:
    before = hand.labels
    hand.document.select(["b"])
    marks_of(hand).set_locked(["b"])

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do(name)

    assert "locked" in refusal.args[0]
    assert hand.labels is before


def test_of_several_only_the_locked_stay(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["a", "b"])
    marks_of(hand).set_locked(["b"])

    do("delete_instances")

    assert [one.id for one in hand.labels.instances] == ["b"]


def test_a_locked_prediction_can_be_accepted(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["b"])
    marks_of(hand).set_locked(["b"])

    do("accept")

    assert hand.labels.instance("b").state is InstanceState.ACCEPTED


def test_hiding_deselects_so_that_nothing_unseen_is_deleted(
    hand: Hand, do: Callable[[str], None]
) -> None:
    hand.document.select(["a"])

    do("hide_selected")

    assert marks_of(hand).hidden == {"a"}
    assert hand.document.selection == set()


def test_hiding_what_is_hidden_shows_it(hand: Hand, do: Callable[[str], None]) -> None:
    marks_of(hand).set_hidden(["a", "b"])
    hand.document.select(["a"])

    do("hide_selected")

    assert marks_of(hand).hidden == {"b"}


def test_all_others_are_hidden_and_all_shown_again(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["a"])

    do("hide_others")
    assert marks_of(hand).hidden == {"b"}
    do("show_all")

    assert marks_of(hand).hidden == set()


@pytest.mark.parametrize("name", ["hide_selected", "hide_others", "lock_selected"])
def test_with_nothing_selected_the_person_is_told(
    hand: Hand, do: Callable[[str], None], name: str
) -> None:
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do(name)

    assert "Select" in refusal.args[0]


def test_new_predictions_are_shown_where_hidden_ones_were(hand: Hand) -> None:
    marks_of(hand).set_hidden(["b"])
    again = replace(square(200, 100, "new"), state=InstanceState.PREDICTED)

    without = edits.without_instances(hand.labels, {"b"})
    hand.document.apply("Pre-label", edits.with_instance_added(without, again))
    hand.click(*INSIDE_B)

    assert hand.document.selection == {"new"}


def test_keys_hide_show_lock_and_unlock(qtbot: QtBot, opened: MainWindow) -> None:
    document = opened.session.document
    assert document is not None
    several = (square(5, 5, "a", side=20), square(60, 40, "b", side=20))
    document.edit("Draw", lambda now: edits.with_instances_added(now, several))
    document.select(["a"])

    qtbot.keyClick(opened.canvas, Qt.Key.Key_L)
    assert document.marks.locked == {"a"}
    qtbot.keyClick(opened.canvas, Qt.Key.Key_2)
    assert document.labels.instance("a").class_id == 1
    assert "locked" in opened.notices.notices[-1].sentence
    qtbot.keyClick(opened.canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert document.marks.locked == set()
    qtbot.keySequence(opened.canvas, "Ctrl+Shift+H")
    assert document.marks.hidden == {"b"}
    qtbot.keyClick(opened.canvas, Qt.Key.Key_H)
    assert document.marks.hidden == {"a", "b"}
    qtbot.keyClick(opened.canvas, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert document.marks.hidden == set()


def test_marks_are_kept_while_another_image_is_visited(qtbot: QtBot, opened: MainWindow) -> None:
    first = opened.session.document
    assert first is not None
    one = square(5, 5, "a", side=20)
    first.edit("Draw", lambda now: edits.with_instance_added(now, one))
    first.marks.set_hidden(["a"])

    qtbot.keyClick(opened.canvas, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: opened.session.document not in (None, first))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: opened.session.document is first)

    assert first.marks.hidden == {"a"}
