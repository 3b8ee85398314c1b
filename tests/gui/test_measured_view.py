"""An evaluation to look at: what the tabs show, and what a number leads to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.errors import AppError
from core.matches.confusion import confusion_of
from gui.widgets.measured.behind_rows import Behind, BehindRow
from gui.widgets.measured.measurement import measurement_of
from gui.widgets.measured.number_table import text_in
from gui.widgets.measured.pictures import picture_of
from gui.widgets.measured.view import MeasuredView
from tests.gui.measured_example import example_matches, example_numbers, keep_example

ENTER, LEFT = Qt.Key.Key_Return, Qt.MouseButton.LeftButton


class Shown:
    """A view of the example whose questions are answered at once."""

    def __init__(self, view: MeasuredView) -> None:
        self.view = view
        view.asked.connect(lambda work: view.show_behind(work()))
        view.cells_asked.connect(lambda work: view.show_cells(work()))

    def groups(self) -> dict[str, list[tuple[str, int, tuple[str, ...]]]]:
        """What is listed, by the titles of the kinds."""
        kinds, panel = self.view.behind.kinds, self.view.behind
        listed = {}
        for place in range(kinds.count()):
            kinds.setCurrentIndex(place)
            rows = [(row.key, row.n, row.ids) for row in panel.model.rows]
            listed[kinds.itemText(place)] = rows
        return listed

    @property
    def title(self) -> str:
        return self.view.behind.title.text().splitlines()[0]


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    view = MeasuredView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    made = Shown(view)
    view.show_measurement(measurement_of(keep_example(tmp_path / "kept")))
    return made


def test_nothing_is_shown_before_anything_is_measured(qtbot: QtBot) -> None:
    view = MeasuredView()
    qtbot.addWidget(view)
    view.show()
    assert not view.tables.isVisible()
    assert view.behind.title.text().startswith("Click a number")


def test_what_is_needed_before_anything_is_measured_is_said(qtbot: QtBot) -> None:
    view = MeasuredView()
    qtbot.addWidget(view)
    assert view.empty_words.endswith("then this is here, and stays with the folder.")
    view.say_what_is_needed("Choose weights.", is_going=False)
    assert view.empty_words.endswith("images yet. Choose weights.")
    view.say_what_is_needed("", is_going=True)
    assert "It is being measured" in view.empty_words
    assert "Press" not in view.empty_words


def test_what_the_colours_of_the_confusion_say_is_above_it(shown: Shown) -> None:
    confusion = shown.view.confusion
    layout = confusion.layout()
    assert layout is not None
    assert layout.indexOf(confusion.how) < layout.indexOf(confusion.matrix)


def test_the_ap_of_all_classes_is_the_mean_over_those_with_instances(shown: Shown) -> None:
    table = shown.view.curves.table
    of_each = [float(table.text_at(name, "AP50")) for name in ("nut", "fruit")]
    assert float(table.text_at("All classes", "AP50")) == pytest.approx(sum(of_each) / 2, abs=0.1)


def test_the_twelve_numbers_of_coco_are_there(shown: Shown) -> None:
    whole = shown.view.tables.whole
    assert whole.rowCount() == 12
    assert whole.text_at("AP50", "Mask") == "33.3"
    assert whole.text_at("AP50", "Box") == "44.4"
    assert whole.text_at("APs", "Mask") == "n/a"
    assert whole.text_at("AR100", "Mask") == "55.5"


def test_classes_have_their_numbers_and_the_counts_of_each_split(shown: Shown) -> None:
    classes = shown.view.tables.classes
    assert classes.text_at("nut", "APl") == "12.5"
    assert classes.text_at("fruit", "AP") == "n/a"
    assert [classes.text_at("nut", f"In {one}") for one in ("train", "val", "test")] == [
        "8", "3", "0",
    ]  # fmt: skip
    assert classes.text_at("All classes", "In train") == "9"
    assert classes.text_at("All classes", "AP75") == "33.3"
    assert classes.text_at("All classes", "AR100") == "55.5"
    assert classes.text_at("Images", "In train") == "7"
    tasks = shown.view.tables.tasks
    tasks.setCurrentIndex(tasks.findData("bbox"))
    assert classes.text_at("All classes", "AP75") == "44.4"


def test_enter_on_a_number_lists_what_was_missed_wrong_and_found(
    qtbot: QtBot, shown: Shown
) -> None:
    table = shown.view.tables.whole
    table.setCurrentCell(0, 0)
    qtbot.keyClick(table, ENTER)
    assert shown.title == "All classes at a confidence of 40 %"
    assert shown.groups() == {
        "Missed (2)": [("img_1.png", 1, ("a",)), ("img_0.png", 1, ("b",))],
        "Wrong (1)": [("img_1.png", 1, ())],
        "Found (2)": [("img_0.png", 1, ("a",)), ("img_2.png", 1, ("a",))],
    }


@pytest.mark.parametrize(
    ("name", "found"), [("APs", []), ("APm", ["img_0.png"]), ("ARl", ["img_2.png"])]
)
def test_a_size_lists_instances_of_the_size(shown: Shown, name: str, found: list[str]) -> None:
    shown.view.tables.number_picked.emit(0, name)
    (*_, rows) = shown.groups().values()
    assert [key for key, _, _ in rows] == found


def test_a_count_lists_the_instances_of_the_split_that_was_measured(
    qtbot: QtBot, shown: Shown
) -> None:
    table = shown.view.tables.classes
    at = table.visualItemRect(table.item(0, 8)).center()
    assert table.horizontalHeaderItem(8).text() == "In val"
    qtbot.mouseClick(table.viewport(), LEFT, pos=at)
    assert shown.title == "nut: instances"
    assert {row.key for row in shown.view.behind.model.rows} == set(example_matches().images)


def test_a_count_of_another_split_is_asked_for(qtbot: QtBot, shown: Shown) -> None:
    with qtbot.waitSignal(shown.view.count_wanted) as asked:
        shown.view.tables.count_picked.emit(1, "train")
    assert asked.args == ["fruit", "train"]


def test_classes_are_measured_by_boxes_too(shown: Shown) -> None:
    tables = shown.view.tables
    tables.tasks.setCurrentIndex(1)
    assert tables.classes.text_at("nut", "AP") == "12.5"


def test_each_class_says_its_best_confidence(shown: Shown) -> None:
    table = shown.view.curves.table
    assert table.text_at("nut", "Best confidence") == "40 %"
    assert table.text_at("nut", "F1") == "0.80"
    assert table.text_at("nut", "Precision") == "1.00"
    assert table.text_at("nut", "Recall") == "0.67"
    assert table.text_at("fruit", "Best confidence") == "n/a"


def test_a_class_of_which_nothing_is_right_says_so(shown: Shown) -> None:
    shown.view.curves.table.setCurrentCell(2, 0)
    assert shown.view.curves.said.text() == "No prediction is right, so no confidence is the best."
    assert not shown.view.curves.use_button.isEnabled()


def test_a_class_without_an_instance_has_words_for_a_curve(qtbot: QtBot, tmp_path: Path) -> None:
    there = example_matches()
    matches = type(there)("segm", there.images, (*there.classes, "leaf"), there.truths, there.found)
    view = MeasuredView()
    qtbot.addWidget(view)
    view.show_measurement(measurement_of(keep_example(tmp_path / "kept", matches=matches)))
    view.curves.table.setCurrentCell(3, 0)
    assert view.curves.f1.words.startswith("No instance of it is in these images")
    assert view.curves.table.text_at("leaf", "AP50") == "n/a"


def test_keys_go_along_a_curve_and_both_follow(qtbot: QtBot, shown: Shown) -> None:
    curves = shown.view.curves
    curves.table.setCurrentCell(1, 0)
    assert curves.said.text().startswith("Best F1: confidence 0.40: precision 1.00, recall 0.67")
    qtbot.keyClick(curves.precision, Qt.Key.Key_Left)
    assert curves.precision.current == curves.f1.current == 0
    assert curves.said.text().startswith("At confidence 0.90: precision 1.00, recall 0.33")
    qtbot.keyClick(curves.f1, Qt.Key.Key_Left)  # to the left confidence is less
    assert curves.f1.current == 1


def test_enter_on_a_point_lists_the_images_behind_it(qtbot: QtBot, shown: Shown) -> None:
    curves = shown.view.curves
    curves.table.setCurrentCell(1, 0)
    qtbot.keyClick(curves.precision, Qt.Key.Key_Home)
    qtbot.keyClick(curves.precision, ENTER)
    assert shown.title == "nut at a confidence of 90 %"
    assert list(shown.groups()) == ["Missed (2)", "Wrong (0)", "Found (1)"]


def test_a_click_picks_the_nearest_point(qtbot: QtBot, shown: Shown) -> None:
    shown.view.tabs.setCurrentIndex(1)
    curves = shown.view.curves
    curves.table.setCurrentCell(1, 0)
    at = curves.f1.place_of(0) + QPoint(3, -2)
    with qtbot.waitSignal(curves.f1.picked) as picked:
        qtbot.mouseClick(curves.f1, LEFT, pos=at.toPoint())
    assert picked.args == [0]


def test_the_best_confidence_of_a_class_can_be_taken(qtbot: QtBot, shown: Shown) -> None:
    curves = shown.view.curves
    curves.table.setCurrentCell(1, 0)
    with qtbot.waitSignal(curves.thresholds_wanted) as wanted:
        qtbot.mouseClick(curves.use_button, LEFT)
    assert wanted.args == [(("nut", 0.4),)]
    with qtbot.waitSignal(curves.thresholds_wanted) as wanted:
        qtbot.mouseClick(curves.use_all_button, LEFT)
    assert dict(wanted.args[0]) == {"": 0.4, "nut": 0.4}


def test_the_matrix_follows_the_slider(shown: Shown) -> None:
    confusion = shown.view.confusion
    for percent in (0, 35, 85, 100):
        confusion.slider.setValue(percent)
        expected = confusion_of(example_matches(), percent / 100)
        np.testing.assert_array_equal(confusion.model.cells, expected)
    assert text_in(confusion.matrix, "nut", "background") == "3"
    confusion.best_button.click()
    assert confusion.value.text() == "40 %"
    assert text_in(confusion.matrix, "nut", "fruit") == "1"


def test_enter_on_a_cell_lists_what_it_counts(qtbot: QtBot, shown: Shown) -> None:
    matrix = shown.view.confusion.matrix
    matrix.setCurrentIndex(matrix.model().index(0, 1))
    qtbot.keyClick(matrix, ENTER)
    assert shown.title == "nut taken for fruit, at a confidence of 40 %"
    (row,) = shown.view.behind.model.rows
    assert (row.key, row.ids, row.box_xyxy) == ("img_1.png", ("a",), (5, 5, 35, 35))
    assert row.words == "nut taken for fruit, confidence 0.80, IoU 0.80"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (0, 0, "nut found as such: 2"),
        (2, 1, "fruit seen where nothing is: 0"),
        (1, 2, "fruit that nothing found: 1"),
    ],
)
def test_a_cell_says_in_words_what_it_counts(
    shown: Shown, row: int, column: int, words: str
) -> None:
    index = shown.view.confusion.model.index(row, column)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == words


def test_effort_says_what_is_saved(shown: Shown) -> None:
    effort = shown.view.effort
    assert effort.words.text() == (
        "With these predictions 4 instances take 10 edits; to draw all by hand takes 40."
        " 75 % are saved."
    )
    assert effort.table.text_at("Corrected", "Instances") == "2"
    assert effort.table.text_at("Accepted untouched", "Share") == "25 %"


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("Corrected", [("img_2.png", "4 edits", ("a",)), ("img_1.png", "1 edit", ("a",))]),
        ("Of another class", [("img_1.png", "1 edit", ("a",))]),
        ("False positives", [("img_2.png", "1 edit", ())]),
    ],
)
def test_a_kind_of_work_lists_its_images(
    qtbot: QtBot, shown: Shown, line: str, rows: list[Any]
) -> None:
    table = shown.view.effort.table
    titles = [table.verticalHeaderItem(n).text() for n in range(table.rowCount())]
    table.setCurrentCell(titles.index(line), 0)
    qtbot.keyClick(table, ENTER)
    assert shown.title == line
    assert [(row.key, row.words, row.ids) for row in shown.view.behind.model.rows] == rows


def test_effort_that_was_not_counted_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    numbers = {name: one for name, one in example_numbers().items() if name != "effort"}
    view = MeasuredView()
    qtbot.addWidget(view)
    view.show_measurement(measurement_of(keep_example(tmp_path / "kept", numbers=numbers)))
    assert view.effort.words.text().startswith("The effort was not counted.")


def test_predictions_that_save_nothing_are_told_so(shown: Shown) -> None:
    shown.view.effort.show_effort({**example_numbers()["effort"], "edits_per_instance": 11})
    assert shown.view.effort.words.text().endswith("they save nothing yet.")


def test_what_is_listed_can_be_opened_and_listed_alone(qtbot: QtBot, shown: Shown) -> None:
    shown.view.confusion.cell_picked.emit(0, 0)
    panel = shown.view.behind
    panel.list.setCurrentIndex(panel.model.index(1, 0))
    with qtbot.waitSignal(panel.opened) as opened:
        qtbot.keyClick(panel.list, ENTER)
    assert opened.args[0].key == "img_2.png"
    with qtbot.waitSignal(panel.only_wanted) as only:
        qtbot.mouseClick(panel.only_button, LEFT)
    assert only.args == [
        ("img_0.png", "img_2.png"), "nut found as such, at a confidence of 40 %",
    ]  # fmt: skip


def test_the_kind_that_was_chosen_last_stays_chosen(shown: Shown) -> None:
    shown.view.tables.number_picked.emit(None, "AP")
    shown.view.behind.kinds.setCurrentIndex(1)
    shown.view.tables.number_picked.emit(1, "AP")
    assert shown.view.behind.kinds.currentText() == "Wrong (1)"


def test_a_number_of_nothing_says_so(shown: Shown) -> None:
    shown.view.confusion.cell_picked.emit(1, 0)
    assert shown.view.behind.title.text().endswith("There is none.")
    assert not shown.view.behind.only_button.isVisible()


def test_effort_that_cannot_be_read_is_an_error_in_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    kept = keep_example(tmp_path / "kept")
    (kept.folder / "effort.json").write_text("{")
    view = MeasuredView()
    qtbot.addWidget(view)
    view.show_measurement(measurement_of(kept))
    asked: list[Callable[[], Behind]] = []
    view.asked.connect(asked.append)
    view.effort.kind_picked.emit("drawn")
    with pytest.raises(AppError, match="Measure again"):
        asked[0]()


def test_pictures_are_made_of_what_is_seen_one_after_another(
    qtbot: QtBot, shown: Shown, folder: Path
) -> None:
    wanted: list[BehindRow] = []
    model = shown.view.behind.model
    model.picture_wanted.connect(wanted.append)
    shown.view.confusion.cell_picked.emit(0, 0)
    qtbot.waitUntil(lambda: len(wanted) == 1)
    model.take_picture(picture_of(folder / wanted[0].key, wanted[0]))
    assert len(wanted) == 2
    place = model.rows.index(wanted[0])
    icon = model.index(place).data(Qt.ItemDataRole.DecorationRole)
    assert not icon.pixmap(56, 56).isNull()


def test_a_picture_has_a_frame_around_what_is_counted(folder: Path) -> None:
    row = BehindRow("img_0.png", 1, box_xyxy=(60, 20, 90, 50))
    _, with_frame = picture_of(folder / "img_0.png", row)
    _, without = picture_of(folder / "img_0.png", BehindRow("img_0.png", 1))
    assert with_frame is not None
    assert without is not None
    assert with_frame.pixelColor(54, 30) != without.pixelColor(54, 30)
    assert with_frame.pixelColor(5, 5) == without.pixelColor(5, 5)


def test_an_image_that_cannot_be_read_has_no_picture(tmp_path: Path) -> None:
    assert picture_of(tmp_path / "no.png", BehindRow("no.png", 1))[1] is None
