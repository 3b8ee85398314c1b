"""Pointing at objects by mouse and keyboard, and an assistant outlines them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import ImageState, InstanceState
from gui.canvas.tool_options import TextOption
from gui.session.assist import Readiness
from tests.gui.assisted_hand import AssistedHand
from tests.gui.hand import square

NO_NETWORK = "SAM 2.1 small cannot be fetched: there is no network. Without it there are two ways."
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., AssistedHand]]:
    hands: list[AssistedHand] = []

    def make(*instances: object, model: str = "efficientsam:10m") -> AssistedHand:
        hands.append(AssistedHand(qtbot, tmp_path, *instances, model=model))  # type: ignore[arg-type]
        hands[-1].take("assist_points")
        return hands[-1]

    yield make
    for hand in hands:
        hand.close()


@pytest.fixture
def hand(made: Callable[..., AssistedHand]) -> AssistedHand:
    return made()


def find(hand: AssistedHand, text: str) -> None:
    (option,) = hand.canvas.tools["assist_points"].options
    assert isinstance(option, TextOption)
    option.set_value(text)
    hand.until_answered()


# An object


def test_a_click_and_enter_outline_an_object(hand: AssistedHand) -> None:
    hand.click(100, 100)
    hand.until_answered()
    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert hand.box_of() == [80, 80, 120, 120]
    assert instance.class_id == 1
    assert instance.state is InstanceState.DRAWN
    assert hand.document.selection == {instance.id}
    assert hand.document.undo_stack.count() == 1


def test_enter_before_the_answer_takes_the_outline_when_it_comes(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made(model="sam:100m")
    hand.click(100, 100)
    hand.key(Qt.Key.Key_Return)
    assert hand.labels.instances == ()
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)


def test_nobody_waits_for_an_outline_before_the_next_object(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made(model="sam:100m")
    hand.click(100, 100)
    hand.key(Qt.Key.Key_Return)
    hand.click(200, 200)
    hand.canvas.current_class_id = 2
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)
    hand.key(Qt.Key.Key_Return)
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 2)

    assert hand.box_of(0) == [80, 80, 120, 120]
    assert hand.box_of(1) == [180, 180, 220, 220]
    assert [one.class_id for one in hand.labels.instances] == [1, 2]


def test_a_double_click_takes_what_it_points_at(hand: AssistedHand) -> None:
    hand.double_click(100, 100)
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.box_of() == [80, 80, 120, 120]


def test_an_object_takes_three_actions_at_the_most(hand: AssistedHand) -> None:
    actions: list[str] = []

    def act(name: str, do: Callable[[], None]) -> None:
        actions.append(name)
        do()

    act("point", lambda: hand.click(100, 100))
    act("take", lambda: hand.key(Qt.Key.Key_Return))
    hand.until(lambda: len(hand.labels.instances) == 1)
    assert len(actions) <= 3

    # a loose outline, of another class: one more point, and no click to close anything
    actions.clear()
    act("point", lambda: hand.click(200, 100))
    act("what is too much", lambda: hand.right_click(235, 100))
    act("take", lambda: hand.key(Qt.Key.Key_Return))
    hand.until(lambda: len(hand.labels.instances) == 2)
    assert len(actions) <= 3


def test_what_is_outlined_shows_before_it_is_taken(hand: AssistedHand) -> None:
    grey = hand.pixel(105, 105)
    hand.click(100, 100)
    hand.until_answered()

    assert hand.pixel(105, 110) != grey
    assert hand.pixel(150, 150) == grey
    assert hand.labels.instances == ()


@pytest.mark.parametrize("by", ["alt", "right"])
def test_a_point_beside_the_object_makes_it_smaller(hand: AssistedHand, by: str) -> None:
    hand.click(100, 100)
    if by == "alt":
        hand.click(118, 100, ALT)
    else:
        hand.right_click(118, 100)
    hand.until_answered()
    hand.key(Qt.Key.Key_Return)

    assert hand.box_of() == [85, 85, 115, 115]


def test_one_more_point_on_the_object_makes_it_larger(hand: AssistedHand) -> None:
    hand.click(100, 100)
    hand.click(140, 100)
    hand.until_answered()
    hand.key(Qt.Key.Key_Return)

    assert hand.box_of() == [60, 60, 140, 140]


def test_a_point_beside_comes_after_one_on_the_object(hand: AssistedHand) -> None:
    hand.right_click(100, 100)

    assert "object first" in hand.told[-1]
    hand.key(Qt.Key.Key_Return)
    assert hand.labels.instances == ()


def test_backspace_takes_the_last_point_back(hand: AssistedHand) -> None:
    hand.click(100, 100)
    hand.right_click(118, 100)
    hand.key(Qt.Key.Key_Backspace)
    hand.until_answered()
    hand.key(Qt.Key.Key_Return)

    assert hand.box_of() == [80, 80, 120, 120]


def test_backspace_on_the_only_point_begins_anew(hand: AssistedHand) -> None:
    hand.click(100, 100)
    hand.key(Qt.Key.Key_Backspace)

    assert not hand.assist.is_asked
    assert hand.canvas.hint.startswith("Click on the object")


def test_escape_drops_points_and_outline(hand: AssistedHand) -> None:
    hand.click(100, 100)
    hand.until_answered()
    hand.key(Qt.Key.Key_Escape)
    hand.key(Qt.Key.Key_Return)

    assert hand.labels.instances == ()
    assert hand.canvas.tool == "assist_points"


def test_without_a_class_the_outline_waits_for_one(hand: AssistedHand) -> None:
    hand.canvas.current_class_id = None
    with hand.qtbot.waitSignal(hand.canvas.class_wanted):
        hand.double_click(100, 100)
    hand.canvas.current_class_id = 2

    (instance,) = hand.labels.instances
    assert instance.class_id == 2


def test_where_nothing_is_seen_a_sentence_says_so(hand: AssistedHand) -> None:
    hand.double_click(390, 100)
    hand.until(lambda: bool(hand.told))

    assert "sees nothing there" in hand.told[-1]
    assert hand.labels.instances == ()


# Before the click


def test_the_outline_follows_the_mouse_where_answers_are_quick(hand: AssistedHand) -> None:
    hand.move(100, 100)
    hand.until_answered()
    grey = hand.pixel(300, 200)
    assert hand.pixel(105, 105) != grey
    hand.move(200, 200)
    hand.until(lambda: hand.pixel(205, 205) != grey)

    assert hand.pixel(105, 105) == grey
    assert hand.labels.instances == ()


def test_where_answers_are_slow_it_does_not(hand: AssistedHand) -> None:
    hand.move(100, 100)
    hand.now_s += 1.0
    hand.until_answered()
    n_asked = len(hand.asked)
    hand.move(200, 200)

    assert not hand.assist.is_asked
    assert len(hand.asked) == n_asked


def test_while_it_follows_only_the_last_place_is_asked(made: Callable[..., AssistedHand]) -> None:
    hand = made(model="sam:100m")
    for x in (100, 120, 140, 160):
        hand.move(x, 100)
    hand.go()
    hand.until(lambda: len([one for one in hand.asked if one["points"]]) == 2)
    hand.go()
    hand.until_answered()

    places = [one["points"][0][0] for one in hand.asked if one["points"]]
    assert places == pytest.approx([100, 160], abs=1)


# Answers that come too late


def test_only_the_latest_click_counts(made: Callable[..., AssistedHand]) -> None:
    hand = made(model="sam:100m")
    hand.click(100, 100)
    hand.until(lambda: any(one["points"] for one in hand.asked))
    hand.key(Qt.Key.Key_Escape)
    hand.click(200, 200)
    hand.key(Qt.Key.Key_Return)
    hand.until(lambda: [200, 200, True] in hand.asked[-1]["points"])  # the first is given up
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.box_of() == [180, 180, 220, 220]


def test_an_answer_of_the_image_before_is_dropped(made: Callable[..., AssistedHand]) -> None:
    hand = made(model="sam:100m")
    before = hand.document
    hand.click(100, 100)
    hand.key(Qt.Key.Key_Return)
    hand.until(lambda: any(one["points"] for one in hand.asked))
    hand.show("b.jpg")
    hand.click(200, 200)
    hand.key(Qt.Key.Key_Return)
    hand.until(lambda: [200, 200, True] in hand.asked[-1]["points"])  # the first is given up
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert before.labels.instances == ()
    assert hand.box_of() == [180, 180, 220, 220]
    assert hand.asked[-1]["image"] == "/photos/b.jpg"


def test_another_tool_drops_what_was_asked(made: Callable[..., AssistedHand]) -> None:
    hand = made(model="sam:100m")
    hand.click(100, 100)
    hand.key(Qt.Key.Key_Return)
    hand.canvas.set_tool("box")

    assert not hand.assist.is_asked
    hand.drag((10, 10), (60, 60))
    assert len(hand.labels.instances) == 1


def test_a_worker_that_died_is_told_and_the_next_click_starts_another(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made(model="sam2:large")
    hand.click(100, 100)
    hand.until_answered()
    assert "code 9" in hand.notices[-1].sentence
    assert hand.assist.readiness is Readiness.MISSING

    hand.settings.set("assist_model", "efficientsam:10m")
    hand.key(Qt.Key.Key_Escape)
    hand.double_click(100, 100)
    hand.until(lambda: len(hand.labels.instances) == 1)


# The model


def test_a_model_that_is_not_here_is_offered_and_downloaded_by_a_click(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made(model="sam2:tiny")
    assert "not on this machine yet" in hand.notices[-1].sentence
    assert hand.canvas.hint == (
        "SAM 2.1 tiny is not on this machine yet (150 MB, Apache License 2.0)."
        " A click downloads it."
    )
    hand.click(100, 100)
    hand.until(lambda: hand.assist.readiness is Readiness.DOWNLOADING)
    assert "12 of 40 MB, 2.0 MB/s" in hand.canvas.hint
    hand.key(Qt.Key.Key_Return)
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.assist.readiness is Readiness.READY


def test_without_a_network_a_sentence_comes_once_and_the_strip_keeps_it(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made(model="sam2:small")
    hand.click(100, 100)
    hand.until_answered()
    hand.click(150, 100)
    hand.until_answered()
    hand.show("b.jpg")

    assert [one.sentence for one in hand.notices] == [NO_NETWORK]
    assert "there is no network. A click tries again." in hand.canvas.hint


# By text


def test_what_a_text_finds_becomes_predictions_of_the_class_of_that_name(
    hand: AssistedHand,
) -> None:
    find(hand, "Fig")
    assert "Nothing new was found for “Fig”" in hand.told[-1]
    find(hand, "fig")

    (instance,) = hand.labels.instances
    assert instance.state is InstanceState.PREDICTED
    assert (instance.class_id, instance.score) == (2, 0.9)
    assert hand.document.undo_stack.count() == 1


def test_a_text_that_is_no_class_finds_the_current_one(hand: AssistedHand) -> None:
    hand.canvas.set_classes(())
    find(hand, "date")

    assert [one.class_id for one in hand.labels.instances] == [1, 1]


def test_without_any_class_a_text_says_what_to_do(hand: AssistedHand) -> None:
    hand.canvas.set_classes(())
    hand.canvas.current_class_id = None
    find(hand, "date")

    assert "No class is called “date”" in hand.told[-1]
    assert hand.labels.instances == ()


def test_in_a_done_image_a_text_changes_nothing(hand: AssistedHand) -> None:
    hand.document.apply("Done", replace(hand.labels, state=ImageState.DONE))
    find(hand, "date")

    assert "This image is done" in hand.told[-1]
    assert hand.labels.instances == ()


def test_what_is_labelled_already_is_not_found_again(made: Callable[..., AssistedHand]) -> None:
    hand = made(square(40, 40, "a"))
    find(hand, "date")
    assert len(hand.labels.instances) == 2
    find(hand, "date")

    assert len(hand.labels.instances) == 2
    assert "labelled already" in hand.told[-1]


def test_while_a_text_is_looked_for_the_mouse_asks_nothing(hand: AssistedHand) -> None:
    hand.settings.set("assist_text_model", "sam:100m")
    (option,) = hand.canvas.tools["assist_points"].options
    assert isinstance(option, TextOption)
    option.set_value("fig")
    hand.move(100, 100)
    hand.move(200, 200)
    assert "Esc gives it up" in hand.canvas.hint
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)


def test_escape_gives_a_text_up(hand: AssistedHand) -> None:
    hand.settings.set("assist_text_model", "sam:100m")
    (option,) = hand.canvas.tools["assist_points"].options
    assert isinstance(option, TextOption)
    option.set_value("fig")
    hand.key(Qt.Key.Key_Escape)

    assert not hand.assist.is_asked
    assert hand.canvas.tool == "assist_points"


def test_the_model_of_texts_is_offered_and_then_asked(hand: AssistedHand) -> None:
    hand.settings.set("assist_text_model", "sam3:latest")
    find(hand, "fig")
    assert hand.notices[-1].sentence == (
        "SAM 3 is not on this machine yet (3.4 GB, SAM License). It finds what a text names; others"
        " are in the settings."
    )
    assert hand.assist.readiness is Readiness.READY
    hand.answer("Download")
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)


def test_a_text_that_was_left_behind_finds_nothing_in_another_image(hand: AssistedHand) -> None:
    hand.settings.set("assist_text_model", "sam3:latest")
    find(hand, "fig")
    hand.answer("Download")
    hand.until(lambda: hand.assist.readiness is Readiness.DOWNLOADING)
    hand.show("b.jpg")
    hand.go()
    hand.until(lambda: hand.assist.readiness is Readiness.READY)

    assert hand.labels.instances == ()
    assert not any(one["text"] for one in hand.asked if one["job"] == "assist")


def test_a_picture_of_another_size_than_its_labels_is_not_asked_about(
    hand: AssistedHand,
) -> None:
    hand.canvas.show_image(np.full((30, 40, 3), 128, np.uint8))
    hand.click(20, 20)

    assert "another size than its labels" in hand.told[-1]
    assert not hand.assist.is_asked
