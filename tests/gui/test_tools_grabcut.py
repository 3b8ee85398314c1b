"""Cutting out of a box, by mouse and keyboard, against drawn objects."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.geometry import mask_of
from core.types import ImageLabels
from gui.document import Document
from tests.core.pixels.drawn import disc, iou, picture
from tests.gui.hand import SIZE_HW, Hand

ALT = Qt.KeyboardModifier.AltModifier
RIGHT_BUTTON = Qt.MouseButton.RightButton
MASK = disc()
CORNERS = ((95, 45), (305, 255))


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.show_image(picture(MASK))
    hand.canvas.zoom_to_actual()
    hand.canvas.set_tool("grabcut")
    return hand


def wait_for_one(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: len(hand.labels.instances) == 1)


def wait_until_found(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: hand.canvas.hint.startswith("Stroke"))


def test_a_box_and_enter_cut_the_object_out(hand: Hand) -> None:
    hand.drag(*CORNERS)
    wait_until_found(hand)
    assert hand.labels.instances == ()
    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert iou(instance.parts, MASK) > 0.96
    assert hand.document.undo_stack.count() == 1
    assert hand.document.selection == {instance.id}
    assert hand.canvas.tools["grabcut"].bounds().isNull()


def test_the_strip_says_that_it_is_found_before_the_mouse_moves(hand: Hand) -> None:
    said: list[str] = []
    hand.canvas.hint_changed.connect(said.append)
    hand.drag(*CORNERS)
    hand.qtbot.waitUntil(lambda: said[-1].startswith("Stroke"))

    assert "Looking for the object; Escape drops the box." in said


def test_enter_before_it_is_found_keeps_it_when_it_is(hand: Hand) -> None:
    hand.drag(*CORNERS)
    hand.key(Qt.Key.Key_Enter)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_a_click_beside_the_box_keeps_it(hand: Hand) -> None:
    hand.drag(*CORNERS)
    wait_until_found(hand)
    hand.click(350, 30)

    assert len(hand.labels.instances) == 1


def test_a_stroke_with_alt_takes_away_and_one_without_brings_back(hand: Hand) -> None:
    hand.drag(*CORNERS)
    wait_until_found(hand)
    hand.drag((180, 150), (220, 150), ALT)
    hand.qtbot.waitUntil(lambda: hand.pixel(200, 200) != hand.pixel(200, 150))
    hand.drag((150, 190), (250, 190))
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    covered = mask_of(hand.labels.instances[0].parts, SIZE_HW)
    assert not covered[148:152, 185:215].any()
    assert covered[188:192, 155:245].all()


def test_a_stroke_with_the_right_button_takes_away_and_begins_no_box(hand: Hand) -> None:
    viewport = hand.canvas.viewport()

    def stroke(start: tuple[int, int], end: tuple[int, int]) -> None:
        hand.qtbot.mousePress(viewport, RIGHT_BUTTON, pos=hand.place(*start))
        hand.move(*end)
        hand.qtbot.mouseRelease(viewport, RIGHT_BUTTON, pos=hand.place(*end))

    stroke(*CORNERS)
    assert hand.canvas.hint == "Drag a box around an object."

    hand.drag(*CORNERS)
    wait_until_found(hand)
    stroke((180, 150), (220, 150))
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    covered = mask_of(hand.labels.instances[0].parts, SIZE_HW)
    assert not covered[148:152, 185:215].any()
    assert covered.sum() > 0.8 * MASK.sum()


def test_strokes_during_a_search_are_not_lost(hand: Hand) -> None:
    hand.drag(*CORNERS)
    hand.drag((180, 150), (220, 150), ALT)
    hand.drag((180, 170), (220, 170), ALT)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    covered = mask_of(hand.labels.instances[0].parts, SIZE_HW)
    assert not covered[148:152, 185:215].any()
    assert not covered[168:172, 185:215].any()


def test_backspace_takes_the_last_stroke_back(hand: Hand) -> None:
    hand.drag(*CORNERS)
    wait_until_found(hand)
    hand.drag((180, 150), (220, 150), ALT)
    wait_until_found(hand)
    hand.key(Qt.Key.Key_Backspace)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.96


def test_backspace_without_strokes_drops_the_box(hand: Hand) -> None:
    hand.drag(*CORNERS)
    hand.key(Qt.Key.Key_Backspace)

    assert hand.canvas.tools["grabcut"].bounds().isNull()


def test_escape_drops_it_and_the_search_with_it(hand: Hand) -> None:
    hand.drag(*CORNERS)
    hand.key(Qt.Key.Key_Escape)
    hand.drag((20, 20), (60, 60))
    wait_until_found(hand)

    assert hand.canvas.tools["grabcut"].bounds().right() < 100
    assert hand.labels.instances == ()


def test_escape_while_the_box_is_pulled_gives_it_up(hand: Hand) -> None:
    hand.press(95, 45)
    hand.move(305, 255)
    hand.key(Qt.Key.Key_Escape)
    hand.release(305, 255)

    assert hand.canvas.tools["grabcut"].bounds().isNull()


def test_a_click_makes_no_box(hand: Hand) -> None:
    hand.click(200, 150)

    assert not hand.canvas.tools["grabcut"].commands()


def test_where_nothing_stands_out_a_sentence_says_so_and_strokes_help(hand: Hand) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    hand.canvas.show_image(np.full((*SIZE_HW, 3), 90, dtype=np.uint8))
    hand.canvas.zoom_to_actual()
    hand.drag((100, 100), (200, 200))
    hand.drag((95, 150), (205, 150), ALT)
    hand.drag((120, 150), (180, 150))
    hand.key(Qt.Key.Key_Return)

    hand.qtbot.waitUntil(lambda: bool(told) or bool(hand.labels.instances))


def test_the_wheel_sets_the_width_of_strokes_while_a_box_is_there(hand: Hand) -> None:
    width = next(one for one in hand.canvas.tools["grabcut"].options if one.name == "stroke")
    zoom = hand.canvas.zoom
    hand.drag(*CORNERS)
    hand.wheel(200, 150, notches=3)

    assert width.value == 18
    assert hand.canvas.zoom == zoom


@pytest.mark.parametrize("size_hw", [None, (30, 40)])
def test_without_pixels_of_the_labels_a_sentence_says_what_to_do(
    hand: Hand, size_hw: tuple[int, int] | None
) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    pixels = None if size_hw is None else np.zeros((*size_hw, 3), dtype=np.uint8)
    hand.canvas.show_image(pixels)
    hand.canvas.zoom_to_actual()
    hand.drag((20, 20), (30, 30))

    assert "polygon" in told[0]
    assert not hand.canvas.tools["grabcut"].commands()


def test_a_picture_of_nine_pixels_breaks_nothing(hand: Hand) -> None:
    document = Document("tiny.png", ImageLabels((3, 3)))
    hand.canvas.set_document(document)
    pixels = np.zeros((3, 3, 3), dtype=np.uint8)
    pixels[1, 1] = 255
    hand.canvas.show_image(pixels)
    hand.drag((-1, -1), (4, 4))
    wait_until_found(hand)
    hand.key(Qt.Key.Key_Return)

    (instance,) = document.labels.instances
    assert (instance.parts[0].outer <= 3).all()


def test_a_box_that_reaches_off_the_image_ends_at_its_border(hand: Hand) -> None:
    hand.drag((95, -40), (305, 340))
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, MASK) > 0.9
