"""Keeping what is drawn to neighbours and to the image's edge."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, Part
from gui.canvas.view import Canvas
from gui.main_window import MainWindow
from gui.main_window.tool_strip import ToolStrip
from gui.settings import Settings
from tests.gui.hand import Hand, square

# a neighbour with a wavy right border, from (200, 50) down to (200, 250)
WAVY = [(100, 50), (200, 50), (215, 90), (190, 130), (220, 170), (195, 210), (200, 250), (100, 250)]
NEIGHBOUR = Instance("wavy", 1, (Part(WAVY),))


@pytest.fixture
def hand_on(qtbot: QtBot) -> Callable[..., Hand]:
    def made(*instances: Instance) -> Hand:
        hand = Hand(qtbot, *instances)
        hand.canvas.set_tool("polygon")
        hand.canvas.stage.snapping.set_value(True)
        return hand

    return made


def newest(hand: Hand) -> shapely.Polygon:
    (part,) = hand.labels.instances[-1].parts
    return shapely.Polygon(part.outer)


def outline(hand: Hand, instance_id: str) -> shapely.Polygon:
    (part,) = hand.labels.instance(instance_id).parts
    return shapely.Polygon(part.outer)


def assert_they_meet_along(hand: Hand, border: list[tuple[float, float]]) -> None:
    """No overlap, and no gap: the border between is the neighbour's, point by point."""
    one, other = newest(hand), outline(hand, "wavy")
    assert one.intersection(other).area == pytest.approx(0, abs=1e-6)
    assert shapely.LineString(border).buffer(1e-6).within(one.boundary.buffer(1e-5))
    assert one.union(other).area == pytest.approx(one.area + other.area)
    # a gap would be a hole of the two together, or a slit that keeps them apart
    together = shapely.union_all([one.buffer(1e-6), other.buffer(1e-6)])
    assert together.geom_type == "Polygon"
    assert len(together.interiors) == 0


