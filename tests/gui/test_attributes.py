"""Crowds and notes on the canvas, and going through what overlaps."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.canvas.handlers import canvas_handlers
from gui.dialogs.note import NoteDialog
from tests.gui.hand import Hand, square

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    return Hand(qtbot, square(50, 50, "a"), square(60, 60, "b"), square(70, 70, "c"))


def do(hand: Hand, name: str) -> None:
    canvas_handlers(hand.canvas)[name]()


def note_dialog(hand: Hand) -> NoteDialog:
    (dialog,) = (one for one in hand.canvas.window().findChildren(NoteDialog) if one.isVisible())
    return dialog


def test_several_are_marked_as_crowds_and_then_taken_back(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    do(hand, "crowd")
    assert [one.crowd for one in hand.labels.instances] == [True, True, False]
    do(hand, "crowd")
    assert not any(one.crowd for one in hand.labels.instances)
    assert hand.document.undo_stack.count() == 2


def test_where_some_are_crowds_all_become_crowds(hand: Hand) -> None:
    hand.document.select(["a"])
    do(hand, "crowd")
    hand.document.select(["a", "b"])
    do(hand, "crowd")

    assert [one.crowd for one in hand.labels.instances] == [True, True, False]


def test_what_is_locked_stays_what_it_is(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    hand.document.marks.set_locked(["a"])
    do(hand, "crowd")

    assert [one.crowd for one in hand.labels.instances] == [False, True, False]


@pytest.mark.parametrize("name", ["crowd", "note"])
def test_without_a_selection_a_sentence_says_what_to_do(hand: Hand, name: str) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    do(hand, name)

    assert "Select" in told[0]


@pytest.mark.parametrize("name", ["crowd", "note", "next_below"])
def test_without_a_document_nothing_happens(hand: Hand, name: str) -> None:
    hand.canvas.set_document(None)
    do(hand, name)

    assert not hand.canvas.window().findChildren(NoteDialog)


def test_a_note_of_two_lines_is_written_on_all_selected_in_one_step(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    do(hand, "note")
    dialog = note_dialog(hand)
    hand.qtbot.keyClicks(dialog.text, "hidden")
    hand.qtbot.keyClick(dialog.text, Qt.Key.Key_Return, SHIFT)
    hand.qtbot.keyClicks(dialog.text, "behind b")
    hand.qtbot.keyClick(dialog.text, Qt.Key.Key_Return)

    assert [one.note for one in hand.labels.instances] == ["hidden\nbehind b"] * 2 + [""]
    assert hand.document.undo_stack.count() == 1


def test_escape_leaves_the_note_as_it_was(hand: Hand) -> None:
    hand.document.select(["a"])
    do(hand, "note")
    hand.qtbot.keyClicks(note_dialog(hand).text, "no")
    hand.qtbot.keyClick(note_dialog(hand).text, Qt.Key.Key_Escape)

    assert hand.labels.instance("a").note == ""


def test_notes_that_differ_stay_where_nothing_is_written(hand: Hand) -> None:
    for one in ("a", "b"):
        hand.document.select([one])
        do(hand, "note")
        hand.qtbot.keyClicks(note_dialog(hand).text, one)
        hand.qtbot.keyClick(note_dialog(hand).text, Qt.Key.Key_Return)
        hand.qtbot.waitUntil(lambda: not hand.canvas.window().findChildren(NoteDialog))
    hand.document.select(["a", "b"])
    do(hand, "note")
    assert note_dialog(hand).text.toPlainText() == ""
    hand.qtbot.keyClick(note_dialog(hand).text, Qt.Key.Key_Return)

    assert [hand.labels.instance(one).note for one in "ab"] == ["a", "b"]


def test_a_note_goes_where_it_was_asked_for_whatever_is_selected_by_then(hand: Hand) -> None:
    hand.document.select(["a"])
    do(hand, "note")
    hand.document.select(["b"])
    hand.qtbot.keyClicks(note_dialog(hand).text, "of a")
    hand.qtbot.keyClick(note_dialog(hand).text, Qt.Key.Key_Return)

    assert hand.labels.instance("a").note == "of a"
    assert hand.labels.instance("b").note == ""


def test_overlapping_instances_are_gone_through_from_the_front_round_and_round(hand: Hand) -> None:
    hand.move(80, 80)
    seen = []
    for _ in range(4):
        do(hand, "next_below")
        seen += hand.document.selection

    assert seen == ["c", "b", "a", "c"]


def test_what_is_hidden_or_locked_is_passed_over(hand: Hand) -> None:
    hand.document.marks.set_hidden(["c"])
    hand.document.marks.set_locked(["b"])
    hand.move(80, 80)
    do(hand, "next_below")

    assert hand.document.selection == {"a"}


def test_where_nothing_lies_a_sentence_says_so(hand: Hand) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    hand.document.select(["a"])
    hand.move(300, 250)
    do(hand, "next_below")

    assert "mouse" in told[0]
    assert hand.document.selection == {"a"}
