"""Making a model smaller, in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.dialogs.compact import CompactDialog
from gui.session import Session
from gui.settings import Settings
from tests.gui.scripted import SCRIPTED_COMPACT

pytestmark = pytest.mark.usefixtures("exports_to_tmp_path")


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED_COMPACT


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    return session


def dialog_of(qtbot: QtBot, session: Session, weights: str = "/w/good.pth") -> CompactDialog:
    dialog = CompactDialog(session)
    qtbot.addWidget(dialog)
    dialog.weights.set_weights(weights)
    dialog.folder.changed.emit()
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def choose(dialog: CompactDialog, to: str) -> None:
    dialog.form.setCurrentIndex(dialog.form.findData(to))


def started(qtbot: QtBot, dialog: CompactDialog) -> None:
    with qtbot.waitSignal(dialog.begun):
        QTest.keyClick(dialog.folder.line, Qt.Key.Key_Return)


def done(qtbot: QtBot, dialog: CompactDialog) -> None:
    started(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.start_button.isVisible() and not dialog.bar.isVisible())


def test_size_time_and_ap_are_shown_before_and_after(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened)
    done(qtbot, dialog)
    assert dialog.table.isVisible()
    rows = [[dialog.table.text_at(row, column) for column in (0, 1)] for row in range(4)]
    assert rows[0] == ["176 MB", "44 MB"]
    assert rows[1] == ["250 ms", "250 ms"]
    assert rows[2:] == [["40.0", "39.9"], ["50.0", "50.0"]]
    assert "README.md there says how it is loaded" in dialog.words.text()


def test_a_refusal_is_said_and_its_numbers_are_shown(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/falls.pth")
    done(qtbot, dialog)
    assert dialog.words.text().startswith("Mask AP falls by 2.0 on the 4 val images.")
    assert dialog.table.text_at(2, 1) == "38.0"


def test_what_is_refused_can_be_written_all_the_same(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/falls.pth")
    dialog.force.setChecked(True)
    done(qtbot, dialog)
    assert "README.md there" in dialog.words.text()


def test_it_is_measured_on_the_open_project(qtbot: QtBot, opened: Session, folder: Path) -> None:
    dialog = dialog_of(qtbot, opened, "/w/patience.pth")
    choose(dialog, "onnx-int8")
    started(qtbot, dialog)
    now = f"Writing onnx-int8 for {folder}. 2 of 5 images to time."
    qtbot.waitUntil(lambda: dialog.words.text() == now)


def test_what_was_made_can_be_used_at_once(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("engine", "maskrcnn")
    dialog = dialog_of(qtbot, opened)
    assert not dialog.use_button.isVisible()
    choose(dialog, "onnx")
    done(qtbot, dialog)
    made = str(dialog.folder.path / "model.onnx") if dialog.folder.path else ""
    with qtbot.waitSignal(opened.told, check_params_cb=lambda said: "model.onnx" in said):
        dialog.use_button.click()
    assert (settings.text("weights"), settings.text("engine")) == (made, "onnx")


def test_what_was_refused_cannot_be_used(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/falls.pth")
    done(qtbot, dialog)
    assert not dialog.use_button.isVisible()


def test_a_network_is_not_made_smaller(qtbot: QtBot, opened: Session, settings: Settings) -> None:
    dialog = dialog_of(qtbot, opened, "/w/R50.onnx")
    assert not dialog.start_button.isEnabled()
    assert "R50.onnx is a network already" in dialog.words.text()
    settings.set("weights", "/w/R50.onnx")
    dialog = CompactDialog(opened)
    qtbot.addWidget(dialog)
    assert dialog.weights.weights == ""


def test_work_can_be_stopped_and_nothing_was_written(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/patience.pth")
    started(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.bar.maximum() == 5)
    assert dialog.bar.value() == 2
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog.words.text() == "It was stopped, and nothing was written.")
    assert dialog.isVisible()
    assert dialog.start_button.isEnabled()


def test_work_can_be_stopped_before_it_has_begun(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/patience.pth")
    with qtbot.waitSignal(dialog.begun):
        QTest.keyClick(dialog.folder.line, Qt.Key.Key_Return)
        assert dialog.words.text() == "Saving what you edited."
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
    qtbot.waitUntil(lambda: dialog.words.text() == "It was stopped, and nothing was written.")


def test_a_failure_is_said_in_its_sentence(qtbot: QtBot, opened: Session) -> None:
    dialog = dialog_of(qtbot, opened, "/w/broken.pth")
    started(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.words.text() == "broken.pth is broken.")


def test_without_a_project_8_bits_in_onnx_cannot_be_chosen_on_images(
    qtbot: QtBot, session: Session
) -> None:
    dialog = dialog_of(qtbot, session)
    assert dialog.start_button.isEnabled()
    choose(dialog, "onnx-int8")
    assert not dialog.start_button.isEnabled()
    assert "Open a folder of images first" in dialog.words.text()


def test_without_a_project_it_begins_all_the_same(qtbot: QtBot, session: Session) -> None:
    dialog = dialog_of(qtbot, session)
    choose(dialog, "int8")
    done(qtbot, dialog)
    assert dialog.table.isVisible()


def test_another_form_is_suggested_another_folder_unless_one_was_named(
    qtbot: QtBot, opened: Session, tmp_path: Path
) -> None:
    dialog = dialog_of(qtbot, opened)
    choose(dialog, "onnx")
    assert dialog.folder.line.text().endswith(" onnx")
    dialog.folder.line.setText(str(tmp_path / "mine"))
    choose(dialog, "half")
    assert dialog.folder.line.text() == str(tmp_path / "mine")


def test_a_folder_that_is_not_empty_is_not_written_to(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    dialog = dialog_of(qtbot, opened)
    dialog.folder.line.setText(str(folder))
    assert not dialog.start_button.isEnabled()
    assert "is not empty" in dialog.words.text()
