"""The menu File."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QSpinBox

from gui.dialogs.export import ExportDialog
from gui.dialogs.pack import PackDialog
from gui.dialogs.settings import SettingsDialog
from tests.gui.user import LEFT, User


def _other_folder(user: User) -> Path:
    other = user.tmp_path / "other"
    other.mkdir()
    cv2.imwrite(str(other / "one.png"), np.full((40, 60, 3), 200, np.uint8))
    return other


def open_folder(user: User) -> None:
    other = _other_folder(user)
    user.click("open_folder")
    dialog = user.child(QFileDialog)
    dialog.findChild(QLineEdit).setText(str(other))  # typed, Qt's completer would write into it
    buttons = dialog.findChild(QDialogButtonBox)
    user.qtbot.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Open), LEFT)
    user.until_on("one.png")
    assert user.window.windowTitle() == "other — Maskloop"


def save(user: User) -> None:
    user.session.settings.set("autosave_idle_ms", 3_600_000)
    user.session.open_folder(_other_folder(user))
    user.until_on("one.png")
    user.until(lambda: bool(user.session.classes) or user.session.class_list.add("red") is not None)
    user.add()
    assert user.window.status.saved.text() == "Not saved yet"
    user.press("save")
    user.until(lambda: user.session.is_all_saved)
    (shape,) = json.loads((user.tmp_path / "other" / "one.json").read_text())["shapes"]
    assert shape["label"] == "red"
    assert user.window.status.saved.text() == "All saved"


def export_coco(user: User) -> None:
    user.add()
    user.press("export_coco")
    dialog = user.child(ExportDialog)
    user.until(dialog.export_button.isEnabled)


def pack_project(user: User) -> None:
    user.press("save")
    user.press("done_and_next")
    user.press("pack_project")
    dialog = user.child(PackDialog)
    user.until(dialog.pack_button.isEnabled)
    dialog.file.line.setText(str(user.tmp_path / "packed.zip"))
    user.keys("Return", dialog.file.line)
    user.until((user.tmp_path / "packed.zip").is_file, timeout_s=60)


def unpack_run(user: User) -> None:
    (user.tmp_path / "no_run.zip").write_bytes(b"no zip")
    user.press("unpack_run")
    dialog = user.child(QFileDialog)
    dialog.findChild(QLineEdit).setText(str(user.tmp_path / "no_run.zip"))
    buttons = dialog.findChild(QDialogButtonBox)
    user.qtbot.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Open), LEFT)
    user.until(lambda: any("is no zip" in one for one in user.told), timeout_s=60)


def open_in_labelme(user: User) -> None:
    place = user.tmp_path / "bin"
    place.mkdir()
    said = place / "said.txt"
    program = place / "labelme"
    program.write_text(f'#!/bin/sh\necho "$@" > {said}.part\nmv {said}.part {said}\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.executable", str(place / "python"))
        user.press("open_in_labelme")
    user.until(said.is_file)
    assert said.read_text().split() == [str(user.folder), "--output", str(user.folder)]


def quit_(user: User) -> None:
    user.press("quit")
    user.until(lambda: user.window.has_closed)
    assert not user.window.isVisible()


def settings(user: User) -> None:
    user.press("settings")
    dialog = user.child(SettingsDialog)
    field = dialog.fields["autosave_idle_ms"]
    assert isinstance(field, QSpinBox)
    field.selectAll()
    user.write("2500", field)
    assert user.session.settings.whole("autosave_idle_ms") == 2500
