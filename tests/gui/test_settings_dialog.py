"""The dialog that is made of the table of settings."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageState
from gui.dialogs.settings import SettingsDialog
from gui.main_window import MainWindow
from gui.settings import SETTINGS, Settings


@pytest.fixture
def dialog(qtbot: QtBot, settings: Settings) -> SettingsDialog:
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def test_every_setting_with_a_title_has_a_field_and_a_sentence(dialog: SettingsDialog) -> None:
    titled = [spec for spec in SETTINGS if spec.title]
    assert set(dialog.fields) == {spec.name for spec in titled}
    assert [spec.name for spec in titled if not spec.explanation.endswith(".")] == []


@pytest.mark.parametrize("spec", [one for one in SETTINGS if one.choices], ids=lambda one: one.name)
def test_the_default_is_one_of_the_choices(spec: object) -> None:
    assert spec.default in spec.choices


def test_a_choice_by_key_applies_at_once(
    qtbot: QtBot, dialog: SettingsDialog, settings: Settings
) -> None:
    field = dialog.fields["theme"]
    assert isinstance(field, QComboBox)
    with qtbot.waitSignal(settings.changed, check_params_cb=lambda name: name == "theme"):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert settings.text("theme") == "light"


def test_a_number_stays_in_its_range(
    qtbot: QtBot, dialog: SettingsDialog, settings: Settings
) -> None:
    field = dialog.fields["autosave_idle_ms"]
    assert isinstance(field, QSpinBox)
    field.selectAll()
    qtbot.keyClicks(field, "99999999")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert settings.whole("autosave_idle_ms") <= 600_000


def test_the_time_before_a_save_applies_to_the_open_folder(
    qtbot: QtBot, opened: MainWindow, settings: Settings, folder: Path
) -> None:
    settings.set("autosave_idle_ms", 600_000)
    document = opened.session.document
    assert document is not None
    document.edit("Done", lambda now: edits.with_image_state(now, ImageState.DONE))
    assert not opened.session.is_all_saved
    settings.set("autosave_idle_ms", 1)
    document.undo()
    document.redo()
    qtbot.waitUntil(lambda: opened.session.is_all_saved)


def test_what_changes_elsewhere_shows(dialog: SettingsDialog, settings: Settings) -> None:
    settings.set("device", "cpu")
    field = dialog.fields["device"]
    assert isinstance(field, QComboBox)
    assert field.currentData() == "cpu"
