"""The list of instances: what it shows, its order, and what can be done from it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState
from gui.actions import ACTIONS
from gui.document import Document
from gui.main_window import MainWindow
from gui.panels.instances import PANEL, InstancesPanel
from gui.session import Session
from gui.widgets.instance_list import LOCK, NAME, SHOWN
from tests.gui.hand import square

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PREDICTED = InstanceState.PREDICTED
BACK = replace(square(5, 5, "back"), class_id=2, state=PREDICTED, score=0.75, source="a.pth")
MIDDLE = square(50, 5, "middle", side=10)
FRONT = replace(square(70, 40, "front", side=20), state=PREDICTED, score=0.25)


@pytest.fixture
def panel(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> InstancesPanel:
    made = InstancesPanel(session)
    qtbot.addWidget(made)
    made.resize(300, 300)
    made.show()
    open_folder(folder)
    session.class_list.add("red")
    session.class_list.add("green")
    return made


def document_of(session: Session) -> Document:
    assert session.document is not None
    return session.document


def put(session: Session, *instances: Instance) -> Document:
    document = document_of(session)
    document.edit("Draw", lambda now: edits.with_instances_added(now, instances))
    return document


def row(panel: InstancesPanel, number: int) -> QTreeWidgetItem:
    item = panel.list.topLevelItem(number)
    assert item is not None
    return item


def click(
    qtbot: QtBot, panel: InstancesPanel, number: int, column: int,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:  # fmt: skip
    place = panel.list.visualRect(panel.list.model().index(number, column)).center()
    qtbot.mouseClick(panel.list.viewport(), LEFT, modifiers, place)


def order(panel: InstancesPanel) -> list[str]:
    return list(panel.list.ids)


def test_instances_are_listed_with_class_state_score_and_size(
    panel: InstancesPanel, session: Session
) -> None:
    put(session, BACK)
    assert row(panel, 0).text(NAME) == "green"
    assert row(panel, 0).toolTip(NAME) == "green, ? predicted 0.75 · 40 x 40, from a.pth"


def test_without_instances_the_list_says_what_to_do(panel: InstancesPanel) -> None:
    assert panel.hint.isVisible()
    assert "Draw with the polygon" in panel.hint.text()
    assert not panel.sort.isVisible()


def test_an_edit_shows_in_the_row_of_its_instance(panel: InstancesPanel, session: Session) -> None:
    document = put(session, BACK)
    document.edit("Accept", lambda now: edits.accepted(now, ["back"]))
    assert "✓ accepted" in row(panel, 0).toolTip(NAME)


def test_what_is_selected_on_the_canvas_is_selected_in_the_list(
    panel: InstancesPanel, session: Session
) -> None:
    put(session, BACK, FRONT).select(["back"])
    assert [row(panel, number).isSelected() for number in range(2)] == [False, True]


def test_clicks_in_the_list_select_one_and_several(
    qtbot: QtBot, panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK, MIDDLE, FRONT)
    click(qtbot, panel, 0, NAME)
    assert document.selection == {"front"}
    click(qtbot, panel, 2, NAME, CTRL)
    assert document.selection == {"front", "back"}
    click(qtbot, panel, 1, NAME)
    click(qtbot, panel, 2, NAME, SHIFT)
    assert document.selection == {"middle", "back"}


def test_arrow_keys_in_the_list_select(
    qtbot: QtBot, panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK, FRONT)
    click(qtbot, panel, 0, NAME)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert document.selection == {"back"}


def test_the_eye_hides_and_shows_and_leaves_the_rest_selected(
    qtbot: QtBot, panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK, FRONT)
    document.select(["back"])
    click(qtbot, panel, 0, SHOWN)
    assert document.marks.hidden == {"front"}
    assert document.selection == {"back"}
    assert panel.marked.text() == "2 instances, 1 hidden"
    assert row(panel, 0).data(SHOWN, Qt.ItemDataRole.AccessibleTextRole) == "hidden"
    click(qtbot, panel, 0, SHOWN)
    assert document.marks.hidden == set()


def test_hiding_by_the_eye_deselects_what_it_hides(
    qtbot: QtBot, panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK)
    document.select(["back"])
    click(qtbot, panel, 0, SHOWN)
    assert document.selection == set()


def test_the_lock_locks_and_unlocks(qtbot: QtBot, panel: InstancesPanel, session: Session) -> None:
    document = put(session, BACK)
    click(qtbot, panel, 0, LOCK)
    assert document.marks.locked == {"back"}
    assert row(panel, 0).toolTip(LOCK) == "Locked: click to unlock it."
    click(qtbot, panel, 0, LOCK)
    assert document.marks.locked == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order", ["front", "middle", "back"]),
        ("class", ["back", "front", "middle"]),
        ("state", ["front", "back", "middle"]),
        ("score", ["front", "back", "middle"]),
        ("size", ["middle", "front", "back"]),
    ],
)
def test_the_list_is_sorted_as_it_was_chosen(
    panel: InstancesPanel, session: Session, name: str, expected: list[str]
) -> None:
    put(session, BACK, MIDDLE, FRONT)
    panel.sort.setCurrentIndex(panel.sort.findData(name))
    assert order(panel) == expected


def test_an_edit_that_changes_the_order_moves_the_row_and_keeps_the_place_of_the_keys(
    panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK, FRONT)
    panel.sort.setCurrentIndex(panel.sort.findData("state"))
    panel.list.setCurrentItem(row(panel, 0))
    document.edit("Accept", lambda now: edits.accepted(now, ["front"]))
    assert order(panel) == ["back", "front"]
    assert panel.list.currentItem() is row(panel, 1)
    assert document.selection == {"front"}


def test_keys_act_on_what_is_selected_in_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    panel = opened.docks["instances"].widget()
    assert isinstance(panel, InstancesPanel)
    document = put(opened.session, BACK, FRONT)
    panel.list.setFocus()
    panel.list.setCurrentItem(row(panel, 1))
    qtbot.keyClick(panel.list, Qt.Key.Key_H)
    assert document.marks.hidden == {"back"}
    qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    qtbot.keyClick(panel.list, Qt.Key.Key_L)
    assert document.marks.locked == {"front"}


def test_the_context_menu_offers_actions_of_the_table(opened: MainWindow) -> None:
    assert set(PANEL.actions) <= {spec.name for spec in ACTIONS}
    panel = opened.docks["instances"].widget()
    assert [action.objectName() for action in panel.actions()] == list(PANEL.actions)
    assert panel.contextMenuPolicy() is Qt.ContextMenuPolicy.ActionsContextMenu


def test_the_list_is_narrowed_by_a_query(
    qtbot: QtBot, panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK, MIDDLE, FRONT)
    qtbot.keyClicks(panel.search, "state:predicted score<0.5")
    assert order(panel) == ["front"]
    assert panel.marked.text() == "1 of 3 instances"
    document.edit("Accept", lambda labels: edits.accepted(labels, ["front"]))
    assert order(panel) == []
    panel.search.setText("green")
    assert order(panel) == ["back"]
    panel.search.setText("green klass:x")
    assert "“klass” is nothing that can be asked for (character 7)" in panel.marked.text()
    panel.search.clear()
    assert order(panel) == ["front", "middle", "back"]


def test_a_note_stands_in_the_tooltip_as_it_was_written(
    panel: InstancesPanel, session: Session
) -> None:
    document = put(session, BACK)
    document.edit("Note", lambda now: edits.with_note(now, ["back"], note="<b> & half\nhidden"))
    document.edit("Crowd", lambda now: edits.with_crowd(now, ["back"], crowd=True))

    tip = row(panel, 0).toolTip(NAME)
    assert "&lt;b&gt; &amp; half<br>hidden" in tip
    assert "crowd · note" in tip
