"""The colour wand, by mouse and keyboard, against drawn objects."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import ImageLabels
from gui.document import Document
from tests.core.pixels.drawn import disc, iou, picture
from tests.gui.hand import SHIFT, SIZE_HW, Hand

ALT = Qt.KeyboardModifier.AltModifier
RIGHT_BUTTON = Qt.MouseButton.RightButton
LEFT, RIGHT = disc(centre=(110, 150), radius=60), disc(centre=(290, 150), radius=50, hole=20)
ON_LEFT, ON_RIGHT = (110, 150), (325, 150)


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot)
    hand.canvas.show_image(picture(LEFT | RIGHT))
    hand.canvas.zoom_to_actual()
    hand.canvas.set_tool("wand")
    return hand


def wait_for_one(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: len(hand.labels.instances) == 1)


def wait_for_preview(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: not hand.canvas.tools["wand"].bounds().isNull())


def test_a_click_shows_the_region_and_enter_keeps_it(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    wait_for_preview(hand)
    assert hand.labels.instances == ()
    hand.key(Qt.Key.Key_Return)

    (instance,) = hand.labels.instances
    assert iou(instance.parts, LEFT) > 0.96
    assert hand.document.undo_stack.count() == 1
    assert hand.canvas.tools["wand"].bounds().isNull()


def test_a_double_click_keeps_it_at_once(hand: Hand) -> None:
    hand.double_click(*ON_LEFT)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, LEFT) > 0.96


def test_shift_adds_and_alt_takes_away(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    hand.click(*ON_RIGHT, SHIFT)
    hand.click(*ON_LEFT, ALT)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    (instance,) = hand.labels.instances
    assert iou(instance.parts, RIGHT) > 0.94
    assert len(instance.parts[0].holes) == 1


def test_the_right_button_takes_away_and_begins_nothing(hand: Hand) -> None:
    viewport = hand.canvas.viewport()
    hand.qtbot.mouseClick(viewport, RIGHT_BUTTON, pos=hand.place(*ON_LEFT))
    assert "Click on a region" in hand.canvas.hint

    hand.click(*ON_LEFT)
    hand.click(*ON_RIGHT, SHIFT)
    hand.qtbot.mouseClick(viewport, RIGHT_BUTTON, pos=hand.place(*ON_LEFT))
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, RIGHT) > 0.94


def test_a_double_click_inside_keeps_what_was_added(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    hand.click(*ON_RIGHT, SHIFT)
    hand.qtbot.waitUntil(lambda: hand.canvas.tools["wand"].bounds().width() > 200)
    hand.double_click(*ON_LEFT)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, LEFT | RIGHT) > 0.95


def test_a_plain_click_elsewhere_begins_anew(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    wait_for_preview(hand)
    hand.click(*ON_RIGHT)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, RIGHT) > 0.94


def test_the_wheel_changes_the_tolerance_live(hand: Hand) -> None:
    (tolerance,) = hand.canvas.tools["wand"].options
    zoom = hand.canvas.zoom
    hand.click(*ON_LEFT)
    wait_for_preview(hand)
    narrow = hand.canvas.tools["wand"].bounds().width()
    hand.wheel(*ON_LEFT, notches=100)

    assert tolerance.value == 200
    assert hand.canvas.zoom == zoom
    hand.qtbot.waitUntil(lambda: hand.canvas.tools["wand"].bounds().width() > narrow + 100)


def test_the_wheel_zooms_while_nothing_is_picked(hand: Hand) -> None:
    zoom = hand.canvas.zoom
    hand.wheel(*ON_LEFT, notches=1)

    assert hand.canvas.zoom > zoom


def test_backspace_takes_the_last_click_back(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    hand.click(*ON_RIGHT, SHIFT)
    hand.key(Qt.Key.Key_Backspace)
    hand.key(Qt.Key.Key_Return)
    wait_for_one(hand)

    assert iou(hand.labels.instances[0].parts, LEFT) > 0.96


def test_escape_drops_the_region(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    wait_for_preview(hand)
    hand.key(Qt.Key.Key_Escape)

    assert hand.canvas.tools["wand"].bounds().isNull()
    assert hand.labels.instances == ()
    assert hand.canvas.tool == "wand"


def test_another_image_drops_the_region(hand: Hand) -> None:
    hand.click(*ON_LEFT)
    hand.canvas.set_document(Document("b.jpg", ImageLabels(SIZE_HW)))

    assert hand.canvas.tools["wand"].bounds().isNull()
    assert not hand.canvas.tools["wand"].commands()


def test_nothing_left_is_told_and_adds_nothing(hand: Hand) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    hand.click(*ON_LEFT)
    hand.click(*ON_LEFT, ALT)
    hand.key(Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: bool(told))

    assert hand.labels.instances == ()


def test_a_click_off_the_image_picks_nothing(hand: Hand) -> None:
    hand.click(-20, 40)

    assert not hand.canvas.tools["wand"].commands()


@pytest.mark.parametrize("size_hw", [None, (30, 40)])
def test_without_pixels_of_the_labels_a_sentence_says_what_to_do(
    hand: Hand, size_hw: tuple[int, int] | None
) -> None:
    told: list[str] = []
    hand.canvas.refused.connect(told.append)
    pixels = None if size_hw is None else np.zeros((*size_hw, 3), dtype=np.uint8)
    hand.canvas.show_image(pixels)
    hand.canvas.zoom_to_actual()
    hand.click(20, 20)

    assert "polygon" in told[0]
    assert not hand.canvas.tools["wand"].commands()


def test_a_picture_of_nine_pixels_breaks_nothing(hand: Hand) -> None:
    document = Document("tiny.png", ImageLabels((3, 3)))
    hand.canvas.set_document(document)
    hand.canvas.show_image(np.zeros((3, 3, 3), dtype=np.uint8))
    hand.click(1.5, 1.5)
    hand.key(Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: len(document.labels.instances) == 1)

    assert (document.labels.instances[0].parts[0].outer <= 3).all()


def test_the_strip_sets_the_tolerance_of_what_is_shown(hand: Hand) -> None:
    (tolerance,) = hand.canvas.tools["wand"].options
    hand.click(*ON_LEFT)
    wait_for_preview(hand)
    narrow = hand.canvas.tools["wand"].bounds().width()
    tolerance.set_value(200)

    hand.qtbot.waitUntil(lambda: hand.canvas.tools["wand"].bounds().width() > narrow + 100)
