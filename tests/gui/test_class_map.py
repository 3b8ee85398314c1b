"""Which class of the weights is which class of the folder: in words, in a table, in a dialog."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.types import LabelClass
from core.weights import WeightsDescription
from gui.dialogs.class_map import ClassMapDialog
from gui.session import Session
from gui.widgets.class_map import entries_of, map_text, targets_of, used_text
from gui.widgets.class_map_table import ClassMapModel

COCO = (*(f"thing {number}" for number in range(78)), "tie", "jeans")


def test_equal_names_are_mapped_and_everything_else_is_ignored() -> None:
    targets = targets_of(COCO, ["jeans", "T-shirt"], {})
    assert {name for name, to in targets.items() if to} == {"jeans"}
    assert used_text(targets) == "1 of 80 classes is used"
    assert map_text(targets) == "jeans ← jeans; 79 ignored"


def test_what_is_kept_goes_before_equal_names() -> None:
    targets = targets_of(["tie", "jeans"], ["jeans", "scarf"], {"tie": "scarf", "jeans": ""})
    assert targets == {"tie": "scarf", "jeans": ""}


def test_a_class_that_is_gone_from_the_folder_is_ignored() -> None:
    assert targets_of(["tie"], ["jeans"], {"tie": "scarf"}) == {"tie": ""}


def test_only_what_equal_names_do_not_say_is_kept() -> None:
    targets = {"jeans": "jeans", "tie": "", "person": "worker", "coat": ""}
    assert entries_of(targets, ["jeans", "worker", "coat"]) == {"person": "worker", "coat": ""}


def test_own_weights_keep_their_names() -> None:
    targets = targets_of(["jeans", "coat"], ["coat", "jeans"], {})
    assert map_text(targets) == "All 2 classes keep their names."


def test_many_mapped_classes_are_counted() -> None:
    targets = {name: name.upper() for name in "abcde"} | {"f": ""}
    assert map_text(targets) == "A ← a, B ← b, C ← c and 2 more; 1 ignored"


def test_nothing_mapped_is_said() -> None:
    assert map_text({"a": "", "b": ""}) == "Nothing is mapped; 2 ignored"
    assert used_text({"a": "", "b": ""}) == "None of 2 classes are used"


def test_a_class_of_the_weights_can_become_a_new_one_of_the_folder() -> None:
    model = ClassMapModel({"tie": "", "jeans": "jeans"}, (LabelClass(1, "jeans", "#ffffff"),))
    words = [words for _, words in model.options(1)]
    assert words == ["ignored", "jeans", "Add “tie” as a new class"]
    model.set_target(1, "tie")
    assert model.new_classes == ("tie",)
    assert model.index(1, 1).data() == "tie (new class)"
    assert ("tie", "tie (new class)") in model.options(0)


def test_what_is_used_comes_first() -> None:
    model = ClassMapModel({"a": "", "tie": "tie"}, (LabelClass(1, "tie", "#ffffff"),))
    assert model.index(0, 0).data() == "tie"


@pytest.fixture
def dialog(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> Iterator[ClassMapDialog]:
    open_folder(folder)
    session.class_list.add("jeans")
    session.model.description = WeightsDescription("COCO", COCO, are_named=True)
    made = ClassMapDialog(session)
    made.show()
    qtbot.waitExposed(made)
    yield made
    if isValid(made):
        made.close()


def test_the_dialog_counts_what_is_used(dialog: ClassMapDialog) -> None:
    assert dialog.count.text() == "1 of 80 classes is used."
    dialog.map.set_target(1, "jeans")
    assert dialog.count.text() == "2 of 80 classes are used."
    dialog.ignore_button.click()
    assert "would find nothing" in dialog.count.text()


def test_the_search_finds_one_of_eighty(qtbot: QtBot, dialog: ClassMapDialog) -> None:
    qtbot.keyClicks(dialog.search, "TIE")
    assert dialog.table.model().rowCount() == 1
    assert dialog.table.model().index(0, 0).data() == "tie"


def test_a_row_is_mapped_by_keyboard(
    qtbot: QtBot, dialog: ClassMapDialog, session: Session
) -> None:
    qtbot.keyClicks(dialog.search, "tie")
    dialog.table.setFocus()
    dialog.table.setCurrentIndex(dialog.table.model().index(0, 0))
    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    (box,) = dialog.table.viewport().findChildren(QComboBox)
    qtbot.waitUntil(lambda: box.view().isVisible())
    qtbot.keyClick(box.view(), Qt.Key.Key_Down)
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)
    assert dialog.map.targets["tie"] == "jeans"


def test_the_map_and_its_new_classes_are_kept(
    qtbot: QtBot, dialog: ClassMapDialog, session: Session
) -> None:
    dialog.map.set_target(78, "tie")
    assert dialog.map.targets["thing 77"] == "tie"
    with qtbot.waitSignal(session.model.changed):
        dialog.keep_button.click()
    qtbot.waitUntil(lambda: len(session.classes) == 2)
    assert [one.name for one in session.classes] == ["jeans", "tie"]
    assert session.project is not None
    assert session.project.class_map("fake") == {"thing 77": "tie", "tie": ""}


def test_a_cancelled_dialog_keeps_nothing(dialog: ClassMapDialog, session: Session) -> None:
    dialog.map.set_target(1, "jeans")
    dialog.reject()
    assert session.project is not None
    assert session.project.class_map("fake") == {}
