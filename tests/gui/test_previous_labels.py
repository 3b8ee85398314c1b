"""Pasting the instances of the image before."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState, Part
from gui.document import Document
from gui.session import Session

PARTS = (Part([[10, 10], [50, 10], [50, 50]], ([[30, 15], [40, 15], [40, 25]],)),)


@pytest.fixture
def told(session: Session) -> list[str]:
    sentences: list[str] = []
    session.told.connect(sentences.append)
    return sentences


@pytest.fixture
def opened(
    session: Session, folder: Path, open_folder: Callable[[Path], None], told: list[str]
) -> Session:
    open_folder(folder)
    session.class_list.add("red")
    return session


def document(session: Session) -> Document:
    assert session.document is not None
    return session.document


def label(session: Session, *instances: Instance) -> None:
    document(session).edit("Draw", lambda now: edits.with_instances_added(now, instances))


def go_to(qtbot: QtBot, session: Session, key: str) -> None:
    session.open_image(key)
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == key)


def one(instance_id: str, parts: tuple[Part, ...] = PARTS) -> Instance:
    return Instance(instance_id, 1, parts, state=InstanceState.PREDICTED, score=0.5, crowd=True)


def test_all_come_in_one_step_as_a_persons_own(qtbot: QtBot, opened: Session) -> None:
    label(opened, one("a"), one("b"))
    go_to(qtbot, opened, "img_1.png")
    opened.previous.paste()

    pasted = document(opened).labels.instances
    assert [found.parts for found in pasted] == [PARTS, PARTS]
    assert {(found.state, found.score, found.crowd) for found in pasted} == {
        (InstanceState.DRAWN, None, True)
    }
    assert document(opened).selection == {found.id for found in pasted}
    document(opened).undo()
    assert document(opened).labels.instances == ()


def test_what_lies_on_disk_alone_is_read(
    qtbot: QtBot, opened: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    go_to(qtbot, opened, "img_2.png")
    label(opened, one("a"))
    qtbot.waitUntil(lambda: opened.is_all_saved)
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    open_folder(other)
    opened.set_order(["img_0.png", "img_2.png", "img_1.png"])
    go_to(qtbot, opened, "img_1.png")
    opened.previous.paste()

    qtbot.waitUntil(lambda: len(document(opened).labels.instances) == 1)
    assert document(opened).labels.instances[0].parts == PARTS


def test_the_first_image_has_none_before_it(opened: Session, told: list[str]) -> None:
    label(opened, one("a"))
    opened.previous.paste()

    assert "before" in told[-1]
    assert len(document(opened).labels.instances) == 1


def test_where_nothing_is_labelled_before_a_sentence_says_so(
    qtbot: QtBot, opened: Session, told: list[str]
) -> None:
    go_to(qtbot, opened, "img_1.png")
    opened.previous.paste()

    qtbot.waitUntil(lambda: bool(told) and "img_0.png" in told[-1])


def test_in_a_smaller_image_they_are_cut_and_the_outside_ones_named(
    qtbot: QtBot, opened: Session, folder: Path, told: list[str]
) -> None:
    outside = (Part([[80, 60], [100, 60], [100, 80]]),)
    label(opened, one("a"), one("b", outside))
    cv2.imwrite(str(folder / "img_0b.png"), np.zeros((30, 40, 3), np.uint8))
    opened.look_again()
    qtbot.waitUntil(lambda: "img_0b.png" in opened.keys)
    opened.set_order(["img_0.png", "img_0b.png"])
    go_to(qtbot, opened, "img_0b.png")
    opened.previous.paste()

    (pasted,) = document(opened).labels.instances
    assert pasted.parts[0].outer.max(axis=0).tolist() <= [40, 30]
    assert "1 instance of img_0.png" in told[-1]


def test_the_list_says_which_image_is_before(qtbot: QtBot, opened: Session) -> None:
    go_to(qtbot, opened, "img_2.png")
    label(opened, one("a"))
    opened.set_order(["img_2.png", "img_0.png"])
    go_to(qtbot, opened, "img_0.png")
    opened.previous.paste()

    assert len(document(opened).labels.instances) == 1


def test_without_a_folder_a_sentence_says_what_to_do(session: Session, told: list[str]) -> None:
    session.previous.paste()

    assert "Open" in told[-1]
