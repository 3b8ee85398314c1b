"""Dragging boxes around objects, and a model outlines them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import AppError
from gui.canvas.tool_options import ChoiceOption
from tests.gui.assisted_hand import AssistedHand


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], AssistedHand]]:
    hands: list[AssistedHand] = []

    def make(model: str) -> AssistedHand:
        hands.append(AssistedHand(qtbot, tmp_path, model=model))
        hands[-1].take("assist_box")
        return hands[-1]

    yield make
    for hand in hands:
        hand.close()


@pytest.fixture
def hand(made: Callable[[str], AssistedHand]) -> AssistedHand:
    return made("efficientsam:10m")


def choose_own_weights(hand: AssistedHand, by: str = "weights") -> None:
    (option,) = hand.canvas.tools["assist_box"].options
    assert isinstance(option, ChoiceOption)
    option.set_value(by)


def test_one_drag_outlines_an_object(hand: AssistedHand) -> None:
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.ring(hand.labels.instances[0].id) == [[100, 60], [150, 90], [100, 120], [50, 90]]
    assert hand.document.undo_stack.count() == 1


def test_the_box_stands_until_the_answer_comes(made: Callable[[str], AssistedHand]) -> None:
    hand = made("sam:100m")
    grey = hand.pixel(100, 90)
    hand.drag((50, 60), (150, 120))
    assert hand.pixel(100, 90) != grey
    assert "Esc gives it up" in hand.canvas.hint
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)


def test_escape_gives_up_what_was_asked(made: Callable[[str], AssistedHand]) -> None:
    hand = made("sam:100m")
    hand.drag((50, 60), (150, 120))
    hand.key(Qt.Key.Key_Escape)

    assert not hand.assist.is_asked
    assert hand.canvas.tool == "assist_box"
    assert hand.labels.instances == ()


def test_boxes_that_are_dragged_meanwhile_are_outlined_one_after_the_other(
    made: Callable[[str], AssistedHand],
) -> None:
    hand = made("sam:100m")
    hand.drag((50, 60), (150, 120))
    hand.canvas.current_class_id = 2
    hand.drag((200, 60), (300, 120))
    hand.canvas.current_class_id = 1
    for count in (1, 2):
        hand.go()
        hand.until(lambda count=count: len(hand.labels.instances) == count)

    assert hand.box_of(0) == pytest.approx([50, 60, 150, 120], abs=1)
    assert hand.box_of(1) == pytest.approx([200, 60, 300, 120], abs=1)
    assert [one.class_id for one in hand.labels.instances] == [2, 1]
    assert hand.document.selection == {hand.labels.instances[1].id}


def test_without_a_class_the_next_box_waits_for_that_of_the_first(
    made: Callable[[str], AssistedHand],
) -> None:
    hand = made("sam:100m")
    hand.canvas.current_class_id = None
    hand.drag((50, 60), (150, 120))
    hand.drag((200, 60), (300, 120))
    with hand.qtbot.waitSignal(hand.canvas.class_wanted):
        hand.go()
    assert not hand.assist.is_asked
    hand.canvas.current_class_id = 2
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 2)


def test_escape_drops_the_box_that_is_dragged_and_no_other(
    made: Callable[[str], AssistedHand],
) -> None:
    hand = made("sam:100m")
    hand.drag((50, 60), (150, 120))
    hand.press(200, 60)
    hand.move(300, 120)
    hand.key(Qt.Key.Key_Escape)
    hand.release(300, 120)
    hand.go()
    hand.until_answered()

    assert len(hand.labels.instances) == 1


def test_an_answer_of_the_image_before_is_dropped(made: Callable[[str], AssistedHand]) -> None:
    hand = made("sam:100m")
    before = hand.document
    hand.drag((50, 60), (150, 120))
    hand.show("b.jpg")
    hand.drag((200, 60), (300, 120))
    hand.until(lambda: hand.asked[-1].get("box") is not None and "b.jpg" in hand.asked[-1]["image"])
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert before.labels.instances == ()


def test_a_click_is_no_box(hand: AssistedHand) -> None:
    hand.click(50, 60)

    assert not hand.assist.is_asked


def test_the_own_weights_outline_in_a_box(hand: AssistedHand) -> None:
    choose_own_weights(hand)
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.box_of() == [70, 60, 130, 120]
    assert hand.asked[-1]["job"] == "segment_box"
    assert hand.asked[-1]["engine"]["weights"] == "fake"


@pytest.mark.parametrize(
    ("by", "left", "class_id"),
    [("weights", 50, 1), ("weights_class", 50, 2), ("weights_class", 250, 1)],
)
def test_the_class_is_the_current_one_or_what_the_own_weights_see_as_the_class_map_says(
    hand: AssistedHand, by: str, left: int, class_id: int
) -> None:
    choose_own_weights(hand, by)
    hand.drag((left, 60), (left + 100, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.labels.instances[0].class_id == class_id


@pytest.mark.parametrize(
    ("by", "current", "names"),
    [("weights", 2, ["disc"]), ("weights", 1, []), ("weights_class", 2, [])],
)
def test_the_own_weights_outline_as_the_class_that_a_person_gives_where_they_know_it(
    hand: AssistedHand, by: str, current: int, names: list[str]
) -> None:
    choose_own_weights(hand, by)
    hand.canvas.current_class_id = current
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.asked[-1]["class_names"] == names


@pytest.mark.parametrize(("by", "is_selected"), [("weights", False), ("weights_class", True)])
def test_a_class_that_was_said_before_is_settled_and_the_next_is_for_the_next_box(
    hand: AssistedHand, by: str, *, is_selected: bool
) -> None:
    choose_own_weights(hand, by)
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert bool(hand.document.selection) is is_selected


def test_the_hint_says_why_the_own_weights_cannot(hand: AssistedHand) -> None:
    hand.own = AppError("These weights find boxes, not outlines.")
    choose_own_weights(hand)
    assert hand.canvas.hint == "These weights find boxes, not outlines."
    choose_own_weights(hand, "assist")
    assert "boxes, not outlines" not in hand.canvas.hint


def test_the_own_weights_need_no_assistant(made: Callable[[str], AssistedHand]) -> None:
    hand = made("sam2:small")
    choose_own_weights(hand)
    assert hand.canvas.hint == "Choose the class, then drag a box around the object."
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)


def test_weights_that_cannot_say_why(hand: AssistedHand) -> None:
    hand.own = AppError("These weights find boxes, not outlines.")
    choose_own_weights(hand)
    hand.drag((50, 60), (150, 120))

    assert hand.notices[-1].sentence == "These weights find boxes, not outlines."
    assert not hand.assist.is_asked
    assert hand.labels.instances == ()


def test_a_worker_that_died_lets_the_next_box_try_again(
    made: Callable[[str], AssistedHand],
) -> None:
    hand = made("sam2:large")
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: bool(hand.notices))
    assert "code 9" in hand.notices[-1].sentence

    hand.settings.set("assist_model", "efficientsam:10m")
    hand.drag((50, 60), (150, 120))
    hand.until(lambda: len(hand.labels.instances) == 1)
