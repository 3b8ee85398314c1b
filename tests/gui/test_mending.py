"""What a person sees of edits that make outlines cross themselves, vanish or leave the image."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageLabels, Instance, Part
from gui.document import Document
from gui.session import Session
from tests.gui.hand import Hand, square

EIGHT = [(50, 50), (150, 150), (150, 50), (50, 150)]


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    hand = Hand(qtbot, square(100, 100, "a", side=100))
    hand.document.select(["a"])
    return hand


def test_a_vertex_dragged_through_the_other_side_is_one_step_and_told_once(hand: Hand) -> None:
    told: list[str] = []
    hand.document.mended.connect(told.append)

    hand.drag((100, 100), (250, 150))

    parts = hand.labels.instance("a").parts
    painted = shapely.Polygon([(250, 150), (200, 100), (200, 200), (100, 200)])
    assert not painted.is_valid
    assert all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)
    regions = shapely.union_all([shapely.Polygon(part.outer, part.holes) for part in parts])
    assert regions.symmetric_difference(shapely.make_valid(painted)).area < 1
    assert len(told) == 1
    hand.document.undo()
    assert hand.ring("a") == square(100, 100, "a", side=100).parts[0].outer.tolist()


def test_an_edit_that_leaves_no_area_is_refused_and_loses_nothing(hand: Hand) -> None:
    before = hand.labels

    with hand.qtbot.waitSignal(hand.document.refused) as refused:
        flat = (Part([[0, 0], [10, 10], [20, 20]]),)
        hand.document.edit("Flat", lambda labels: edits.with_parts(labels, "a", parts=flat))

    assert "without any area" in refused.args[0]
    assert hand.labels is before
    assert hand.document.undo_stack.count() == 0


def test_an_edit_off_the_image_is_refused_and_loses_nothing(hand: Hand) -> None:
    before = hand.labels

    with hand.qtbot.waitSignal(hand.document.refused) as refused:
        hand.document.edit(
            "Move", lambda labels: edits.with_instances_moved(labels, ["a"], by_xy=(900, 0))
        )

    assert "outside the image" in refused.args[0]
    assert hand.labels is before


def test_a_crossing_outline_of_a_file_stays_until_it_is_edited(qtbot: QtBot) -> None:
    crossing = Instance("a", 1, (Part(EIGHT),))
    document = Document("a.jpg", ImageLabels((300, 400), (crossing,)))

    document.edit("Class", lambda labels: edits.with_class_changed(labels, ["a"], class_id=2))
    assert document.labels.instance("a").parts is crossing.parts

    with qtbot.waitSignal(document.mended):
        document.edit(
            "Move", lambda labels: edits.with_instances_moved(labels, ["a"], by_xy=(1, 1))
        )
    assert len(document.labels.instance("a").parts) == 2


def test_a_paste_of_a_crossing_outline_is_mended(hand: Hand) -> None:
    pasted = Instance("p", 1, (Part(np.array(EIGHT)),))

    with hand.qtbot.waitSignal(hand.document.mended):
        hand.document.edit("Paste", lambda labels: edits.with_instances_added(labels, [pasted]))

    assert len(hand.labels.instance("p").parts) == 2


def test_the_window_says_that_an_outline_was_mended(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    document = session.document
    assert document is not None
    eight = Instance("e", 1, (Part(np.array(EIGHT) / 2),))

    with qtbot.waitSignal(session.told) as told:
        document.edit("Draw", lambda labels: edits.with_instance_added(labels, eight))

    assert told.args[0].startswith("The outline crossed itself")
