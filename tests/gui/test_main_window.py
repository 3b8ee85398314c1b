"""The window as a whole: composed of its parts, worked by mouse and keyboard."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core import edits
from core.configs import TrainConfig
from core.types import ImageState, Instance, InstanceState, Part, new_instance_id
from gui.actions import ACTIONS
from gui.app import begin
from gui.dialogs.classes import ClassDialog
from gui.dialogs.crash import CrashDialog, write_report
from gui.dialogs.export import ExportDialog
from gui.dialogs.train import TrainDialog
from gui.document import Document
from gui.main_window import MainWindow
from gui.panels import all_panels
from gui.session.work import Work
from gui.settings import Settings
from gui.widgets.notices import Notice, NoticeBar

LEFT = Qt.MouseButton.LeftButton


def document_of(window: MainWindow) -> Document:
    assert window.session.document is not None
    return window.session.document


def add(window: MainWindow, state: InstanceState = InstanceState.DRAWN) -> str:
    part = Part([[10, 10], [60, 10], [60, 60], [10, 60]])
    one = Instance(new_instance_id(), window.session.classes[0].id, (part,), state=state)
    document_of(window).edit("Draw", lambda now: edits.with_instance_added(now, one))
    document_of(window).select([one.id])
    return one.id


def press(qtbot: QtBot, window: MainWindow, keys: str) -> None:
    qtbot.keySequence(window.canvas, keys)


def place(window: MainWindow, x: float, y: float) -> QPoint:
    return window.canvas.mapFromScene(QPointF(x, y))


def click(qtbot: QtBot, window: MainWindow, *points: tuple[float, float]) -> None:
    for x, y in points:
        qtbot.mouseMove(window.canvas.viewport(), place(window, x, y))
        qtbot.mouseClick(window.canvas.viewport(), LEFT, pos=place(window, x, y))


def test_every_panel_is_a_dock(window: MainWindow) -> None:
    assert set(window.docks) == {spec.name for spec in all_panels()}


def test_every_action_has_an_icon_and_a_tooltip(window: MainWindow) -> None:
    without = [
        spec.name
        for spec in ACTIONS
        if window.actions_by_name[spec.name].icon().isNull()
        or not window.actions_by_name[spec.name].toolTip()
    ]
    assert without == []


def test_without_a_folder_the_window_says_how_to_begin(window: MainWindow) -> None:
    assert window.start_page.isVisible()
    assert window.start_page.open_button.isEnabled()


def test_an_empty_folder_says_what_to_do(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(window.session.images_changed):
        window.session.open_folder(tmp_path / "empty")
    assert "no image" in window.canvas._placeholder


def test_the_image_is_on_the_canvas(opened: MainWindow) -> None:
    assert opened.canvas.image_rect().size().toTuple() == (120.0, 90.0)
    assert opened.canvas.document is document_of(opened)
    assert opened.status.image.text() == "Image 1 of 3 · img_0.png · not started"


def test_a_polygon_is_drawn_with_the_mouse_and_saved(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    press(qtbot, opened, "P")
    click(qtbot, opened, (10, 10), (50, 10), (50, 50))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.session.is_all_saved and (folder / "img_0.json").is_file())
    (shape,) = json.loads((folder / "img_0.json").read_text())["shapes"]
    assert shape["label"] == "green"
    assert len(shape["points"]) == 3
    assert opened.status.saved.text() == "All saved"


def test_a_drawing_without_any_class_asks_for_one(
    qtbot: QtBot, window: MainWindow, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(folder)
    window.canvas.setFocus()
    press(qtbot, window, "P")
    click(qtbot, window, (10, 10), (50, 10), (50, 50))
    qtbot.keyClick(window.canvas, Qt.Key.Key_Return)
    (dialog,) = window.findChildren(ClassDialog)
    qtbot.keyClicks(dialog.name, "shirt")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert [one.name for one in window.session.classes] == ["shirt"]
    assert len(document_of(window).labels.instances) == 1


def test_undo_and_redo_by_key(qtbot: QtBot, opened: MainWindow) -> None:
    instance_id = add(opened)
    press(qtbot, opened, "Ctrl+Z")
    assert document_of(opened).labels.instances == ()
    press(qtbot, opened, "Ctrl+Y")
    assert [one.id for one in document_of(opened).labels.instances] == [instance_id]


def test_delete_by_key_remembers_a_rejected_prediction(qtbot: QtBot, opened: MainWindow) -> None:
    instance_id = add(opened, InstanceState.PREDICTED)
    press(qtbot, opened, "Del")
    assert document_of(opened).labels.instances == ()
    assert [one.id for one in document_of(opened).labels.rejected] == [instance_id]


def test_a_number_key_changes_the_class_of_the_selection(qtbot: QtBot, opened: MainWindow) -> None:
    add(opened)
    press(qtbot, opened, "2")
    assert document_of(opened).labels.instances[0].class_id == opened.session.classes[1].id


def test_accept_all_by_key(qtbot: QtBot, opened: MainWindow) -> None:
    add(opened, InstanceState.PREDICTED)
    press(qtbot, opened, "Shift+W")
    assert document_of(opened).labels.instances[0].state is InstanceState.ACCEPTED


def test_copy_and_paste_between_images(qtbot: QtBot, opened: MainWindow) -> None:
    add(opened)
    press(qtbot, opened, "Ctrl+C")
    press(qtbot, opened, "D")
    qtbot.waitUntil(lambda: document_of(opened).key == "img_1.png")
    press(qtbot, opened, "Ctrl+V")
    assert len(document_of(opened).labels.instances) == 1


def test_reject_by_key_leaves_what_a_person_drew(qtbot: QtBot, opened: MainWindow) -> None:
    drawn, predicted = add(opened), add(opened, InstanceState.PREDICTED)
    document_of(opened).select([drawn, predicted])
    press(qtbot, opened, "X")
    assert [one.id for one in document_of(opened).labels.instances] == [drawn]


def test_a_duplicate_lies_as_far_aside_on_the_screen_at_any_zoom(
    qtbot: QtBot, opened: MainWindow
) -> None:
    first = add(opened)
    opened.canvas.zoom_to_actual()
    opened.canvas.zoom_by(4)
    press(qtbot, opened, "Ctrl+D")
    (copied,) = document_of(opened).selection
    labels = document_of(opened).labels
    aside = labels.instance(copied).parts[0].outer - labels.instance(first).parts[0].outer
    assert aside == pytest.approx(np.full((4, 2), 3.0))


def test_labels_of_another_image_size_are_rescaled_by_a_button(
    qtbot: QtBot, window: MainWindow, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    points = [[10, 10], [50, 10], [50, 40]]
    content = {
        "version": "5.0.0", "flags": {}, "imagePath": "img_0.png", "imageData": None,
        "imageHeight": 45, "imageWidth": 60,
        "shapes": [{"label": "red", "points": points, "shape_type": "polygon", "flags": {}}],
    }  # fmt: skip
    (folder / "img_0.json").write_text(json.dumps(content))
    open_folder(folder)
    assert "60 x 45" in window.notices.notices[-1].sentence
    window.notices.answer("Rescale")
    (instance,) = document_of(window).labels.instances
    assert instance.parts[0].outer.tolist() == [[20, 20], [100, 20], [100, 80]]
    document_of(window).undo()
    (instance,) = document_of(window).labels.instances
    assert instance.parts[0].outer.tolist() == points


def test_done_and_next_by_key(qtbot: QtBot, opened: MainWindow) -> None:
    first = document_of(opened)
    press(qtbot, opened, "F")
    assert first.labels.state is ImageState.DONE
    qtbot.waitUntil(lambda: document_of(opened).key == "img_1.png")


def test_another_class_by_key_and_typing(qtbot: QtBot, opened: MainWindow) -> None:
    add(opened)
    press(qtbot, opened, "C")
    (dialog,) = opened.findChildren(ClassDialog)
    qtbot.keyClicks(dialog.name, "green")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert document_of(opened).labels.instances[0].class_id == opened.session.classes[1].id


def test_the_fine_tune_action_opens_its_dialog(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, "Ctrl+T")
    assert len(opened.findChildren(TrainDialog)) == 1


def test_export_counts_and_then_writes_coco(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    add(opened)
    press(qtbot, opened, "Ctrl+E")
    (dialog,) = opened.findChildren(ExportDialog)
    qtbot.waitUntil(dialog.export_button.isEnabled)
    assert "1 instance in 1 image" in dialog.counts.text()
    dialog.file.setText(str(tmp_path / "coco.json"))
    qtbot.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: bool(opened.session.work.runs))
    with qtbot.waitSignal(opened.session.work.runs[-1].ended, timeout=60_000):
        pass
    content = json.loads((tmp_path / "coco.json").read_text())
    assert len(content["annotations"]) == 1


def test_a_fine_tune_of_nothing_is_told_with_what_to_do(qtbot: QtBot, opened: MainWindow) -> None:
    with qtbot.waitSignal(
        opened.session.told, timeout=60_000, check_params_cb=lambda text: "mark each done" in text
    ):
        opened.session.work.start_training(TrainConfig(folder="", iterations=1))
    assert any("mark each done" in one.sentence for one in opened.notices.notices)


def test_the_window_is_where_it_was(qtbot: QtBot, opened: MainWindow, settings: Settings) -> None:
    opened.docks["runs"].show()
    opened.close()
    again = MainWindow(opened.session)
    qtbot.addWidget(again)
    assert not again.docks["runs"].isHidden()


def test_closing_while_a_fine_tune_runs_asks(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Work, "training", property(lambda _: object()))
    assert not opened.close()
    (box,) = opened.findChildren(QMessageBox)
    assert "fine-tune is still running" in box.text()
    monkeypatch.undo()


def test_a_folder_of_the_command_line_is_opened(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    begin(window, [str(folder)])
    qtbot.waitUntil(lambda: window.session.document is not None)
    assert window.windowTitle() == "photos — Maskloop"


def test_the_first_start_draws_the_demo_and_opens_it(qtbot: QtBot, window: MainWindow) -> None:
    begin(window, [])
    assert not window.start_page.demo_button.isEnabled()
    qtbot.waitUntil(lambda: window.session.document is not None, timeout=60_000)
    assert window.windowTitle() == "Demo — Maskloop"


def test_a_notice_is_answered_by_its_button(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    answered: list[str] = []
    bar.show_notice(Notice("Which?", (("Mine", lambda: answered.append("mine")),), topic="a"))
    bar.show_notice(Notice("Which one?", (("Mine", lambda: answered.append("mine")),), topic="a"))
    assert len(bar.notices) == 1
    bar.answer("Mine")
    assert answered == ["mine"]
    assert bar.notices == ()


def test_a_crash_leaves_a_report_and_says_where(qtbot: QtBot, tmp_path: Path) -> None:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        report = write_report(tmp_path / "crashes", type(error), error, error.__traceback__)
        dialog = CrashDialog(error, report, None)
    qtbot.addWidget(dialog)
    assert "test_a_crash_leaves_a_report" in report.read_text()
    assert str(report) in dialog.informativeText()
