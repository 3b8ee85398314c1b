"""What leaves the project: the dialogs say what will be written before anything is."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from core import edits
from core.configs import ExportModelConfig, PackConfig, TrainConfig, to_json
from core.project import Project
from core.run_folder import new_run_folder
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.dialogs.export import ExportDialog
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.pack import PackDialog
from gui.session import Session, leaving
from tests.gui.scripted import SCRIPTED

SQUARE = Part([[10, 10], [50, 10], [50, 50]])
RETURN, DOWN, SPACE = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Space

pytestmark = pytest.mark.usefixtures("exports_to_tmp_path")


@pytest.fixture
def labelled(folder: Path) -> Path:
    """img_0 done with a red and a prediction, img_1 with a prediction only, img_2 untouched."""
    project = Project.open(folder)
    list(project.scan())
    red, _, _ = (project.add_class(name) for name in ("red", "green", "blue"))
    drawn = Instance("d", red.id, (SQUARE,))
    guess = Instance("g", red.id + 1, (SQUARE,), state=InstanceState.PREDICTED, score=0.4)
    for key, instances, state in (
        ("img_0.png", (drawn, guess), ImageState.DONE),
        ("img_1.png", (guess,), ImageState.STARTED),
    ):
        labels = ImageLabels((90, 120), instances, state)
        project.write(key, labels, stamp=project.read(key).stamp)
    project.close()
    return folder


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def opened(session: Session, labelled: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(labelled)
    return session


def shown(qtbot: QtBot, dialog: QDialog) -> None:
    dialog.open()
    qtbot.waitExposed(dialog)


def tab_to(dialog: QDialog, wanted: object) -> None:
    """Presses Tab until this has the keyboard."""
    for _ in range(20):
        if QApplication.focusWidget() is wanted:
            return
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
    raise AssertionError("it cannot be reached by Tab")


def export_dialog(qtbot: QtBot, session: Session) -> ExportDialog:
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    shown(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.count is not None)
    return dialog


def test_an_export_counts_instances_by_split_and_class(qtbot: QtBot, opened: Session) -> None:
    dialog = export_dialog(qtbot, opened)
    assert "1 instance in 1 image (1 train)" in dialog.counts.text()
    assert "red 1." in dialog.counts.text()


def test_an_export_names_what_is_left_out_and_what_is_missing(
    qtbot: QtBot, opened: Session
) -> None:
    text = export_dialog(qtbot, opened).warnings.text()
    assert "nobody looked at them: 2 predictions" in text
    assert "nothing to write: 2 images" in text
    assert "Classes without an instance: green, blue" in text


def test_an_export_with_predictions_counts_them_and_says_what_is_not_done(
    qtbot: QtBot, opened: Session
) -> None:
    dialog = export_dialog(qtbot, opened)
    tab_to(dialog, dialog.state)
    QTest.keyClick(dialog.state, DOWN)
    assert "3 instances in 2 images" in dialog.counts.text()
    assert "Not marked done, so labels may be missing there: 1 image." in dialog.warnings.text()


def test_an_export_says_which_images_are_gone(
    qtbot: QtBot, opened: Session, labelled: Path
) -> None:
    (labelled / "img_0.png").unlink()
    dialog = export_dialog(qtbot, opened)
    assert "gone from the folder: 1 image" in dialog.warnings.text()
    assert not dialog.export_button.isEnabled()


def test_an_export_says_that_a_file_will_be_replaced(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    (tmp_path / "old.json").write_text('{"images": []}')
    dialog = export_dialog(qtbot, opened)
    dialog.file.setText(str(tmp_path / "old.json"))
    assert "old.json is there already and will be replaced." in dialog.warnings.text()
    assert dialog.export_button.isEnabled()


@pytest.mark.parametrize("name", ["photos/img_0.png", "photos/img_0.json", "photos", "notes.txt"])
def test_an_export_does_not_offer_to_replace_what_is_no_coco_file(
    qtbot: QtBot, opened: Session, tmp_path: Path, name: str
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    dialog = export_dialog(qtbot, opened)
    dialog.file.setText(str(tmp_path / name))
    assert not dialog.export_button.isEnabled()
    assert name.rpartition("/")[2] in dialog.warnings.text()


def test_an_export_is_made_with_the_keyboard_alone(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    dialog = export_dialog(qtbot, opened)
    tab_to(dialog, dialog.file)
    dialog.file.selectAll()
    QTest.keyClicks(dialog.file, str(tmp_path / "out.json"))
    QTest.keyClick(dialog.file, RETURN)
    qtbot.waitUntil(lambda: bool(opened.work.runs))
    run = opened.work.runs[-1]
    qtbot.waitUntil(lambda: not run.is_going)
    assert run.last.result["job"]["out"] == str(tmp_path / "out.json")  # type: ignore[union-attr]


def model_dialog(qtbot: QtBot, session: Session) -> tuple[ExportModelDialog, list[object]]:
    dialog, wanted = ExportModelDialog(session), []
    qtbot.addWidget(dialog)
    dialog.wanted.connect(wanted.append)
    shown(qtbot, dialog)
    return dialog, wanted


def test_a_model_is_exported_with_the_keyboard_alone(
    qtbot: QtBot, opened: Session, labelled: Path, tmp_path: Path
) -> None:
    opened.settings.set("weights", "")
    run = new_run_folder(labelled, "train")
    run.write_config("train", to_json(TrainConfig("photos")))
    run.best_weights.write_bytes(b"x" * 2_000_000)
    dialog, wanted = model_dialog(qtbot, opened)
    qtbot.waitUntil(lambda: dialog.weights.weights == str(run.best_weights))
    assert "About 2 MB" in dialog.words.text()
    tab_to(dialog, dialog.half)
    QTest.keyClick(dialog.half, SPACE)
    assert "About 1 MB" in dialog.words.text()
    tab_to(dialog, dialog.folder.line)
    QTest.keyClick(dialog.folder.line, RETURN)
    assert wanted == [
        ExportModelConfig(
            str(run.best_weights), str(tmp_path / "photos model"), half_precision=True
        )
    ]


def test_a_model_is_not_put_where_something_is(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    dialog, _ = model_dialog(qtbot, opened)
    dialog.folder.line.setText(str(tmp_path))
    assert not dialog.export_button.isEnabled()
    assert "not empty" in dialog.words.text()


def test_without_weights_the_export_of_a_model_says_to_choose_some(
    qtbot: QtBot, opened: Session
) -> None:
    opened.settings.set("weights", "")
    dialog, _ = model_dialog(qtbot, opened)
    assert "Choose weights" in dialog.words.text()
    assert not dialog.export_button.isEnabled()


def test_a_pack_is_counted_and_made_with_the_keyboard_alone(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    dialog, wanted = PackDialog(opened), []
    qtbot.addWidget(dialog)
    dialog.wanted.connect(wanted.append)
    shown(qtbot, dialog)
    qtbot.waitUntil(dialog.pack_button.isEnabled)
    assert "1 done image (1 train) with 1 instance," in dialog.words.text()
    assert "Not done, and stays here: 2 images." in dialog.words.text()
    tab_to(dialog, dialog.file.line)
    QTest.keyClick(dialog.file.line, RETURN)
    assert wanted == [PackConfig(".", str(tmp_path / "photos.zip"))]


def test_a_pack_names_a_zip(qtbot: QtBot, opened: Session, tmp_path: Path) -> None:
    dialog = PackDialog(opened)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(dialog.pack_button.isEnabled)
    dialog.file.line.setText(str(tmp_path / "photos.tar"))
    assert not dialog.pack_button.isEnabled()
    assert "ends in .zip" in dialog.words.text()


def test_packing_takes_the_open_project_and_tells_where_the_zip_is(
    qtbot: QtBot, opened: Session, labelled: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    opened.told.connect(told.append)
    leaving.pack(opened, PackConfig(".", str(tmp_path / "p.zip")))
    qtbot.waitUntil(lambda: any(str(tmp_path / "p.zip") in sentence for sentence in told))
    job = opened.work.runs[-1].last.result["job"]  # type: ignore[union-attr]
    assert (job["folder"], job["labels_folder"]) == (str(labelled), str(labelled))


def test_what_could_not_be_saved_is_not_left_out_in_silence(
    qtbot: QtBot, opened: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert opened.document is not None
    with monkeypatch.context() as patch:
        patch.setattr("core.atomic._write_whole", full)
        drawn = Instance("e", opened.classes[0].id, (SQUARE,))
        opened.document.edit("Draw", lambda now: edits.with_instance_added(now, drawn))
        with qtbot.waitSignal(
            opened.told, check_params_cb=lambda text: "in no label file yet" in text
        ):
            leaving.pack(opened, PackConfig(".", str(tmp_path / "p.zip")))
    assert opened.work.runs == []
