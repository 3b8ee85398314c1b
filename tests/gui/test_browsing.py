"""Where dialogs for files begin."""

from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.widgets.browsing import begin_near


def begun(qtbot: QtBot, folder: Path | None) -> str:
    dialog = QFileDialog()
    qtbot.addWidget(dialog)
    dialog.setDirectory(QDir.currentPath())
    return begin_near(dialog, folder).directory().path()


def test_it_begins_in_the_folder_that_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    assert begun(qtbot, tmp_path) == str(tmp_path)


def test_it_begins_at_home_rather_than_where_the_program_was_started(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert begun(qtbot, None) == QDir.homePath()
    assert begun(qtbot, tmp_path / "gone") == QDir.homePath()
