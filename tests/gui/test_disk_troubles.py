"""A full disk, a folder that is gone: nothing is lost, and it is said what to do."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.errors import AppError
from core.types import Instance, Part, new_instance_id
from gui.document import Document
from gui.session import Session
from gui.widgets.notices import Notice

SQUARE = Part([[10, 10], [40, 10], [40, 40], [10, 40]])


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    session.class_list.add("blob")
    return session


def document_of(session: Session) -> Document:
    assert session.document is not None
    return session.document


def draw(session: Session) -> None:
    drawn = Instance(new_instance_id(), session.classes[0].id, (SQUARE,))
    document_of(session).edit("Draw", lambda now: edits.with_instance_added(now, drawn))


def shapes_in(path: Path) -> list[dict[str, object]]:
    shapes: list[dict[str, object]] = json.loads(path.read_text())["shapes"]
    return shapes


def test_a_folder_that_came_back_is_opened_by_try_again(
    qtbot: QtBot, session: Session, folder: Path
) -> None:
    away = folder.rename(folder.with_name("unplugged"))
    with qtbot.waitSignal(session.asked) as asked:
        session.open_folder(folder)
    away.rename(folder)
    ((text, try_again),) = asked.args[0].answers
    assert text == "Try again"
    topic = asked.args[0].topic
    with qtbot.waitSignal(session.answered, check_params_cb=lambda gone: gone == topic):
        try_again()
    assert session.project is not None
    qtbot.waitUntil(lambda: session.document is not None)


def test_a_full_disk_is_told_with_a_way_to_try_again(
    qtbot: QtBot, opened: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    asked: list[Notice] = []
    opened.asked.connect(asked.append)
    with monkeypatch.context() as patch:
        patch.setattr("core.atomic._write_whole", full)
        draw(opened)
        with qtbot.waitSignal(opened.asked):
            opened.save_now()
        assert "the disk is full" in asked[0].sentence
        with qtbot.waitSignal(opened.asked):  # still full: it is told once more
            dict(asked[0].answers)["Try again"]()
        assert not opened.is_all_saved
    dict(asked[-1].answers)["Try again"]()
    qtbot.waitUntil(lambda: opened.is_all_saved)
    assert len(shapes_in(folder / "img_0.json")) == 1


def test_an_open_folder_that_is_gone_is_told_once_and_nothing_is_dropped(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    told: list[str] = []
    opened.told.connect(told.append)
    keys = list(opened.keys)
    away = folder.rename(folder.with_name("unplugged"))
    opened.look_again()
    qtbot.waitUntil(lambda: bool(told))
    assert "is not there any more" in told[0]
    assert list(opened.keys) == keys
    assert document_of(opened).key == "img_0.png"
    draw(opened)  # no journal, no edit: it would be lost
    assert document_of(opened).labels.instances == ()
    assert "journal" in told[-1]
    assert not folder.exists()
    away.rename(folder)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_predictions_that_no_disk_takes_are_told_once_and_at_the_end(
    qtbot: QtBot, opened: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("red", "green", "blue"):
        opened.class_list.add(name)
    opened.open_image("")  # none is open: all are written by the batch
    told: list[str] = []
    opened.told.connect(told.append)
    with monkeypatch.context() as patch:
        patch.setattr("core.atomic._write_whole", full)
        with qtbot.waitSignal(
            opened.told, check_params_cb=lambda text: "Pre-labelled" in text, timeout=60_000
        ):
            opened.prelabel_all()
        qtbot.waitUntil(lambda: any("disk is full" in text for text in told))
        done: list[object] = []
        opened.work.when_written(lambda _: None, done.append)
        qtbot.waitUntil(lambda: bool(done))
    assert len([text for text in told if "disk is full" in text and "Left out" not in text]) == 1


def test_a_threshold_that_no_disk_takes_is_told_once(
    qtbot: QtBot, opened: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("red", "green", "blue"):
        opened.class_list.add(name)
    with qtbot.waitSignal(
        opened.told, check_params_cb=lambda text: "Pre-labelled" in text, timeout=60_000
    ):
        opened.prelabel_all()
    done: list[object] = []
    opened.work.when_written(lambda _: None, done.append)
    qtbot.waitUntil(lambda: bool(done))
    before = {path.name: path.read_bytes() for path in folder.glob("img*.json")}
    told: list[str] = []
    opened.told.connect(told.append)
    confidence = opened.confidence
    assert confidence is not None
    with monkeypatch.context() as patch:
        patch.setattr("core.batches.append_line", refused)
        confidence.move(0.99)
        confidence.settle()
        qtbot.waitUntil(lambda: any("other image" in text for text in told))
    assert [text for text in told if "other image" in text] == [
        "The disk is full. 1 other image was left out too."
    ]
    assert before["img_2.json"] == (folder / "img_2.json").read_bytes()


def refused(*_: object) -> None:
    raise AppError("The disk is full.")
