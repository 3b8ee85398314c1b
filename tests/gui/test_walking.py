"""Going from instance to instance with the keyboard."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.types import InstanceState
from gui.canvas.handlers import canvas_handlers
from tests.gui.hand import Hand, square

PREDICTED = InstanceState.PREDICTED


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    """Two predictions in an upper row, what a person drew in a lower one."""
    return Hand(
        qtbot,
        square(50, 200, "drawn"),
        replace(square(200, 50, "right"), state=PREDICTED),
        replace(square(50, 50, "left"), state=PREDICTED),
    )


@pytest.fixture
def do(hand: Hand) -> Callable[[str], set[str]]:
    handlers = canvas_handlers(hand.canvas)

    def do_it(name: str) -> set[str]:
        handlers[name]()
        return set(hand.document.selection)

    return do_it


def test_predictions_come_as_a_page_is_read(do: Callable[[str], set[str]]) -> None:
    assert [do("next_instance") for _ in range(3)] == [{"left"}, {"right"}, {"left"}]


def test_the_way_back_is_the_same(do: Callable[[str], set[str]]) -> None:
    assert [do("previous_instance") for _ in range(3)] == [{"right"}, {"left"}, {"right"}]


def test_after_accepting_one_comes_the_next(hand: Hand, do: Callable[[str], set[str]]) -> None:
    (first,) = do("next_instance")
    hand.document.edit("Accept", lambda now: edits.accepted(now, [first]))
    assert do("next_instance") == {"right"}


def test_when_all_were_looked_at_every_instance_comes(
    hand: Hand, do: Callable[[str], set[str]]
) -> None:
    hand.document.edit("Accept all", edits.all_accepted)
    assert [do("next_instance") for _ in range(3)] == [{"left"}, {"right"}, {"drawn"}]


def test_what_is_hidden_or_locked_is_passed_over(hand: Hand, do: Callable[[str], set[str]]) -> None:
    hand.document.marks.set_hidden(["left"])
    assert do("next_instance") == {"right"}
    hand.document.marks.set_locked(["right"])
    assert do("next_instance") == {"drawn"}


def test_what_is_out_of_view_is_brought_into_it(hand: Hand, do: Callable[[str], set[str]]) -> None:
    hand.canvas.zoom_by(16)
    zoom = hand.canvas.zoom
    do("next_instance")
    bounds = square(50, 50, "left").parts[0].outer
    middle = hand.canvas.visible_rect().center().toTuple()
    assert middle == pytest.approx(bounds.mean(axis=0).tolist(), abs=1)
    assert hand.canvas.zoom == zoom


def test_without_an_instance_the_person_is_told(hand: Hand, do: Callable[[str], set[str]]) -> None:
    hand.document.marks.set_hidden(["left", "right", "drawn"])
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        do("next_instance")
    assert "no instance" in refusal.args[0]
