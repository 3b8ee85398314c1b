"""Questions about a folder go when another one is opened: no answer reaches the wrong labels."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState, Part, new_instance_id
from gui.dialogs.note import NoteDialog
from gui.main_window import MainWindow

SQUARE = Part([[10, 10], [40, 10], [40, 40], [10, 40]])


@pytest.fixture
def other(folder: Path) -> Path:
    """A copy of the folder, with two classes of its own that have the same ids."""
    copy = folder.with_name("other")
    shutil.copytree(folder, copy)
    (copy / "maskloop.json").write_text(
        '{"version": 1, "classes": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]}'
    )
    return copy


def draw(window: MainWindow, state: InstanceState = InstanceState.DRAWN) -> None:
    document = window.session.document
    assert document is not None
    class_id = window.session.classes[0].id
    drawn = Instance(new_instance_id(), class_id, (SQUARE,), state=state, score=0.9)
    document.edit("Draw", lambda now: edits.with_instance_added(now, drawn))


def asked(window: MainWindow) -> list[str]:
    return [notice.sentence for notice in window.notices.notices if notice.answers]


def test_no_class_of_another_folder_is_deleted(
    qtbot: QtBot, opened: MainWindow, other: Path, open_folder: Callable[[Path], None]
) -> None:
    draw(opened)
    with qtbot.waitSignal(opened.session.asked) as question:
        opened.session.class_list.delete(1)
    open_folder(other)
    assert asked(opened) == []
    dict(question.args[0].answers)["Delete class"]()
    done: list[object] = []
    opened.session.work.when_written(lambda _: None, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert [one.name for one in opened.session.classes] == ["cat", "dog"]


def test_instances_that_were_counted_too_late_are_asked_about_nowhere(
    qtbot: QtBot, opened: MainWindow, other: Path, open_folder: Callable[[Path], None]
) -> None:
    opened.session.open_folder(other)
    opened.session.class_list.delete(1)  # the writer opens the folder first
    qtbot.waitUntil(lambda: [one.name for one in opened.session.classes] == ["cat", "dog"])
    done: list[object] = []
    opened.session.work.when_written(lambda _: None, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert asked(opened) == []


def test_an_image_that_is_left_is_not_asked_about(
    opened: MainWindow, other: Path, open_folder: Callable[[Path], None]
) -> None:
    draw(opened, InstanceState.PREDICTED)
    opened.session.done_and_next()
    assert len(asked(opened)) == 1
    open_folder(other)
    assert asked(opened) == []


def test_predictions_of_a_folder_that_is_left_are_not_asked_about(
    qtbot: QtBot, opened: MainWindow, other: Path, open_folder: Callable[[Path], None]
) -> None:
    confidence = opened.session.confidence
    assert confidence is not None
    confidence.move(0.99)
    with qtbot.waitSignal(opened.session.asked, timeout=60_000):
        opened.session.prelabel_image()
    open_folder(other)
    assert asked(opened) == []


def test_a_save_that_failed_is_not_tried_from_another_folder(
    qtbot: QtBot,
    opened: MainWindow,
    other: Path,
    open_folder: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.atomic._write_whole", full)
        draw(opened)
        with qtbot.waitSignal(opened.session.asked):
            opened.session.save_now()
        open_folder(other)
    assert asked(opened) == []


def test_a_class_that_is_deleted_too_late_leaves_the_next_folder_alone(
    qtbot: QtBot,
    opened: MainWindow,
    other: Path,
    folder: Path,
    open_folder: Callable[[Path], None],
) -> None:
    session = opened.session
    draw(opened)
    with qtbot.waitSignal(session.asked) as question:
        session.class_list.delete(1)
    gone: list[object] = []
    session.class_list.gone.connect(gone.append)
    session.open_folder(other)
    dict(question.args[0].answers)["Delete class"]()  # the writer opens the folder first
    with qtbot.waitSignal(session.class_list.rewritten):
        pass
    assert [one.name for one in session.classes] == ["cat", "dog"]
    assert gone == []


def test_a_note_that_is_being_written_goes_with_its_folder(
    qtbot: QtBot, opened: MainWindow, other: Path, open_folder: Callable[[Path], None]
) -> None:
    draw(opened)
    opened.actions_by_name["select_all"].trigger()
    opened.actions_by_name["note"].trigger()
    assert opened.findChild(NoteDialog) is not None

    open_folder(other)

    qtbot.waitUntil(lambda: opened.findChild(NoteDialog) is None)
