"""The page that compares runs follows what becomes of them elsewhere, and says names, not paths."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.project import Project
from core.run_folder import RunFolder
from core.run_folder.about import About, write_about
from gui.pages.compare import ComparePage
from gui.session import Session
from gui.widgets.run_grid import NAME
from tests.gui.lessons import a_run, add_run
from tests.gui.shown import OpenFolder, page_of_runs

OLD, NEW = "2026-11-03_140500_train", "2026-11-04_090000_train"


@pytest.fixture
def page(
    qtbot: QtBot, session: Session, folder: Path, open_folder: OpenFolder
) -> Callable[[], ComparePage]:
    return partial(page_of_runs, ComparePage, qtbot, session, open_folder, folder)


@pytest.fixture
def older(folder: Path) -> RunFolder:
    return a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)


@pytest.fixture
def newer(folder: Path, older: RunFolder) -> RunFolder:
    """It began with the weights of the older one."""
    weights = str(older.best_weights)
    return a_run(folder, NEW, ap=40.0, val=("v.png",), train=6, iterations=3, weights=weights)


def names(page: ComparePage) -> list[str]:
    items = (page.runs.topLevelItem(row) for row in range(page.runs.topLevelItemCount()))
    return [item.text(NAME) for item in items if item is not None]


def test_the_first_run_that_comes_back_from_elsewhere_is_listed(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    shown = page()
    qtbot.waitUntil(lambda: "Nothing was fine-tuned" in shown.hint.text())
    assert shown.runs.topLevelItemCount() == 0
    a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 1)
    a_run(folder, NEW, ap=30.0, val=("v.png",), train=4, iterations=3)
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 2)


def test_a_run_that_is_deleted_elsewhere_is_gone(
    qtbot: QtBot, newer: RunFolder, page: Callable[[], ComparePage]
) -> None:
    shown = page()
    shutil.rmtree(newer.path)
    qtbot.waitUntil(lambda: shown.runs.topLevelItemCount() == 1)


def test_a_name_that_is_given_elsewhere_is_shown(
    qtbot: QtBot, newer: RunFolder, page: Callable[[], ComparePage]
) -> None:
    shown = page()
    write_about(newer.path, About("second round"))
    qtbot.waitUntil(lambda: names(shown) == ["second round", ""])


def test_start_weights_are_called_as_their_run_is(
    qtbot: QtBot, older: RunFolder, newer: RunFolder, page: Callable[[], ComparePage]
) -> None:
    write_about(older.path, About("first round"))
    shown = page()
    qtbot.waitUntil(lambda: shown.settings.text_at("Start weights", 0) == "first round")
    assert shown.settings.text_at("Start weights", 1) == "A small model, from scratch"
    cell = shown.settings.table.item(0, 0)
    assert cell is not None
    assert cell.toolTip() == str(older.best_weights)


def test_in_a_folder_that_another_window_writes_nothing_is_named_or_deleted(
    qtbot: QtBot, session: Session, folder: Path, newer: RunFolder, page: Callable[[], ComparePage]
) -> None:
    elsewhere = Project.open(folder)
    shown = page()
    assert session.project is not None
    assert session.project.read_only_reason
    shown.runs.clearSelection()
    item = shown.runs.topLevelItem(0)
    assert item is not None
    item.setSelected(True)
    assert shown.export_button.isEnabled()
    for button in (shown.rename_button, shown.note_button, shown.delete_button):
        assert not button.isEnabled()
    assert shown.locked.isVisible()
    assert shown.locked.text() == session.project.read_only_reason
    qtbot.keyClick(shown.runs, Qt.Key.Key_F2)
    assert shown.runs.findChild(QLineEdit) is None
    with qtbot.waitSignal(session.told), qtbot.assertNotEmitted(session.asked):
        shown._removal.ask(shown.runs.selected[0])  # type: ignore[arg-type]  # a RunInfo
    elsewhere.close()


def test_start_weights_of_a_run_are_known_where_the_folder_was_moved_since(
    qtbot: QtBot, folder: Path, older: RunFolder, page: Callable[[], ComparePage]
) -> None:
    there = f"/elsewhere/photos/.maskloop/runs/{OLD}/best.pth"
    a_run(folder, NEW, ap=40.0, val=("v.png",), train=6, iterations=3, weights=there)
    write_about(older.path, About("first round"))
    shown = page()
    qtbot.waitUntil(lambda: shown.settings.text_at("Start weights", 0) == "first round")


def test_weights_beside_the_images_are_named_from_their_folder_on(
    qtbot: QtBot, folder: Path, older: RunFolder, page: Callable[[], ComparePage]
) -> None:
    beside = str(folder / "models" / "mine.pth")
    a_run(folder, NEW, ap=40.0, val=("v.png",), train=6, iterations=3, weights=beside)
    shown = page()
    qtbot.waitUntil(lambda: shown.settings.text_at("Start weights", 0) == "models/mine.pth")


def test_what_no_run_says_has_no_column(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    add_run(folder)
    shown = page()
    header = shown.runs.headerItem()
    seen = [
        header.text(column)
        for column in range(shown.runs.columnCount())
        if not shown.runs.isColumnHidden(column)
    ]
    assert seen == ["Name", "Began", "State", "Note"]


def test_why_its_buttons_are_off_is_said_while_several_runs_are_chosen(
    qtbot: QtBot, newer: RunFolder, page: Callable[[], ComparePage]
) -> None:
    shown = page()
    assert not shown.rename_button.isEnabled()
    assert shown.for_one.text() == "Choose one run alone to do this with it."
    shown.runs.setFocus()
    qtbot.keyClick(shown.runs, Qt.Key.Key_End)
    assert shown.rename_button.isEnabled()
    assert shown.for_one.text() == ""
