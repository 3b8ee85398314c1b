"""What the commands on regions say where they do nothing, and what they leave alone."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from core.geometry import parts_area
from gui.actions import ACTIONS
from gui.canvas.commands import all_commands
from gui.canvas.commands.regions import COMMANDS
from gui.canvas.tool_options import NumberOption
from gui.canvas.view import Canvas
from tests.gui.hand import Hand, square


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    return Hand(
        qtbot,
        square(100, 100, "back", side=100),
        square(150, 100, "front", side=100),
        square(160, 110, "inside", side=10),
        square(300, 100, "far"),
    )


@pytest.fixture
def said(hand: Hand) -> list[str]:
    sentences: list[str] = []
    hand.canvas.refused.connect(sentences.append)
    return sentences


def run(hand: Hand, name: str, *ids: str) -> None:
    hand.document.select(ids)
    all_commands()[name](hand.canvas)


def test_every_command_has_its_row() -> None:
    assert {spec.name for spec in ACTIONS} >= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_with_nothing_selected_it_is_said_what_to_do(
    hand: Hand, said: list[str], name: str
) -> None:
    run(hand, name)
    assert said == ["Select the instances first, on the canvas or in the list."]
    assert hand.document.undo_stack.count() == 0


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_without_an_image_nothing_happens(
    hand: Hand, said: list[str], command: Callable[[Canvas], None]
) -> None:
    hand.canvas.set_document(None)
    command(hand.canvas)
    assert said == []


@pytest.mark.parametrize(
    ("name", "ids", "sentence"),
    [
        ("fill_holes", ["far"], "no holes"),
        ("drop_specks", ["far"], "smaller than 5 %"),
        ("split_parts", ["far"], "one part already"),
        ("to_front", ["far"], "in front already"),
        ("to_back", ["back"], "at the back already"),
        ("unite", ["far"], "at least two"),
        ("intersect", ["far", "back"], "nothing in common"),
        ("subtract", ["far", "back"], "do not overlap"),
        ("take_away_below", ["far"], "Nothing lies under"),
    ],
)
def test_what_changes_nothing_says_why(
    hand: Hand, said: list[str], name: str, ids: list[str], sentence: str
) -> None:
    run(hand, name, *ids)
    assert len(said) == 1
    assert sentence in said[0]
    assert hand.document.undo_stack.count() == 0


def test_each_is_one_undo_step(hand: Hand) -> None:
    before = hand.labels
    run(hand, "unite", "back", "front", "inside")
    assert len(hand.labels.instances) == 2
    assert hand.document.undo_stack.count() == 1
    hand.document.undo()
    assert hand.labels is before


def test_taking_away_leaves_what_is_locked_or_hidden_or_wholly_covered_and_says_so(
    hand: Hand, said: list[str]
) -> None:
    hand.document.marks.set_locked(["back"])
    run(hand, "take_away_below", "front")
    assert hand.document.undo_stack.count() == 0
    assert said == [
        "1 instance lies under the selected and did not change, as it is locked or hidden.",
        "1 instance lies wholly under the selected and did not change: nothing would be left of it."
        " Delete it if not wanted.",
    ]

    hand.document.marks.set_locked([])
    run(hand, "take_away_below", "front")
    assert parts_area(hand.labels.instance("back").parts) == 5000
    assert parts_area(hand.labels.instance("front").parts) == 10000


def test_a_locked_one_is_left_out_of_a_union(hand: Hand, said: list[str]) -> None:
    hand.document.marks.set_locked(["inside"])
    run(hand, "unite", "back", "front", "inside")
    assert [one.id for one in hand.labels.instances] == ["front", "inside", "far"]
    assert "locked" in said[0]


def test_the_front_one_is_found_first_after_it_was_sent_there(hand: Hand) -> None:
    hand.canvas.set_tool("select")
    run(hand, "to_front", "back")
    hand.document.select(())
    hand.click(170, 150)
    assert hand.document.selection == {"back"}
    run(hand, "to_back", "back")
    hand.click(170, 150)
    assert hand.document.selection == {"front"}


def test_the_option_of_the_eraser_says_what_a_speck_is(hand: Hand, said: list[str]) -> None:
    run(hand, "join", "front", "far")
    (option,) = (one for one in hand.canvas.tools["eraser"].options if one.name == "specks")
    assert isinstance(option, NumberOption)
    option.set_value(15)
    run(hand, "drop_specks", "far")
    assert said[-1].startswith("No part of the selected is smaller than 15 %")
    option.set_value(17)
    run(hand, "drop_specks", "far")
    assert parts_area(hand.labels.instance("far").parts) == 10000