def test_a_point_goes_to_the_vertex_of_a_neighbour_in_reach(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"))

    for point in [(143, 104), (200, 100), (200, 200)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert newest(hand).exterior.coords[0] == (140, 100)


def test_a_point_goes_to_the_border_of_a_neighbour_in_reach(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"))

    for point in [(145, 120), (200, 100), (200, 200)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert newest(hand).exterior.coords[0] == (140, 120)


def test_a_point_goes_to_the_edge_of_the_image(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on()

    for point in [(5, 4), (394, 100), (100, 294)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert list(newest(hand).exterior.coords)[:3] == [(0, 0), (400, 100), (100, 300)]


def test_with_snapping_off_points_stay(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"))
    hand.canvas.stage.snapping.set_value(False)

    for point in [(143, 104), (200, 100), (200, 200)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert newest(hand).exterior.coords[0] == (143, 104)


def test_out_of_reach_and_hidden_neighbours_draw_nothing(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"), square(220, 100, "b"))
    hand.document.marks.set_hidden(["b"])

    for point in [(152, 100), (262, 102), (200, 200)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert list(newest(hand).exterior.coords)[:2] == [(152, 100), (262, 102)]


def test_between_two_points_of_one_border_the_border_is_followed(
    hand_on: Callable[..., Hand],
) -> None:
    hand = hand_on(NEIGHBOUR)

    for point in [(202, 52), (202, 248), (320, 250), (320, 50)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert_they_meet_along(hand, WAVY[1:7])


def test_points_in_the_middle_of_edges_are_followed_too(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)

    for point in [(209, 70), (199, 230), (320, 230), (320, 70)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert_they_meet_along(hand, WAVY[2:6])


def test_an_outline_round_to_the_same_border_closes_along_it(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)

    for point in [(202, 52), (320, 50), (320, 250), (202, 248)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert_they_meet_along(hand, WAVY[1:7])


def test_a_stroke_from_border_to_border_closes_along_it(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)

    hand.stroke((202, 52), (300, 60), (330, 150), (300, 240), (202, 248))
    hand.key(Qt.Key.Key_Return)

    assert_they_meet_along(hand, WAVY[1:7])


def test_closing_leaves_the_neighbour_out_also_where_that_is_the_longer_way(
    hand_on: Callable[..., Hand],
) -> None:
    hand = hand_on(square(150, 100, "a", side=60))

    # from the top border round almost the whole square, and back to the top border
    for point in [(165, 100), (165, 60), (90, 60), (90, 240), (290, 240), (290, 60), (195, 60)]:
        hand.click(*point)
    hand.click(195, 100)
    hand.key(Qt.Key.Key_Return)

    assert newest(hand).intersection(outline(hand, "a")).area == pytest.approx(0, abs=1e-6)
    assert newest(hand).touches(outline(hand, "a"))


@pytest.mark.parametrize("by", ["tab", "wheel"])
def test_tab_or_the_wheel_takes_the_other_way_round(hand_on: Callable[..., Hand], by: str) -> None:
    hand = hand_on(square(150, 100, "a", side=60))
    hand.click(150, 100)
    hand.move(210, 100)
    zoom = hand.canvas.zoom

    if by == "tab":
        hand.key(Qt.Key.Key_Tab)
    else:
        hand.wheel(210, 100, 1)
    hand.click(210, 100)
    hand.click(180, 60)
    hand.key(Qt.Key.Key_Return)

    assert hand.canvas.zoom == zoom
    wanted = shapely.Polygon([(150, 100), (150, 160), (210, 160), (210, 100), (180, 60)])
    assert newest(hand).equals(wanted)


def test_backspace_takes_a_followed_border_back(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)
    hand.click(202, 52)
    hand.click(202, 248)
    hand.key(Qt.Key.Key_Backspace)
    hand.click(320, 50)
    hand.click(320, 150)

    hand.key(Qt.Key.Key_Return)

    assert len(newest(hand).exterior.coords) == 4


def test_a_border_alone_closes_straight(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)
    hand.click(189, 130)
    hand.click(194, 210)

    hand.key(Qt.Key.Key_Return)

    assert newest(hand).equals(shapely.Polygon(WAVY[3:6]))


def test_the_border_that_is_followed_shows_before_the_click(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)
    before = hand.pixel(220, 170)
    hand.click(202, 52)
    hand.move(202, 248)

    assert hand.pixel(220, 170) != before
    assert "Tab" in hand.canvas.hint


def test_a_vertex_that_is_moved_goes_to_the_neighbour(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"), square(200, 100, "b"))
    hand.canvas.set_tool("select")
    hand.document.select(["b"])

    hand.drag((200, 100), (144, 103))

    assert hand.ring("b")[0] == [140, 100]
    assert hand.document.undo_stack.count() == 1


def test_a_vertex_does_not_go_to_its_own_instance(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a", side=100))
    hand.canvas.set_tool("select")
    hand.document.select(["a"])

    hand.drag((100, 100), (195, 103))

    assert hand.ring("a")[0] == [195, 103]


def test_a_corner_of_a_box_goes_to_the_neighbour(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(square(100, 100, "a"))
    hand.canvas.set_tool("box")

    hand.drag((143, 102), (200, 144))

    assert newest(hand).bounds == (140, 100, 200, 144)


def test_what_is_between_goes_when_the_neighbour_goes(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on(NEIGHBOUR)
    hand.click(202, 52)
    hand.document.edit("Delete", lambda labels: edits.rejected(labels, ["wavy"]))

    for point in [(202, 248), (320, 250), (320, 50)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    assert len(newest(hand).exterior.coords) == 5


def test_the_switch_is_the_same_for_every_tool_that_snaps(hand_on: Callable[..., Hand]) -> None:
    hand = hand_on()
    tools = [hand.canvas.tools[name] for name in ("select", "polygon", "box", "ellipse")]

    assert all(hand.canvas.stage.snapping in tool.options for tool in tools)


def test_in_a_crowd_of_thousands_the_nearest_vertex_is_found(
    hand_on: Callable[..., Hand],
) -> None:
    random = np.random.default_rng(3)
    places = random.uniform((0, 0), (380, 280), (5000, 2))
    crowd = [square(x, y, f"c{n}", side=8) for n, (x, y) in enumerate(places)]
    corners = np.concatenate([one.parts[0].outer for one in crowd])
    hand = hand_on(*crowd)

    for point in [(40, 40), (300, 60), (200, 250)]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    first = newest(hand).exterior.coords[0]
    nearest = corners[np.hypot(*(corners - np.array((40, 40))).T).argmin()]
    assert first == pytest.approx(tuple(nearest))


def test_the_key_turns_it_on_and_it_is_remembered(
    qtbot: QtBot, opened: MainWindow, settings: Settings
) -> None:
    opened.canvas.set_tool("polygon")
    qtbot.keyClick(opened.canvas, Qt.Key.Key_J)

    assert opened.canvas.stage.snapping.value
    later = Canvas()
    qtbot.addWidget(later)
    qtbot.addWidget(ToolStrip(later, settings))
    assert later.stage.snapping.value


def test_the_key_says_what_it_did_where_no_switch_shows(qtbot: QtBot, opened: MainWindow) -> None:
    opened.canvas.set_tool("redraw")

    with qtbot.waitSignal(opened.canvas.refused) as told:
        qtbot.keyClick(opened.canvas, Qt.Key.Key_J)

    assert told.args[0].startswith("Snapping is on")
