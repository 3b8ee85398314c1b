"""A folder without classes asks which ones are wanted, without standing in the way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.class_names import NamedClass
from gui.dialogs.project_classes import ProjectClassesDialog
from gui.panels.classes import ClassesPanel
from gui.session import Session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> ClassesPanel:
    made = ClassesPanel(session)
    qtbot.addWidget(made)
    made.resize(280, 400)
    made.show()
    return made


def dialog_of(panel: ClassesPanel) -> ProjectClassesDialog:
    return panel.findChildren(ProjectClassesDialog)[-1]


def shown(dialog: ProjectClassesDialog) -> list[str]:
    return [dialog.preview.item(row).text() for row in range(dialog.preview.count())]


def test_a_folder_without_classes_asks_which_are_wanted(
    panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None], session: Session
) -> None:
    assert not panel.question.isVisible()
    open_folder(folder)
    assert panel.question.isVisible()
    session.class_list.add("red")
    assert not panel.question.isVisible()
    assert panel.list.isVisible()


def test_classes_are_typed_and_made(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None],
    session: Session,
) -> None:  # fmt: skip
    open_folder(folder)
    qtbot.mouseClick(panel.question.type_button, LEFT)
    dialog = dialog_of(panel)
    assert not dialog.add_button.isEnabled()
    qtbot.keyClicks(dialog.names, "jeans, T-shirt")
    qtbot.keyClick(dialog.names, Qt.Key.Key_Return)
    qtbot.keyClicks(dialog.names, "jeans")
    assert shown(dialog) == ["1   jeans", "2   T-shirt"]
    assert dialog.count.text() == "2 classes to add."
    with qtbot.waitSignal(session.classes_changed):
        qtbot.mouseClick(dialog.add_button, LEFT)
    assert [one.name for one in session.classes] == ["jeans", "T-shirt"]
    assert session.class_list.current == session.classes[0]


def test_tab_and_enter_make_the_classes_and_so_does_ctrl_enter(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None],
    session: Session,
) -> None:  # fmt: skip
    open_folder(folder)
    qtbot.mouseClick(panel.question.type_button, LEFT)
    typed = dialog_of(panel)
    qtbot.waitUntil(typed.names.hasFocus)
    qtbot.keyClicks(typed.names, "jeans")
    qtbot.keyClick(typed.names, Qt.Key.Key_Tab)
    assert typed.add_button.hasFocus()
    with qtbot.waitSignal(session.classes_changed):
        qtbot.keyClick(typed.names, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [one.name for one in session.classes] == ["jeans"]


def test_a_list_in_the_folder_is_offered_by_name(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    (folder / "names.txt").write_text("\ufeff# mine\r\njeans\r\nskirt\r\n", encoding="utf-8")
    open_folder(folder)
    qtbot.waitUntil(lambda: bool(panel.question.offers))
    (offer,) = panel.question.offers
    assert offer.text() == "Use names.txt"
    qtbot.mouseClick(offer, LEFT)
    qtbot.waitUntil(lambda: bool(panel.findChildren(ProjectClassesDialog)), timeout=20_000)
    assert shown(dialog_of(panel)) == ["1   jeans", "2   skirt"]


def test_the_classes_of_a_coco_file_keep_their_ids(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None],
    session: Session,
) -> None:  # fmt: skip
    coco = {"images": [], "annotations": [], "categories": [{"id": 32, "name": "tie"}]}
    (folder / "annotations").mkdir()
    (folder / "annotations" / "instances.json").write_text(json.dumps(coco))
    open_folder(folder)
    qtbot.waitUntil(lambda: bool(panel.question.offers))
    assert panel.question.offers[0].text() == "Use annotations/instances.json"
    qtbot.mouseClick(panel.question.offers[0], LEFT)
    qtbot.waitUntil(lambda: bool(panel.findChildren(ProjectClassesDialog)), timeout=20_000)
    with qtbot.waitSignal(session.classes_changed):
        dialog_of(panel).add_button.click()
    assert [(one.name, one.id) for one in session.classes] == [("tie", 32)]


def test_a_file_without_classes_is_told(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None],
    session: Session,
) -> None:  # fmt: skip
    (folder / "classes.txt").write_text("# nothing\n")
    open_folder(folder)
    qtbot.waitUntil(lambda: bool(panel.question.offers))
    with qtbot.waitSignal(session.told, timeout=20_000) as told:
        panel.question.offers[0].click()
    assert "names no class" in told.args[0]


def test_labels_that_name_classes_leave_nothing_to_ask(
    qtbot: QtBot, panel: ClassesPanel, folder: Path, open_folder: Callable[[Path], None],
    session: Session,
) -> None:  # fmt: skip
    shape = {
        "label": "jeans",
        "points": [[1, 1], [20, 1], [20, 20]],
        "shape_type": "polygon",
    }
    label_file = {
        "version": "5.5.0", "flags": {}, "shapes": [shape], "imagePath": "img_0.png",
        "imageData": None, "imageHeight": 90, "imageWidth": 120,
    }  # fmt: skip
    (folder / "img_0.json").write_text(json.dumps(label_file))
    open_folder(folder)
    qtbot.waitUntil(lambda: bool(session.classes))
    assert not panel.question.isVisible()


def test_names_that_are_there_are_said_not_to_be_new(
    qtbot: QtBot, folder: Path, open_folder: Callable[[Path], None], session: Session
) -> None:
    open_folder(folder)
    session.class_list.add("jeans")
    classes = [NamedClass("jeans", 4), NamedClass("coat", 5)]
    dialog = ProjectClassesDialog(session, classes=classes, source="names.txt")
    qtbot.addWidget(dialog)
    assert dialog.count.text() == "1 class to add. 1 class of these is there."
    assert shown(dialog) == ["2   coat"]
