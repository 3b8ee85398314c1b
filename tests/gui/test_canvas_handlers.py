"""The actions of the open image, and the clipboard."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core.types import ImageLabels, InstanceState, LabelClass
from gui.actions import ACTIONS
from gui.canvas.clipboard import text_of
from gui.canvas.handlers import canvas_handlers
from gui.document import Document
from tests.gui.hand import SIZE_HW, Hand, square


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    predicted = replace(square(200, 100, "p"), state=InstanceState.PREDICTED, score=0.9)
    return Hand(qtbot, square(50, 50, "a"), predicted)


@pytest.fixture
def do(hand: Hand) -> Callable[[str], None]:
    handlers = canvas_handlers(hand.canvas)
    return lambda name: handlers[name]()


def test_every_handler_has_an_action(hand: Hand) -> None:
    assert set(canvas_handlers(hand.canvas)) <= {spec.name for spec in ACTIONS}


def test_undo_and_redo_move_through_the_steps(hand: Hand, do: Callable[[str], None]) -> None:
    before = hand.labels
    hand.document.select(["a"])
    do("delete_instances")
    after = hand.labels

    do("undo")
    assert hand.labels is before
    do("redo")

    assert hand.labels is after


def test_a_deleted_prediction_is_remembered_as_rejected(
    hand: Hand, do: Callable[[str], None]
) -> None:
    do("select_all")
    do("delete_instances")

    assert hand.labels.instances == ()
    assert [instance.id for instance in hand.labels.rejected] == ["p"]


def test_reject_leaves_what_a_person_drew(hand: Hand, do: Callable[[str], None]) -> None:
    do("select_all")
    do("reject")

    assert [instance.id for instance in hand.labels.instances] == ["a"]
    assert [instance.id for instance in hand.labels.rejected] == ["p"]


def test_reject_of_nothing_but_a_persons_own_says_what_does_that(
    hand: Hand, do: Callable[[str], None]
) -> None:
    hand.document.select(["a"])
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do("reject")

    assert "Delete" in refusal.args[0]
    assert hand.labels.instance("a")


@pytest.mark.parametrize("name", ["accept", "reject"])
def test_a_verdict_on_nothing_selected_says_what_to_do(
    hand: Hand, do: Callable[[str], None], name: str
) -> None:
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do(name)

    assert refusal.args[0].startswith("Select the predictions first")
    assert [one.id for one in hand.labels.instances] == ["a", "p"]


@pytest.mark.parametrize("name", ["accept", "accept_all"])
def test_accepting_where_no_prediction_is_left_is_refused(
    hand: Hand, do: Callable[[str], None], name: str
) -> None:
    do("accept_all")
    after = hand.labels
    hand.document.select(["a", "p"])
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do(name)

    assert "nobody looked at" in refusal.args[0]
    assert hand.labels is after


def test_accept_all_tells_of_what_is_hidden(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.marks.set_hidden(["p"])
    with hand.qtbot.waitSignal(hand.canvas.refused) as told:
        do("accept_all")

    assert "Hidden predictions" in told.args[0]
    assert hand.labels.instance("p").state is InstanceState.ACCEPTED


@pytest.mark.parametrize("name", ["accept", "accept_all"])
def test_accepting_makes_predictions_accepted(
    hand: Hand, do: Callable[[str], None], name: str
) -> None:
    if name == "accept":
        hand.document.select(["a", "p"])

    do(name)

    assert hand.labels.instance("p").state is InstanceState.ACCEPTED
    assert hand.labels.instance("a").state is InstanceState.DRAWN


def test_a_duplicate_lies_aside_and_is_selected(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["a"])

    do("duplicate")

    (new,) = hand.document.selection
    moved = hand.labels.instance(new).parts[0].outer - hand.labels.instance("a").parts[0].outer
    assert new != "a"
    assert np.all(moved == 12)


def test_what_was_copied_can_be_pasted_into_another_image(
    hand: Hand, do: Callable[[str], None]
) -> None:
    other = Document("b.jpg", ImageLabels(SIZE_HW))
    hand.document.select(["a"])
    do("copy")

    hand.canvas.set_document(other)
    do("paste")

    (pasted,) = other.labels.instances
    assert pasted.id != "a"
    assert pasted.parts == hand.labels.instance("a").parts
    assert other.selection == {pasted.id}


def test_a_paste_finds_the_class_by_its_name(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["a"])
    do("copy")

    hand.canvas.set_classes([LabelClass(1, "fig", "#000000"), LabelClass(7, "date", "#ffffff")])
    do("paste")

    (pasted,) = hand.document.selection
    assert hand.labels.instance(pasted).class_id == 7


def test_a_paste_of_an_unknown_class_says_which(hand: Hand, do: Callable[[str], None]) -> None:
    before = hand.labels
    hand.document.select(["a"])
    do("copy")
    hand.canvas.set_classes([LabelClass(1, "fig", "#000000")])

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do("paste")

    assert "date" in refusal.args[0]
    assert hand.labels is before


def test_a_paste_is_cut_at_the_border_of_a_smaller_image(
    hand: Hand, do: Callable[[str], None]
) -> None:
    hand.document.select(["a"])
    do("copy")
    small = Document("b.jpg", ImageLabels((70, 80)))

    hand.canvas.set_document(small)
    do("paste")

    (pasted,) = small.labels.instances
    assert pasted.parts[0].outer.max(axis=0).tolist() == [80, 70]


def test_a_paste_outside_the_image_says_so(hand: Hand, do: Callable[[str], None]) -> None:
    hand.document.select(["a"])
    do("copy")
    hand.canvas.set_document(Document("b.jpg", ImageLabels((20, 20))))

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do("paste")

    assert "outside" in refusal.args[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"maskloop_instances": [{}], "classes": {}}',
        '{"maskloop_instances": [], "classes": []}',
        '{"maskloop_instances":' + "[" * 100_000,
        '{"maskloop_instances": [{"id": "a", "class_id": 1,'
        ' "parts": [[[[0, 0], [1, NaN], [1, 1]]]],'
        ' "state": "drawn", "score": null, "source": "", "crowd": false, "attributes": {}}],'
        ' "classes": {"1": "date"}}',
    ],
)
def test_a_broken_clipboard_is_a_sentence(hand: Hand, do: Callable[[str], None], text: str) -> None:
    QGuiApplication.clipboard().setText(text)

    with hand.qtbot.waitSignal(hand.canvas.refused):
        do("paste")

    assert len(hand.labels.instances) == 2


def test_with_nothing_copied_a_paste_says_so(hand: Hand, do: Callable[[str], None]) -> None:
    QGuiApplication.clipboard().setText("something else")

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do("paste")

    assert "copy" in refusal.args[0]


def test_instances_of_no_known_class_are_copied_under_their_number() -> None:
    assert "no. 9" in text_of([replace(square(0, 0, "a"), class_id=9)], {})


@pytest.mark.parametrize("name", ["zoom_in", "zoom_out", "fit", "zoom_actual", "show_selected"])
def test_view_actions_leave_the_labels(hand: Hand, do: Callable[[str], None], name: str) -> None:
    before = hand.labels
    hand.document.select(["a"])
    hand.canvas.zoom_by(1.5)
    zoom = hand.canvas.zoom

    do(name)

    assert hand.canvas.zoom != zoom
    assert hand.labels is before


@pytest.mark.parametrize("tool", ["polygon", "box", "select"])
def test_a_tool_is_taken_by_its_action(hand: Hand, do: Callable[[str], None], tool: str) -> None:
    do("polygon_tool")
    do(f"{tool}_tool")

    assert hand.canvas.tool == tool


def test_without_an_image_no_action_fails(hand: Hand) -> None:
    hand.canvas.set_document(None)
    hand.canvas.show_image(None)

    for handler in canvas_handlers(hand.canvas).values():
        handler()

    assert hand.canvas.document is None
