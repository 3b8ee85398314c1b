"""Drawing polygons by mouse and keyboard."""

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import AppError
from core.types import ImageLabels, InstanceState
from gui.document import Document
from tests.gui.hand import CTRL, SIZE_HW, Hand

CORNERS = [(50, 50), (150, 60), (120, 160)]


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.set_tool("polygon")
    return hand


def click_all(hand: Hand, points: list[tuple[int, int]]) -> None:
    for point in points:
        hand.click(*point)


def rings(labels: ImageLabels) -> list[list[list[float]]]:
    return [instance.parts[0].outer.tolist() for instance in labels.instances]


def test_a_click_on_the_first_point_closes(hand: Hand) -> None:
    click_all(hand, [*CORNERS, (53, 52)])

    assert np.array_equal(rings(hand.labels), [CORNERS])
    assert hand.document.undo_stack.count() == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_closes(hand: Hand, key: Qt.Key) -> None:
    click_all(hand, CORNERS)

    hand.key(key)

    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_a_double_click_adds_the_last_point_and_closes(hand: Hand) -> None:
    click_all(hand, CORNERS[:2])

    hand.double_click(*CORNERS[2])

    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_what_was_drawn_is_a_persons_of_the_current_class_and_selected(hand: Hand) -> None:
    hand.canvas.current_class_id = 2

    click_all(hand, [*CORNERS, CORNERS[0]])

    (instance,) = hand.labels.instances
    assert (instance.class_id, instance.state) == (2, InstanceState.DRAWN)
    assert hand.document.selection == {instance.id}


def test_the_tool_stays_for_the_next_polygon(hand: Hand) -> None:
    click_all(hand, [*CORNERS, CORNERS[0]])
    click_all(hand, [(200, 200), (300, 200), (250, 250), (200, 200)])

    assert len(hand.labels.instances) == 2


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Backspace,), (Qt.Key.Key_Z, CTRL)])
def test_the_last_point_can_be_taken_back(hand: Hand, keys: tuple[Qt.Key]) -> None:
    click_all(hand, [*CORNERS[:2], (300, 20)])

    hand.key(*keys)
    click_all(hand, [CORNERS[2], CORNERS[0]])

    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_escape_gives_up(hand: Hand) -> None:
    click_all(hand, CORNERS)

    hand.key(Qt.Key.Key_Escape)
    hand.key(Qt.Key.Key_Return)

    assert hand.labels.instances == ()


def test_escape_with_nothing_drawn_goes_back_to_selecting(hand: Hand) -> None:
    click_all(hand, CORNERS)

    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.tool == "polygon"
    hand.key(Qt.Key.Key_Escape)

    assert hand.canvas.tool == "select"


def test_the_first_point_of_an_outline_lets_go_of_the_one_before(hand: Hand) -> None:
    click_all(hand, [*CORNERS, CORNERS[0]])
    assert hand.document.selection

    hand.click(250, 200)

    assert not hand.document.selection


def test_with_two_points_it_does_not_close_and_says_why(hand: Hand) -> None:
    click_all(hand, CORNERS[:2])

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        hand.key(Qt.Key.Key_Return)
    assert "three points" in refusal.args[0]
    click_all(hand, [CORNERS[2], CORNERS[0]])

    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_points_on_one_line_are_no_polygon(hand: Hand) -> None:
    click_all(hand, [(50, 50), (100, 100), (150, 150)])

    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        hand.key(Qt.Key.Key_Return)

    assert "one line" in refusal.args[0]
    assert hand.labels.instances == ()


class FullDisk:
    """Refuses every edit while it is full."""

    def __init__(self) -> None:
        self.is_full = True

    def __call__(self, _before: ImageLabels, _after: ImageLabels) -> None:
        if self.is_full:
            raise AppError("The disk is full.")


def test_an_outline_that_is_refused_stays_to_be_closed_later(hand: Hand) -> None:
    disk = FullDisk()
    document = Document("a.jpg", ImageLabels(SIZE_HW), before_change=disk)
    hand.canvas.set_document(document)
    click_all(hand, CORNERS)

    hand.key(Qt.Key.Key_Return)
    disk.is_full = False
    hand.key(Qt.Key.Key_Return)

    assert np.array_equal(rings(document.labels), [CORNERS])


def test_an_outline_without_a_class_that_is_refused_goes_on_waiting(hand: Hand) -> None:
    disk = FullDisk()
    document = Document("a.jpg", ImageLabels(SIZE_HW), before_change=disk)
    hand.canvas.set_document(document)
    hand.canvas.current_class_id = None
    click_all(hand, [*CORNERS, CORNERS[0]])

    hand.canvas.current_class_id = 1
    disk.is_full = False
    hand.canvas.current_class_id = 2

    assert np.array_equal(rings(document.labels), [CORNERS])


def test_a_figure_of_eight_is_mended_in_one_step_and_told_once(hand: Hand) -> None:
    eight = [(50, 50), (150, 150), (150, 50), (50, 150)]
    told: list[str] = []
    hand.document.mended.connect(told.append)
    click_all(hand, eight)

    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    halves = [shapely.Polygon(part.outer) for part in instance.parts]
    assert all(half.is_valid for half in halves)
    assert shapely.union_all(halves).equals(shapely.make_valid(shapely.Polygon(eight)))
    assert [sentence[:26] for sentence in told] == ["The outline crossed itself"]
    assert hand.document.undo_stack.count() == 1


def test_points_outside_the_image_go_to_its_border(hand: Hand) -> None:
    click_all(hand, [(-60, 100), (100, -80), (100, 100)])

    hand.key(Qt.Key.Key_Return)

    assert rings(hand.labels) == [[[0, 100], [100, 0], [100, 100]]]


def test_the_next_edge_follows_the_mouse(hand: Hand) -> None:
    hand.click(50, 100)
    before = hand.pixel(100, 100)

    hand.move(150, 100)

    assert hand.pixel(100, 100) != before


def test_a_half_drawn_polygon_waits_while_another_image_is_visited(hand: Hand) -> None:
    click_all(hand, CORNERS)
    other = Document("b.jpg", ImageLabels(SIZE_HW))

    hand.canvas.set_document(other)
    hand.key(Qt.Key.Key_Return)
    hand.canvas.set_document(hand.document)
    hand.key(Qt.Key.Key_Return)

    assert other.labels.instances == ()
    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_a_half_drawn_polygon_waits_while_another_tool_is_used(hand: Hand) -> None:
    click_all(hand, CORNERS)

    hand.canvas.set_tool("select")
    hand.click(300, 20)
    hand.canvas.set_tool("polygon")
    hand.key(Qt.Key.Key_Return)

    assert np.array_equal(rings(hand.labels), [CORNERS])


def test_without_a_class_it_is_asked_for_and_then_given(hand: Hand) -> None:
    hand.canvas.current_class_id = None

    with hand.qtbot.waitSignal(hand.canvas.class_wanted):
        click_all(hand, [*CORNERS, CORNERS[0]])
    assert hand.labels.instances == ()
    hand.canvas.current_class_id = 2

    assert [instance.class_id for instance in hand.labels.instances] == [2]


def test_what_got_no_class_can_be_dropped(hand: Hand) -> None:
    hand.canvas.current_class_id = None
    click_all(hand, [*CORNERS, CORNERS[0]])

    hand.canvas.drop_waiting()
    hand.canvas.current_class_id = 2

    assert hand.labels.instances == ()
