"""The sheet of shortcuts that can be printed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from core.errors import AppError
from gui.actions import ACTIONS, Shortcuts
from gui.dialogs.shortcut_sheet import write_sheet
from gui.dialogs.shortcuts import ShortcutsDialog


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[ShortcutsDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    actions = {spec.name: QAction(spec.text, parent) for spec in ACTIONS}
    shortcuts = Shortcuts(actions, kept="", classes_by_key=dict, parent=parent)
    yield ShortcutsDialog(shortcuts, actions, parent)
    parent.close()


def test_the_sheet_has_every_action_with_a_key(dialog: ShortcutsDialog) -> None:
    named = {text for rows in dialog.sections().values() for text, _ in rows}
    assert {spec.plain_text for spec in ACTIONS if spec.shortcuts} <= named


def test_the_sheet_is_one_page(dialog: ShortcutsDialog, tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheet.pdf", dialog.sections())
    written = (tmp_path / "sheet.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", written)) == 1


def test_the_button_writes_it_and_says_where(
    dialog: ShortcutsDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.show()
    dialog.sheet_button.click()
    ask = dialog.findChild(QFileDialog)
    assert ask is not None
    ask.fileSelected.emit(str(tmp_path / "mine.pdf"))
    assert (tmp_path / "mine.pdf").exists()
    assert str(tmp_path / "mine.pdf") in dialog.hint.text()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path, qtbot: QtBot) -> None:
    with pytest.raises(AppError, match="was not saved"):
        write_sheet(tmp_path / "gone" / "sheet.pdf", {"File": [("Save", "Ctrl+S")]})
