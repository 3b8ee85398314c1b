"""Painting and erasing by mouse and keyboard."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core import edits
from core.geometry import parts_area
from core.geometry.regions import region_of
from core.types import Instance, InstanceState
from gui.canvas.brushing import PaintingTool
from tests.gui.hand import Hand, square

ALT = Qt.KeyboardModifier.AltModifier
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, square(100, 100, "a", side=100), square(250, 100, "b", side=100))
    with_brush(hand, "brush", size=20)
    return hand


def with_brush(hand: Hand, tool: str, *, size: int) -> PaintingTool:
    hand.canvas.set_tool(tool)
    made = hand.canvas.tools[tool]
    assert isinstance(made, PaintingTool)
    made.size.set_value(size)
    return made


def stroke(hand: Hand, *way: tuple[float, float]) -> None:
    """Along a way, with the right button."""
    viewport = hand.canvas.viewport()
    hand.qtbot.mousePress(viewport, RIGHT, pos=hand.place(*way[0]))
    for at in way[1:]:
        hand.move(*at)
    hand.qtbot.mouseRelease(viewport, RIGHT, pos=hand.place(*way[-1]))


def area(hand: Hand, name: str) -> float:
    return parts_area(hand.labels.instance(name).parts)


def refusals(hand: Hand) -> list[str]:
    said: list[str] = []
    hand.canvas.refused.connect(said.append)
    return said


def brushed(*way: tuple[float, float], size: float = 20) -> shapely.Geometry:
    return shapely.LineString(way).buffer(size / 2, quad_segs=32)


def test_a_stroke_with_nothing_selected_is_a_new_instance_of_the_class(hand: Hand) -> None:
    hand.drag((40, 30), (140, 60))

    new = hand.labels.instances[-1]
    assert (new.class_id, new.state) == (1, InstanceState.DRAWN)
    exact = brushed((40, 30), (140, 60))
    assert region_of(new.parts).symmetric_difference(exact).area < 0.02 * exact.area
    assert len(new.parts[0].outer) < 30
    assert hand.document.selection == {new.id}
    assert hand.document.undo_stack.count() == 1


def test_strokes_that_follow_add_to_the_new_instance_until_it_is_let_go(hand: Hand) -> None:
    hand.drag((40, 30), (140, 30))
    hand.drag((40, 60), (140, 60))
    assert len(hand.labels.instances) == 3
    assert len(hand.labels.instances[-1].parts) == 2

    hand.key(Qt.Key.Key_Escape)
    hand.drag((40, 250), (140, 250))

    assert hand.canvas.tool == "brush"
    assert len(hand.labels.instances) == 4


def test_a_click_is_a_dab(hand: Hand) -> None:
    hand.click(40, 30)

    assert parts_area(hand.labels.instances[-1].parts) == pytest.approx(np.pi * 100, rel=0.02)


def test_a_stroke_adds_to_the_selected_instance_in_one_step(hand: Hand) -> None:
    hand.document.select(["a"])

    hand.drag((150, 150), (230, 150))

    exact = region_of(square(100, 100, "a", side=100).parts) | brushed((150, 150), (230, 150))
    assert area(hand, "a") == pytest.approx(exact.area, rel=0.005)
    assert {(100, 100), (200, 100), (200, 200), (100, 200)} <= set(map(tuple, hand.ring("a")))
    assert hand.document.undo_stack.count() == 1
    hand.document.undo()
    assert hand.labels.instance("a") == square(100, 100, "a", side=100)


@pytest.mark.parametrize("how", ["alt", "right button", "eraser"])
def test_what_is_erased_makes_a_hole(hand: Hand, how: str) -> None:
    hand.document.select(["a"])
    if how == "alt":
        hand.drag((130, 150), (170, 150), ALT)
    elif how == "right button":
        stroke(hand, (130, 150), (170, 150))
    else:
        with_brush(hand, "eraser", size=20)
        hand.drag((130, 150), (170, 150))

    (part,) = hand.labels.instance("a").parts
    assert len(part.holes) == 1
    assert area(hand, "a") == pytest.approx(10000 - brushed((130, 150), (170, 150)).area, rel=0.005)
    assert hand.document.undo_stack.count() == 1


def test_erasing_right_across_makes_two_parts(hand: Hand) -> None:
    hand.document.select(["a"])

    stroke(hand, (150, 80), (150, 150), (150, 220))

    assert len(hand.labels.instance("a").parts) == 2


def test_the_eraser_takes_from_all_selected(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    with_brush(hand, "eraser", size=20)

    hand.drag((90, 150), (360, 150))

    assert area(hand, "a") == area(hand, "b") == pytest.approx(8000, rel=0.02)


def test_the_eraser_takes_from_what_it_begins_on_where_none_is_selected(hand: Hand) -> None:
    with_brush(hand, "eraser", size=20)

    hand.drag((190, 150), (260, 150))

    assert area(hand, "a") < 10000
    assert area(hand, "b") == 10000


def test_beside_all_instances_the_eraser_says_what_to_do(hand: Hand) -> None:
    said = refusals(hand)
    with_brush(hand, "eraser", size=20)

    hand.drag((30, 30), (150, 150))

    assert "Begin on the instance" in said[-1]
    assert hand.document.undo_stack.count() == 0


def test_an_instance_that_is_erased_wholly_is_gone_and_it_is_said(qtbot: QtBot) -> None:
    predicted = Instance("p", 1, square(100, 100, "p").parts, state=InstanceState.PREDICTED)
    hand = Hand(qtbot, predicted)
    said = refusals(hand)
    with_brush(hand, "eraser", size=100)

    hand.drag((110, 120), (130, 120))

    assert hand.labels.instances == ()
    assert hand.labels.rejected == (predicted,)
    assert said == ["Nothing was left of the instance, so it is deleted."]
    hand.document.undo()
    assert hand.labels.instances == (predicted,)


def test_of_several_selected_the_one_is_painted_that_the_stroke_begins_on(hand: Hand) -> None:
    said = refusals(hand)
    hand.document.select(["a", "b"])

    hand.drag((190, 150), (220, 150))
    hand.drag((220, 250), (230, 250))

    assert area(hand, "a") > 10000
    assert area(hand, "b") == 10000
    assert len(said) == 1
    assert len(hand.labels.instances) == 2


def test_what_is_locked_is_neither_painted_nor_erased(hand: Hand) -> None:
    said = refusals(hand)
    hand.document.select(["a"])
    hand.document.marks.set_locked(["a"])

    hand.drag((150, 150), (230, 150))
    hand.drag((150, 150), (230, 150), ALT)

    assert area(hand, "a") == 10000
    assert len(said) == 2
    assert "locked" in said[0]


def test_painting_ends_at_the_border_of_the_image(hand: Hand) -> None:
    hand.drag((380, 20), (500, 20))

    assert hand.labels.instances[-1].parts[0].outer.max(axis=0)[0] == 400


def test_a_stroke_beside_the_image_is_nothing(hand: Hand) -> None:
    hand.drag((450, 20), (500, 20))

    assert len(hand.labels.instances) == 2


@pytest.mark.parametrize("give_up", ["Escape", "undo", "another tool", "gone", "locked"])
def test_a_stroke_can_be_given_up(hand: Hand, give_up: str) -> None:
    hand.document.select(["a"])
    hand.press(150, 150)
    hand.move(230, 150)
    if give_up == "Escape":
        hand.key(Qt.Key.Key_Escape)
    elif give_up == "undo":
        hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    elif give_up == "another tool":
        hand.canvas.set_tool("select")
    elif give_up == "gone":
        hand.document.edit("Delete", lambda now: edits.without_instances(now, {"a"}))
    else:
        hand.document.marks.set_locked(["a"])
    before = hand.labels

    hand.release(230, 150)

    assert hand.labels is before


def test_the_wheel_and_keys_set_the_size(hand: Hand) -> None:
    brush = with_brush(hand, "brush", size=20)
    zoom = hand.canvas.zoom
    sizes = []
    for act in (
        lambda: hand.wheel(100, 100, 1),
        lambda: hand.wheel(100, 100, -1),
        lambda: hand.key(Qt.Key.Key_Apostrophe),
        lambda: hand.key(Qt.Key.Key_Comma),
        lambda: hand.wheel(100, 100, 0.5),
        lambda: hand.wheel(100, 100, 0.5),
    ):
        act()
        sizes.append(brush.size.value)
    assert sizes == [23, 20, 23, 20, 20, 23]
    assert hand.canvas.zoom == zoom


def test_the_smallest_brush_can_grow_again(hand: Hand) -> None:
    brush = with_brush(hand, "brush", size=2)
    hand.key(Qt.Key.Key_Comma)
    hand.key(Qt.Key.Key_Comma)
    assert brush.size.value == 1
    hand.key(Qt.Key.Key_Apostrophe)
    assert brush.size.value == 2


def test_the_stroke_shows_while_it_is_painted_in_the_colour_of_its_class(hand: Hand) -> None:
    hand.document.select(["a"])
    before = hand.pixel(230, 150)
    hand.press(210, 150)
    hand.move(240, 150)
    hand.move(245, 150)
    red, _, blue = hand.pixel(225, 150)
    assert red > before[0]
    assert blue < before[2]
    hand.key(Qt.Key.Key_Escape)
    assert hand.pixel(225, 150) == before
    hand.release(245, 150)


def test_a_stroke_that_crosses_itself_does_not_grow_darker(hand: Hand) -> None:
    hand.press(40, 30)
    for way in pairwise([(40, 30), (80, 30), (80, 60), (60, 60), (60, 10), (90, 10)]):
        hand.move(*way[1])
    assert hand.pixel(50, 30) == hand.pixel(60, 30)
    hand.release(90, 10)


def test_without_a_class_a_stroke_waits_for_one(hand: Hand) -> None:
    hand.canvas.current_class_id = None
    with hand.qtbot.waitSignal(hand.canvas.class_wanted):
        hand.drag((40, 30), (140, 30))
    assert len(hand.labels.instances) == 2
    hand.canvas.current_class_id = 2
    assert hand.labels.instances[-1].class_id == 2


def test_the_hint_says_what_a_stroke_does(hand: Hand) -> None:
    assert "new instance" in hand.canvas.hint
    hand.document.select(["a"])
    assert "add to the selected" in hand.canvas.hint
    with_brush(hand, "eraser", size=20)
    assert "erase from the selected" in hand.canvas.hint


def test_the_ring_shows_the_size_until_the_mouse_leaves_the_image(hand: Hand) -> None:
    def seen() -> QImage:
        return hand.canvas.viewport().grab().toImage()

    before = seen()
    hand.move(41, 31)
    hand.move(40, 30)
    assert seen() != before
    QApplication.sendEvent(hand.canvas.viewport(), QEvent(QEvent.Type.Leave))
    assert seen() == before
    hand.move(42, 32)
    assert seen() != before
    hand.canvas.set_tool("select")
    assert seen() == before
