"""The page that holds runs against each other: table, curves, what differs, names and notes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from core.errors import AppError
from core.events import Metrics, to_line
from core.run_folder import RunFolder
from core.run_folder.about import About, read_about, write_about
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.train import TrainDialog
from gui.pages.compare import ComparePage
from gui.session import Session
from gui.session.run_list import run_infos
from gui.widgets.notices import Notice
from gui.widgets.run_grid import NAME, NOTE
from tests.gui.lessons import a_run, add_run, finished_events, written_elsewhere
from tests.gui.scripted import SCRIPTED
from tests.gui.shown import OpenFolder, page_of_runs

LEFT = Qt.MouseButton.LeftButton
OLD, NEW = "2026-11-03_140500_train", "2026-11-04_090000_train"


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def page(
    qtbot: QtBot, session: Session, folder: Path, open_folder: OpenFolder
) -> Callable[[], ComparePage]:
    return partial(page_of_runs, ComparePage, qtbot, session, open_folder, folder)


@pytest.fixture
def two(folder: Path) -> tuple[RunFolder, RunFolder]:
    """The older and the newer one, measured on the same images."""
    older = a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)
    return older, a_run(folder, NEW, ap=40.0, val=("v.png",), train=6, iterations=5)


def choose(page: ComparePage, *rows: int) -> None:
    for row in range(page.runs.topLevelItemCount()):
        item = page.runs.topLevelItem(row)
        assert item is not None
        item.setSelected(row in rows)


def line(page: ComparePage, row: int) -> dict[str, str]:
    item = page.runs.topLevelItem(row)
    assert item is not None
    header = page.runs.headerItem()
    return {header.text(n): item.text(n) for n in range(page.runs.columnCount())}


def test_without_a_run_the_page_says_what_to_do_once_it_has_looked(
    qtbot: QtBot, page: Callable[[], ComparePage]
) -> None:
    shown = page()
    assert shown.hint.isVisible()
    assert shown.hint.text() == "Looking for the fine-tunes of this folder…"
    qtbot.waitUntil(lambda: "Fine-tune (Ctrl+T) at least twice" in shown.hint.text())
    assert not shown.delete_button.isEnabled()


def test_without_a_folder_the_page_says_so(qtbot: QtBot, session: Session) -> None:
    made = ComparePage(session)
    qtbot.addWidget(made)
    made.show()
    assert made.hint.text().startswith("No folder is open.")


def test_a_line_says_what_a_run_was_and_came_to(
    two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    write_about(two[1].path, About("more images", "twice the time"))
    assert line(page(), 0) == {
        "Name": "more images", "Began": "4 Nov 2026, 09:00", "State": "finished", "Images": "6 + 1",
        "Iterations": "5", "Mask AP before": "1.0", "Mask AP": "40.0", "Box AP before": "2.0",
        "Box AP": "41.0", "Edits each": "1.2", "Took": "90 s", "Device": "cpu",
        "Note": "twice the time",
    }  # fmt: skip


def test_a_run_that_came_to_nothing_has_no_numbers(
    folder: Path, page: Callable[[], ComparePage]
) -> None:
    add_run(folder)
    found = line(page(), 0)
    assert (found["State"], found["Mask AP"], found["Took"]) == ("broken off", "", "")


def test_the_two_newest_are_compared_at_first(
    qtbot: QtBot,
    folder: Path,
    two: tuple[RunFolder, RunFolder],
    page: Callable[[], ComparePage],
) -> None:
    add_run(folder, "2026-11-01_080000_train", events=finished_events(folder))
    shown = page()
    qtbot.waitUntil(lambda: shown.curves.metrics.count() > 0)
    assert [run.folder.path.name for run in shown.runs.selected] == [NEW, OLD]
    assert shown.settings.text_at("Iterations", 0) == "5"
    assert shown.settings.text_at("Iterations", 1) == "3"
    assert shown.settings.words.text() == "1 setting differs; the others are equal."
    assert shown.images.text_at("train images", 0) == "6"
    assert shown.images.text_at("red, train", 1) == "4"
    assert "Only in 4 Nov 2026, 09:00: 2 images, t4.png, t5.png." in shown.images.words.text()


def test_ap_stands_by_class_and_the_better_one_is_said_to_be(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    qtbot.waitUntil(lambda: shown.measures.text_at("red", 0) == "40.0 (best)")
    assert shown.measures.text_at("red", 1) == "30.0"
    same = "All were measured on the same 1 image with the same labels."
    assert shown.measures.table.words.text() == same
    shown.measures.task.setCurrentIndex(1)
    assert shown.measures.text_at("AP", 0) == "41.0 (best)"


def test_ap_of_other_images_is_no_fair_comparison(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)
    a_run(folder, NEW, ap=40.0, val=("v.png", "w.png"), train=4, iterations=3)
    shown = page()
    qtbot.waitUntil(lambda: shown.measures.text_at("AP", 0) == "40.0")
    assert shown.measures.table.words.text() == (
        "They were not measured on the same images, so their AP is no fair comparison:"
        " 1 image shared, of 2, 1."
    )


def test_runs_are_measured_anew_on_the_images_that_they_share(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)
    a_run(folder, NEW, ap=40.0, val=("v.png", "w.png"), train=4, iterations=3)
    shown = page()
    qtbot.waitUntil(lambda: shown.measures.anew_button.isEnabled())
    qtbot.mouseClick(shown.measures.anew_button, LEFT)
    qtbot.waitUntil(lambda: shown.measures.text_at("AP", 0) == "80.0 (best)")
    assert shown.measures.text_at("AP", 1) == "70.0"
    assert shown.measures.table.words.text() == (
        "Measured anew on 1 image that all kept, with the labels of the newest run."
    )
    assert not shown.measures.anew_button.isVisible()


def test_runs_that_share_no_val_image_are_not_measured_anew(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    a_run(folder, OLD, ap=30.0, val=("v.png",), train=4, iterations=3)
    a_run(folder, NEW, ap=40.0, val=("w.png",), train=4, iterations=3)
    shown = page()
    qtbot.waitUntil(lambda: "share none" in shown.measures.table.words.text())
    assert not shown.measures.anew_button.isEnabled()


def test_ap_on_labels_that_changed_is_no_fair_comparison(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    snapshot = two[1].read_snapshot()
    *others, val = snapshot.images
    empty = replace(val, labels=replace(val.labels, instances=()))
    two[1].write_snapshot(replace(snapshot, images=(*others, empty)))
    shown = page()
    qtbot.waitUntil(lambda: "changed in between" in shown.measures.table.words.text())
    assert shown.measures.text_at("AP", 0) == "40.0"
    assert "Labelled otherwise in one than in another: 1 image, v.png." in (
        shown.images.words.text()
    )


def test_the_metric_that_was_chosen_stays(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    qtbot.waitUntil(lambda: shown.curves.metrics.currentText() == "Mask AP")
    assert shown.curves.points_of(0) == ((5,), (40.0,))
    qtbot.keyClicks(shown.curves.metrics, "Total")
    shown.curves.metrics.activated.emit(shown.curves.metrics.currentIndex())
    choose(shown, 1)
    qtbot.waitUntil(lambda: shown.curves.points_of(0) == ((1, 2, 3), (1.0, 1 / 2, 1 / 3)))
    assert shown.curves.metrics.currentText() == "Total loss"


def test_one_run_alone_is_drawn_and_another_is_asked_for(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    qtbot.waitUntil(lambda: shown.curves.metrics.count() > 0)
    choose(shown, 0)
    qtbot.waitUntil(lambda: shown.settings.words.text().startswith("Choose two runs or more"))
    assert "4&nbsp;Nov" in shown.curves.legend.text()
    assert shown.rename_button.isEnabled()


def test_several_are_chosen_by_keyboard(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    shown.runs.setFocus()
    qtbot.keyClick(shown.runs, Qt.Key.Key_End)
    assert [run.folder.path.name for run in shown.runs.selected] == [OLD]
    qtbot.keyClick(shown.runs, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert [run.folder.path.name for run in shown.runs.selected] == [NEW, OLD]


def test_a_name_is_written_in_the_table_and_kept_in_the_run_folder(
    qtbot: QtBot,
    session: Session,
    two: tuple[RunFolder, RunFolder],
    page: Callable[[], ComparePage],
) -> None:
    shown = page()
    choose(shown, 1)
    qtbot.keyClick(shown.runs, Qt.Key.Key_F2)
    editor = shown.runs.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, " first  round ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: line(shown, 1)["Name"] == "first round")
    assert read_about(two[0].path) == About("first round")
    assert [run.folder.path.name for run in shown.runs.selected] == [OLD]
    assert session.project is not None
    titles = [one.title for one in run_infos(session.project.labels_folder)]
    assert titles == ["Run of 4 Nov 2026, 09:00, mask AP 40.0", "first round, mask AP 30.0"]


def test_a_note_is_written_by_its_button(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    choose(shown, 0)
    qtbot.mouseClick(shown.note_button, LEFT)
    editor = shown.runs.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "twice the images")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read_about(two[1].path) == About("", "twice the images"))


def test_numbers_are_not_written(
    two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    item = shown.runs.topLevelItem(0)
    assert item is not None
    for column in range(shown.runs.columnCount()):
        if column not in (NAME, NOTE):
            shown.runs.itemDoubleClicked.emit(item, column)
    assert shown.runs.findChild(QLineEdit) is None


def test_a_name_that_cannot_be_kept_is_told_and_not_shown(
    qtbot: QtBot,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    two: tuple[RunFolder, RunFolder],
    page: Callable[[], ComparePage],
) -> None:
    def full(*_: object) -> None:
        raise AppError("The disk is full.")

    monkeypatch.setattr("gui.pages.compare.write_about", full)
    shown = page()
    item = shown.runs.topLevelItem(0)
    assert item is not None
    with qtbot.waitSignal(session.told) as told:
        item.setText(NAME, "lost")
    assert told.args == ["The disk is full."]
    qtbot.waitUntil(lambda: line(shown, 0)["Name"] == "")


def test_going_on_begins_with_the_best_weights_of_the_run(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    choose(shown, 1)
    qtbot.mouseClick(shown.go_on_button, LEFT)
    (dialog,) = shown.findChildren(TrainDialog)
    qtbot.waitUntil(lambda: dialog.weights.weights == str(two[0].best_weights))
    dialog.reject()


def test_a_run_is_exported_and_deleted_from_here(
    qtbot: QtBot,
    session: Session,
    two: tuple[RunFolder, RunFolder],
    page: Callable[[], ComparePage],
) -> None:
    shown = page()
    choose(shown, 1)
    qtbot.mouseClick(shown.export_button, LEFT)
    (dialog,) = shown.findChildren(ExportModelDialog)
    assert dialog.weights.weights == str(two[0].best_weights)
    dialog.reject()
    with qtbot.waitSignal(session.asked) as asked:
        qtbot.mouseClick(shown.delete_button, LEFT)
    assert isinstance(asked.args[0], Notice)
    assert "3 Nov 2026" in asked.args[0].sentence


def test_a_run_is_exported_as_one_zip(
    qtbot: QtBot,
    tmp_path: Path,
    two: tuple[RunFolder, RunFolder],
    page: Callable[[], ComparePage],
) -> None:
    shown = page()
    choose(shown, 1)
    qtbot.mouseClick(shown.export_button, LEFT)
    (dialog,) = shown.findChildren(ExportModelDialog)
    dialog.folder.line.setText(str(tmp_path / "apples"))
    dialog.zip.setChecked(True)
    assert dialog.words.text().startswith("apples.zip gets model.pth")
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.mouseClick(dialog.export_button, LEFT)
    assert wanted.args[0].out == str(tmp_path / "apples.zip")


def test_several_chosen_runs_are_only_compared(
    two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    assert len(shown.runs.selected) == 2
    assert not any(button.isEnabled() for button in shown._buttons)


def test_a_run_that_goes_on_is_not_deleted(folder: Path, page: Callable[[], ComparePage]) -> None:
    with written_elsewhere(add_run(folder)):
        shown = page()
        choose(shown, 0)
        assert not shown.delete_button.isEnabled()


def test_a_run_that_goes_on_is_read_again(
    qtbot: QtBot, folder: Path, page: Callable[[], ComparePage]
) -> None:
    run = add_run(folder, events=(Metrics(1, {"total_loss": 2.0}),))
    with written_elsewhere(run):
        shown = page()
        qtbot.waitUntil(lambda: shown.curves.metrics.count() > 0)
        assert shown._again.isActive()
        with run.events_file.open("a") as file:
            file.write(to_line(Metrics(2, {"total_loss": 1.0})) + "\n")
        shown._again.timeout.emit()
        qtbot.waitUntil(lambda: shown.curves.points_of(0) == ((1, 2), (2.0, 1.0)))


def test_a_name_that_is_being_written_is_not_taken_away(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    choose(shown, 0)
    qtbot.keyClick(shown.runs, Qt.Key.Key_F2)
    with qtbot.waitSignal(shown._listing.reported):
        shown._again.timeout.emit()
    assert shown.runs.is_written_into
    assert shown._again.isActive()


def test_swatches_and_curves_follow_the_palette(
    qtbot: QtBot, two: tuple[RunFolder, RunFolder], page: Callable[[], ComparePage]
) -> None:
    shown = page()
    qtbot.waitUntil(lambda: shown.curves._plot is not None)
    before = shown.curves.legend.text()
    dark = QApplication.palette()
    dark.setColor(dark.ColorRole.Base, Qt.GlobalColor.black)
    shown.setPalette(dark)
    assert shown.curves.legend.text() != before
