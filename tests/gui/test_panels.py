"""Classes, instances, pre-label, fine-tune, runs: each panel reads the session and asks it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from core import edits
from core.events import Progress
from core.types import Instance, InstanceState, Part, new_instance_id
from gui.dialogs.classes import ClassDialog
from gui.document import Document
from gui.panels.classes import ClassesPanel
from gui.panels.runs import RunsPanel
from gui.runs import ProcessRun
from gui.session import Session
from tests.gui.scripted import SCRIPTED


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    for name in ("red", "green"):
        session.class_list.add(name)
    return session


def document_of(session: Session) -> Document:
    assert session.document is not None
    return session.document


def draw(session: Session, *, predicted: bool = False) -> str:
    part = Part([[10, 10], [40, 10], [40, 40]])
    one = Instance(
        new_instance_id(), session.classes[0].id, (part,),
        state=InstanceState.PREDICTED if predicted else InstanceState.DRAWN,
        score=0.75 if predicted else None,
    )  # fmt: skip
    document_of(session).edit("Draw", lambda now: edits.with_instance_added(now, one))
    return one.id


def row(panel: ClassesPanel, number: int) -> QTreeWidgetItem:
    item = panel.list.topLevelItem(number)
    assert item is not None
    return item


def test_the_classes_are_listed_with_their_keys(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    shown = [(row(panel, n).text(0), row(panel, n).text(1)) for n in range(2)]
    assert shown == [("red", "1"), ("green", "2")]


def test_the_class_that_is_picked_is_drawn_next(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    panel.list.setCurrentItem(row(panel, 0))
    assert opened.class_list.current == opened.classes[0]


def test_typing_another_name_renames_an_unused_class(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(opened.class_list.rewritten):
        row(panel, 1).setText(0, "leaf")
    assert [one.name for one in opened.classes] == ["red", "leaf"]


def test_the_name_of_another_class_merges_into_it_after_asking(
    qtbot: QtBot, opened: Session
) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    red, green = opened.classes
    opened.class_list.set_current(red.id)
    draw(opened)
    with qtbot.waitSignal(opened.class_list.asked) as asked:
        row(panel, 0).setText(0, "green")
    notice = asked.args[0]
    assert notice.sentence == "Merge red into green? 1 instance in 1 image."
    (text, merge), _ = notice.answers
    assert text == "Merge"
    with qtbot.waitSignal(opened.class_list.rewritten):
        merge()
    assert [one.name for one in opened.classes] == ["green"]
    assert opened.class_list.current == opened.classes[0]
    document = document_of(opened)
    qtbot.waitUntil(lambda: document.labels.instances[0].class_id == green.id)


def test_a_class_moves_up_and_down_in_the_list(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    panel.list.setCurrentItem(row(panel, 0))
    assert not panel.up_button.isEnabled()
    panel.down_button.click()
    assert [one.name for one in opened.classes] == ["green", "red"]
    assert row(panel, 1).isSelected()
    assert not panel.down_button.isEnabled()
    panel.up_button.click()
    assert [one.name for one in opened.classes] == ["red", "green"]


def test_a_class_key_is_changed_in_its_row(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    row(panel, 1).setText(1, "g")
    assert opened.classes[1].key == "g"


def test_a_new_class_is_added_by_typing_it(qtbot: QtBot, opened: Session) -> None:
    panel = ClassesPanel(opened)
    qtbot.addWidget(panel)
    panel.ask_for_class()
    (dialog,) = panel.findChildren(ClassDialog)
    qtbot.keyClicks(dialog.name, "blue")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert [one.name for one in opened.classes] == ["red", "green", "blue"]
    assert opened.class_list.current == opened.classes[2]


def scripted_training(*events: object, wants: str = "") -> ProcessRun:
    said = [
        {"event": type(event).__name__}
        | {name: getattr(event, name) for name in event.__dataclass_fields__}  # type: ignore[attr-defined]
        for event in events
    ]
    return ProcessRun("train", {"says": said, "wants": wants}, title="Fine-tune", command=SCRIPTED)


def test_every_run_has_a_row_with_progress_and_a_way_to_stop(qtbot: QtBot, opened: Session) -> None:
    panel = RunsPanel(opened)
    qtbot.addWidget(panel)
    panel.show()
    run = scripted_training(Progress(3, 4, "images", 30.0), wants="patience")
    opened.run_started.emit(run)
    (shown,) = panel.rows
    qtbot.waitUntil(lambda: shown.words.text() == "3 of 4 images, 30 s left")
    with qtbot.waitSignal(run.ended):
        qtbot.mouseClick(shown.cancel_button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert shown.words.text().startswith("Stopped after")
    assert not shown.cancel_button.isVisible()
