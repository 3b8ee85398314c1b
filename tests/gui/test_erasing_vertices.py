"""Erasing vertices of the selected by dragging over them with Alt."""

import math

import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import Instance, Part
from tests.gui.hand import ALT, Hand, square

COMB = [(50, 100), (90, 100), (100, 60), (110, 100), (150, 100), (150, 200), (50, 200)]


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, Instance("a", 1, (Part(COMB),)), square(200, 100, "b"))
    hand.document.select(["a"])
    return hand


def test_a_drag_with_alt_erases_what_it_passes_in_one_step(hand: Hand) -> None:
    hand.stroke((88, 98), (100, 60), (111, 102), press=ALT)

    assert hand.ring("a") == [[50, 100], [150, 100], [150, 200], [50, 200]]
    assert hand.document.undo_stack.count() == 1
    hand.document.undo()
    assert hand.ring("a") == [list(point) for point in COMB]


def test_a_switch_does_what_alt_does_for_desktops_that_take_it(hand: Hand) -> None:
    (switch,) = (
        one for one in hand.canvas.tools["select"].options if one.name == "erases_vertices"
    )
    switch.set_value(True)
    hand.stroke((88, 98), (100, 60), (111, 102))
    assert hand.ring("a") == [[50, 100], [150, 100], [150, 200], [50, 200]]

    hand.canvas.set_tool("polygon")
    assert not switch.value


def test_a_fast_drag_erases_between_two_places_of_the_mouse(hand: Hand) -> None:
    hand.press(80, 110, ALT)
    hand.move(120, 90)
    hand.release(120, 90)

    assert [90, 100] not in hand.ring("a")
    assert [110, 100] not in hand.ring("a")


def test_what_is_not_selected_keeps_its_vertices(hand: Hand) -> None:
    hand.stroke((195, 95), (245, 95), press=ALT)

    assert hand.document.undo_stack.count() == 0
    assert hand.ring("b") == square(200, 100, "b").parts[0].outer.tolist()


def test_the_outline_without_them_shows_before_the_release(hand: Hand) -> None:
    before = hand.pixel(100, 80)
    hand.press(100, 60, ALT)

    assert hand.pixel(100, 80) != before
    assert hand.document.undo_stack.count() == 0


def test_escape_keeps_them(hand: Hand) -> None:
    hand.press(100, 60, ALT)
    hand.key(Qt.Key.Key_Escape)
    hand.release(100, 60)

    assert hand.document.undo_stack.count() == 0


def test_an_outline_left_with_two_vertices_goes_and_that_is_said(hand: Hand) -> None:
    said: list[str] = []
    hand.canvas.refused.connect(said.append)
    hand.document.select(["b"])

    hand.stroke((195, 100), (245, 100), (245, 140), press=ALT)

    assert [one.id for one in hand.labels.instances] == ["a"]
    assert said == ["Nothing was left of the instance, so it is deleted."]


def test_thousands_of_vertices_are_erased(qtbot: QtBot) -> None:
    ring = [
        (200 + 90 * math.cos(n / 3000 * 2 * math.pi), 150 + 90 * math.sin(n / 3000 * 2 * math.pi))
        for n in range(3000)
    ]
    hand = Hand(qtbot, Instance("a", 1, (Part(ring),)))
    hand.document.select(["a"])

    hand.stroke((290, 100), (290, 200), press=ALT)

    (part,) = hand.labels.instance("a").parts
    assert shapely.Polygon(part.outer).is_valid
    assert 2000 < len(part.outer) < 3000
    assert Qt.CursorShape.CrossCursor is not hand.canvas.viewport().cursor().shape()
