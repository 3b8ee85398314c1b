"""Simplify and smooth: two sliders, a draft on the canvas, and one undo step."""

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.geometry import iou
from core.types import ImageLabels, Instance, Part
from gui.canvas.simplify_panel import SimplifyPanel, open_simplify_panel
from gui.document import Document
from tests.gui.hand import SIZE_HW, Hand, square


def bumpy(x: float, instance_id: str) -> Instance:
    angles = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    radii = 60 + 2 * np.sin(angles * 25)
    ring = np.stack([x + radii * np.cos(angles), 150 + radii * np.sin(angles)], axis=1)
    return Instance(instance_id, 1, (Part(ring),))


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, bumpy(100, "a"), bumpy(280, "b"))
    hand.document.select(["a"])
    return hand


def opened(hand: Hand) -> SimplifyPanel:
    panel = open_simplify_panel(hand.canvas)
    assert panel is not None
    wait(hand, panel)
    return panel


def wait(hand: Hand, panel: SimplifyPanel) -> None:
    hand.qtbot.waitUntil(panel.apply_button.isEnabled)


def n_vertices(hand: Hand, instance_id: str) -> int:
    return len(hand.labels.instance(instance_id).parts[0].outer)


def test_the_slider_says_how_many_vertices_are_left_and_how_near_they_are(hand: Hand) -> None:
    panel = opened(hand)

    panel.simplify_slider.setValue(10)
    wait(hand, panel)

    words = panel.words.text()
    assert words.startswith("300 \N{RIGHTWARDS ARROW} ")
    assert float(words.split("IoU ")[1]) >= 0.9
    assert hand.document.undo_stack.count() == 0


def test_apply_is_one_undo_step_and_keeps_the_iou_that_was_said(hand: Hand) -> None:
    before = hand.labels
    panel = opened(hand)
    panel.simplify_slider.setValue(10)
    wait(hand, panel)

    hand.qtbot.mouseClick(panel.apply_button, Qt.MouseButton.LeftButton)

    assert n_vertices(hand, "a") < 30
    assert n_vertices(hand, "b") == 300
    after = hand.labels.instance("a").parts
    assert iou(after, before.instance("a").parts) >= 0.9
    assert shapely.Polygon(after[0].outer).is_valid
    assert not panel.isVisible()
    hand.document.undo()
    assert hand.labels == before


def test_smoothing_takes_the_bumps(hand: Hand) -> None:
    panel = opened(hand)
    panel.smooth_slider.setValue(60)
    wait(hand, panel)

    panel.take()

    disk = Part(np.array(shapely.Point(100, 150).buffer(60).exterior.coords)[:-1])
    assert iou(hand.labels.instance("a").parts, (disk,)) > 0.98


def test_the_draft_shows_on_the_canvas_and_goes_with_cancel(hand: Hand) -> None:
    hand.document.select(["a"])
    panel = opened(hand)
    panel.simplify_slider.setValue(20)
    wait(hand, panel)
    hand.qtbot.waitUntil(lambda: hand.canvas.stage.held == {"a"})

    hand.qtbot.keyClick(panel.simplify_slider, Qt.Key.Key_Escape)

    assert hand.canvas.stage.held == frozenset()
    assert hand.document.undo_stack.count() == 0
    assert not panel.isVisible()


def test_enter_takes_it(hand: Hand) -> None:
    panel = opened(hand)

    hand.qtbot.keyClick(panel.simplify_slider, Qt.Key.Key_Return)

    assert hand.document.undo_stack.undoText() == "Simplify and smooth"


def test_it_follows_the_selection(hand: Hand) -> None:
    panel = opened(hand)

    hand.document.select(["a", "b"])
    wait(hand, panel)
    assert panel.words.text().startswith("600 ")

    hand.document.select(())
    assert not panel.apply_button.isEnabled()
    assert "Select" in panel.words.text()


def test_it_follows_edits_while_it_is_open(hand: Hand) -> None:
    panel = opened(hand)
    hand.document.select(["a", "b"])
    hand.document.edit_selected("Delete", lambda labels, ids: ImageLabels(SIZE_HW))

    assert not panel.apply_button.isEnabled()


def test_a_locked_instance_is_left_out(hand: Hand) -> None:
    hand.document.select(["a", "b"])
    hand.document.marks.set_locked(["a"])
    panel = opened(hand)

    panel.take()

    assert n_vertices(hand, "a") == 300
    assert n_vertices(hand, "b") < 300


def test_without_a_selection_a_sentence_says_what_to_do(hand: Hand) -> None:
    hand.document.select(())

    with hand.qtbot.waitSignal(hand.canvas.refused):
        assert open_simplify_panel(hand.canvas) is None


def test_opening_it_again_brings_the_same_one_to_the_front(hand: Hand) -> None:
    assert opened(hand) is opened(hand)


def test_another_tool_or_image_closes_it(hand: Hand) -> None:
    panel = opened(hand)
    hand.canvas.set_tool("polygon")
    assert not panel.isVisible()

    hand.canvas.set_tool("select")
    panel = opened(hand)
    # in the order of the window
    hand.canvas.show_image(np.full((*SIZE_HW, 3), 128, np.uint8))
    hand.canvas.set_document(Document("b.jpg", ImageLabels(SIZE_HW)))
    assert not panel.isVisible()


def test_it_closes_with_the_labels_that_it_is_about(hand: Hand) -> None:
    panel = opened(hand)

    hand.canvas.set_document(None)

    assert not panel.isVisible()


def test_thousands_of_vertices_are_worked_at_beside_the_window(qtbot: QtBot) -> None:
    angles = np.linspace(0, 2 * np.pi, 8000, endpoint=False)
    radii = 100 + np.random.default_rng(1).normal(0, 0.01, len(angles))
    ring = np.stack([200 + radii * np.cos(angles), 150 + radii * np.sin(angles)], axis=1)
    hand = Hand(qtbot, Instance("a", 1, (Part(ring),)), square(10, 10, "b"))
    hand.document.select(["a"])
    panel = opened(hand)

    panel.take()

    assert n_vertices(hand, "a") < 100
