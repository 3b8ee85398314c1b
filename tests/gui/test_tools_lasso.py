"""The magnetic lasso, by mouse and keyboard, against a drawn disc."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.geometry import parts_area
from core.types import ImageLabels
from gui.document import Document
from tests.core.pixels.drawn import disc, iou, n_vertices, picture
from tests.gui.hand import CTRL, SHIFT, SIZE_HW, Hand

MASK = disc()
ROUND = ((290, 150), (200, 240), (110, 150), (200, 60))


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.show_image(picture(MASK))
    hand.canvas.zoom_to_actual()
    hand.canvas.set_tool("lasso")
    return hand


def wait_for_one(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: len(hand.labels.instances) == 1)


def click_round(hand: Hand) -> None:
    for point in ROUND:
        hand.click(*point)


def test_four_clicks_and_enter_outline_a_disc(hand: Hand) -> None:
    click_round(hand)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    (instance,) = hand.labels.instances
    assert iou(instance.parts, MASK) > 0.96
    assert n_vertices(instance.parts) < 30
    assert hand.document.undo_stack.count() == 1
    assert hand.document.selection == {instance.id}


def test_a_click_on_the_first_point_closes(hand: Hand) -> None:
    click_round(hand)
    hand.click(293, 152)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_a_double_click_closes(hand: Hand) -> None:
    for point in ROUND[:3]:
        hand.click(*point)
    hand.double_click(*ROUND[3])
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_clicks_beside_the_border_are_put_on_it(hand: Hand) -> None:
    for point in ((295, 150), (200, 235), (105, 150), (200, 65)):
        hand.click(*point)
    hand.key(Qt.Key.Key_Enter)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_without_reach_a_click_stays_where_it_is(hand: Hand) -> None:
    (reach,) = hand.canvas.tools["lasso"].options
    reach.set_value(0)

    for point in ((200, 100), (300, 100), (300, 120)):
        hand.click(*point, SHIFT)
    hand.press(200, 100, SHIFT)
    wait_for_one(hand)

    assert [200.0, 100.0] in hand.labels.instances[0].parts[0].outer.round(6).tolist()


def test_a_drag_round_the_border_outlines_it(hand: Hand) -> None:
    round_about = [
        (200 + 93 * np.cos(angle), 150 + 93 * np.sin(angle))
        for angle in np.linspace(0, 2 * np.pi, 80)
    ]
    hand.press(*round_about[0])
    for point in round_about[1:]:
        hand.move(*point)
    hand.release(*round_about[-1])
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96
    assert not hand.canvas.tools["lasso"].commands()


def test_a_drag_that_ends_elsewhere_goes_on_with_clicks(hand: Hand) -> None:
    hand.press(*ROUND[0])
    for angle in np.linspace(0, np.pi / 2, 20):
        hand.move(200 + 90 * np.cos(angle), 150 + 90 * np.sin(angle))
    hand.release(*ROUND[1])
    for point in ROUND[2:]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_shift_draws_straight_lines(hand: Hand) -> None:
    for point in ((150, 100), (250, 100), (250, 200), (150, 200)):
        hand.click(*point, SHIFT)
    hand.press(150, 100, SHIFT)

    (instance,) = hand.labels.instances
    square = np.zeros(SIZE_HW, dtype=bool)
    square[100:200, 150:250] = True
    assert iou(instance.parts, square) > 0.99


def test_the_border_follows_the_edges_to_the_mouse(hand: Hand) -> None:
    hand.click(*ROUND[0])
    hand.move(*ROUND[1])
    tool = hand.canvas.tools["lasso"]

    # the arc bulges beyond the corner of the straight line's box only when it follows the disc
    hand.qtbot.waitUntil(lambda: tool.bounds().width() > 85 and _is_bent(hand))


def _is_bent(hand: Hand) -> bool:
    before = hand.pixel(*(200 + 90 * np.cos(np.pi / 4), 150 + 90 * np.sin(np.pi / 4)))
    return max(before) > 225 or min(before) < 40


def test_backspace_takes_the_last_point_back(hand: Hand) -> None:
    click_round(hand)
    hand.click(380, 20)
    hand.key(Qt.Key.Key_Backspace)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_ctrl_z_takes_points_back_to_the_first(hand: Hand) -> None:
    click_round(hand)
    for _ in ROUND:
        hand.key(Qt.Key.Key_Z, CTRL)

    assert hand.canvas.tools["lasso"].bounds().isNull()
    assert hand.canvas.hint.startswith("Click on the border")


def test_escape_drops_the_border(hand: Hand) -> None:
    click_round(hand)
    hand.key(Qt.Key.Key_Escape)

    assert hand.canvas.tool == "lasso"
    assert hand.canvas.tools["lasso"].bounds().isNull()
    assert hand.labels.instances == ()


def test_one_point_encloses_nothing_which_is_told(hand: Hand) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    hand.click(20, 20, SHIFT)
    hand.key(Qt.Key.Key_Return)

    hand.qtbot.waitUntil(lambda: bool(told))
    assert "enclosed" in told[0]
    assert hand.labels.instances == ()


def test_a_line_there_and_back_encloses_nothing_and_can_be_gone_on_with(hand: Hand) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    hand.click(20, 20, SHIFT)
    hand.click(60, 20, SHIFT)
    hand.click(22, 20, SHIFT)
    assert "enclosed" in told[0]
    hand.click(60, 60, SHIFT)
    hand.click(22, 20, SHIFT)

    (instance,) = hand.labels.instances
    assert parts_area(instance.parts) == pytest.approx(800, abs=20)


def test_a_border_half_drawn_waits_with_its_image(hand: Hand) -> None:
    for point in ROUND[:2]:
        hand.click(*point)
    other = Document("b.jpg", ImageLabels(SIZE_HW))
    hand.canvas.set_document(other)
    assert hand.canvas.tools["lasso"].bounds().isNull()
    hand.canvas.set_document(hand.document)
    for point in ROUND[2:]:
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96
    assert other.labels.instances == ()


@pytest.mark.parametrize("size_hw", [None, (30, 40)])
def test_without_pixels_of_the_labels_lines_are_straight(
    hand: Hand, size_hw: tuple[int, int] | None
) -> None:
    pixels = None if size_hw is None else np.zeros((*size_hw, 3), dtype=np.uint8)
    hand.canvas.show_image(pixels)
    hand.canvas.zoom_to_actual()
    for point in ((150, 100), (250, 100), (250, 200)):
        hand.click(*point)
    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert len(instance.parts[0].outer) == 3


def test_clicks_off_the_image_go_to_its_border(hand: Hand) -> None:
    for point in ((-30, 20), (450, 20), (450, 340), (-30, 340)):
        hand.click(*point, SHIFT)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    outer = hand.labels.instances[0].parts[0].outer
    assert (outer >= 0).all()
    assert (outer <= SIZE_HW[::-1]).all()


def test_a_picture_of_nine_pixels_breaks_nothing(hand: Hand) -> None:
    hand.canvas.set_document(Document("tiny.png", ImageLabels((3, 3))))
    hand.canvas.show_image(np.zeros((3, 3, 3), dtype=np.uint8))
    for point in ((0.2, 0.2), (2.8, 0.2), (2.8, 2.8)):
        hand.click(*point, SHIFT)
    hand.key(Qt.Key.Key_Return)

    document = hand.canvas.document
    assert document is not None
    hand.qtbot.waitUntil(lambda: len(document.labels.instances) == 1)
    assert (document.labels.instances[0].parts[0].outer <= 3).all()


def test_what_is_drawn_without_a_class_waits_for_one(hand: Hand) -> None:
    hand.canvas.current_class_id = None
    click_round(hand)
    with hand.qtbot.waitSignal(hand.canvas.class_wanted):
        hand.key(Qt.Key.Key_Return)
    hand.canvas.current_class_id = 2

    assert [one.class_id for one in hand.labels.instances] == [2]
