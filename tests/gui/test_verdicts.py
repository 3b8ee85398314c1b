"""Verdicts on many images: one batch, on the disk and in the open image."""

from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.batches import batches
from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.session import Session
from gui.session.verdicts import Verdicts

KEYS = ("img_0.png", "img_1.png", "img_2.png")


@pytest.fixture
def predicted(folder: Path) -> Path:
    """One prediction in each of three images, of which the last is done."""
    project = Project.open(folder)
    red = project.add_class("red")
    part = Part([[13, 18], [37, 18], [37, 42], [13, 42]])
    one = Instance("a", red.id, (part,), state=InstanceState.PREDICTED, score=0.5)
    for key in KEYS:
        state = ImageState.DONE if key == KEYS[2] else ImageState.STARTED
        project.write(key, ImageLabels((90, 120), (one,), state), stamp="")
    project.close()
    return folder


@pytest.fixture
def verdicts(session: Session, predicted: Path, open_folder: Callable[[Path], None]) -> Verdicts:
    open_folder(predicted)
    assert session.review is not None
    return session.review.verdicts


def accept(_key: str, labels: ImageLabels) -> ImageLabels:
    return edits.all_accepted(labels)


def states(session: Session, keys: Collection[str] = KEYS) -> list[str]:
    assert session.project is not None
    return [session.project.read(key).labels.instances[0].state for key in keys]


def given(qtbot: QtBot, session: Session, verdicts: Verdicts, **how: bool) -> None:
    with qtbot.waitSignal(verdicts.ended):
        assert verdicts.give("Accept", KEYS, accept, **how)
    qtbot.waitUntil(lambda: session.is_all_saved)


def test_a_verdict_is_one_batch_and_leaves_done_images_alone(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    given(qtbot, session, verdicts)
    assert states(session) == ["accepted", "accepted", "predicted"]
    assert session.project is not None
    assert len(batches(session.project)) == 1


def test_done_images_change_where_it_is_said(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    given(qtbot, session, verdicts, with_done=True)
    assert states(session) == ["accepted"] * 3


def test_verdicts_are_taken_back_from_the_last_to_the_first(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    given(qtbot, session, verdicts)

    def change(_key: str, labels: ImageLabels) -> ImageLabels:
        return edits.with_class_changed(labels, {"a"}, class_id=session.classes[1].id)

    session.class_list.add("green")
    with qtbot.waitSignal(verdicts.ended):
        verdicts.give("Change class", KEYS[:2], change)
    qtbot.waitUntil(lambda: session.is_all_saved)
    assert states(session, KEYS[:2]) == ["edited", "edited"]
    for expected in ("accepted", "predicted"):
        with qtbot.waitSignal(verdicts.taken_back):
            verdicts.take_back()
        assert states(session, KEYS[:2]) == [expected, expected]
    assert not verdicts.can_take_back


def test_an_image_that_was_edited_since_stays_and_is_named(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    given(qtbot, session, verdicts)
    assert session.project is not None
    loaded = session.project.read(KEYS[1])
    session.project.write(
        KEYS[1], edits.without_instances(loaded.labels, {"a"}), stamp=loaded.stamp
    )
    told: list[str] = []
    session.told.connect(told.append)
    with qtbot.waitSignal(verdicts.taken_back):
        verdicts.take_back()
    assert "img_1.png changed since" in told[-1]
    assert states(session, KEYS[:1]) == ["predicted"]


def test_the_action_for_the_last_batch_takes_a_verdict_back_too(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    given(qtbot, session, verdicts)
    told: list[str] = []
    session.told.connect(told.append)
    session.take_back_prelabel()
    qtbot.waitUntil(lambda: told == ["“Accept” was taken back in 2 images."])
    assert states(session) == ["predicted"] * 3


def test_two_verdicts_at_once_are_both_given(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    def reject(_key: str, labels: ImageLabels) -> ImageLabels:
        return edits.rejected(labels, {"a"})

    verdicts.give("Reject", KEYS[:1], reject)
    verdicts.give("Accept", KEYS[1:2], accept)
    verdicts.give("Reject", KEYS[2:], reject, with_done=True)
    qtbot.waitUntil(lambda: verdicts.n_waiting == 0 and session.is_all_saved)
    assert session.project is not None
    project = session.project
    qtbot.waitUntil(lambda: not project.read(KEYS[2]).labels.instances)
    assert not project.read(KEYS[0]).labels.instances
    assert states(session, KEYS[1:2]) == ["accepted"]


def test_where_nothing_was_said_nothing_is_taken_back(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    with qtbot.waitSignal(session.told) as told:
        verdicts.take_back()
    assert told.args == ["There is no verdict to take back."]


def test_what_is_locked_in_the_open_image_stays(
    qtbot: QtBot, session: Session, verdicts: Verdicts
) -> None:
    document = session.document
    assert document is not None
    document.marks.set_locked(["a"])
    with qtbot.waitSignal(verdicts.ended):
        verdicts.give("Reject", KEYS[:2], lambda _, now: edits.rejected(now, ["a"]))
    assert [one.id for one in document.labels.instances] == ["a"]
    assert document.labels.rejected == ()
    assert session.project is not None
    assert session.project.read(KEYS[1]).labels.instances == ()


def test_a_verdict_that_cannot_be_given_says_why(session: Session, verdicts: Verdicts) -> None:
    told: list[str] = []
    verdicts.told.connect(told.append)

    def refuse(_key: str, _labels: ImageLabels) -> ImageLabels:
        raise AppError("These two are the same one.")

    verdicts.give("Join", KEYS[:1], refuse)
    assert told[0] == "These two are the same one."
