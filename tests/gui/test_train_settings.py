"""Every setting of a fine-tune in a form: left open, typed, wrong, from a file and into one."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.configs.overriding import NAMES
from core.configs.recipe import Facts, settled
from gui.dialogs.train_settings import TrainSettings
from gui.widgets.setting_fields import CountSpin
from gui.widgets.settings_form import SettingsForm

FACTS = Facts(n_images=200, n_fit=4, from_scratch=True, live_norm=True, is_cuda=False)
STARTED = TrainConfig("", weights="mask_rcnn_R_50_FPN_3x", device="cpu")


@pytest.fixture
def page(qtbot: QtBot) -> TrainSettings:
    made = TrainSettings()
    qtbot.addWidget(made)
    made.show_config(STARTED)
    made.show()
    return made


@pytest.fixture
def changes(page: TrainSettings) -> list[TrainConfig]:
    found: list[TrainConfig] = []
    page.changed.connect(found.append)
    return found


def control(form: SettingsForm, name: str) -> QWidget:
    return form.fields[name].control


def line(form: SettingsForm, name: str) -> QLineEdit:
    found = control(form, name)
    assert isinstance(found, QLineEdit)
    return found


def write(qtbot: QtBot, page: TrainSettings, name: str, text: str) -> None:
    field = line(page.form, name)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, text)


def note(form: SettingsForm, name: str) -> str:
    return control(form, name).accessibleDescription()


def test_everything_that_can_be_set_has_a_field(page: TrainSettings) -> None:
    assert set(page.form.fields) == set(NAMES)


def test_a_field_says_what_it_means_and_what_files_call_it(page: TrainSettings) -> None:
    hint = control(page.form, "learning_rate").toolTip()
    assert "How large the steps are" in hint
    assert hint.endswith("In a file: learning_rate, or SOLVER.BASE_LR.")
    assert control(page.form, "copy_paste").toolTip().endswith("In a file: copy_paste.")


def test_what_is_left_open_shows_what_it_comes_to(page: TrainSettings) -> None:
    iterations, rate = control(page.form, "iterations"), line(page.form, "learning_rate")
    precision = control(page.form, "precision")
    assert isinstance(iterations, CountSpin)
    assert isinstance(precision, QComboBox)
    assert (iterations.text(), rate.placeholderText()) == ("Automatic", "Automatic")
    page.form.show_automatic(settled(STARTED, FACTS))
    assert (iterations.text(), rate.placeholderText()) == ("Automatic: 2,000", "Automatic: 0.002")
    assert precision.currentText() == "Automatic: float32"
    page.form.show_automatic(None)
    assert (iterations.text(), precision.currentText()) == ("Automatic", "Automatic")


def test_what_is_typed_is_set_and_what_is_cleared_is_automatic(
    qtbot: QtBot, page: TrainSettings, changes: list[TrainConfig]
) -> None:
    write(qtbot, page, "learning_rate", "1e-4")
    assert changes[-1].learning_rate == 1e-4
    assert line(page.form, "learning_rate").text() == "1e-4"  # as it was typed
    write(qtbot, page, "learning_rate", "")
    assert changes[-1] == STARTED


def test_each_kind_of_value_can_be_set(
    qtbot: QtBot, page: TrainSettings, changes: list[TrainConfig]
) -> None:
    write(qtbot, page, "steps", "600, 800")
    write(qtbot, page, "scale_jitter", "0.5, 2")
    write(qtbot, page, "seed", "4294967296")
    flip, schedule = control(page.form, "flip"), control(page.form, "schedule")
    frozen = control(page.form, "freeze_at")
    assert isinstance(flip, QCheckBox)
    assert isinstance(schedule, QComboBox)
    assert isinstance(frozen, CountSpin)
    flip.click()
    schedule.setCurrentText("step")
    frozen.setValue(3)
    write(qtbot, page, "model_config", "model.yaml")
    qtbot.keyClick(line(page.form, "model_config"), Qt.Key.Key_Return)
    last = changes[-1]
    assert (last.steps, last.scale_jitter, last.seed) == ((600, 800), (0.5, 2.0), 1 << 32)
    assert (last.flip, last.schedule, last.freeze_at) == (False, "step", 3)
    assert last.model_config == "model.yaml"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("learning_rate", "fast", "Write a number, as in 0.001; or leave it empty for automatic."),
        ("weight_decay", "", "Write a number, as in 0.001."),
        ("seed", "1.5", "Write a whole number, as in 42."),
        ("steps", "60 80", "Write whole numbers with commas between them"),
        ("scale_jitter", "2, 1", "the smaller one first: 0.8, 1.25; not 2, 1."),
        ("scale_jitter", "2", "Scale jitter is two factors above 0, the smaller one first"),
        ("gamma", "3", "Gamma is a number above 0 and up to 1"),
        ("copy_paste", "1.5", "from 0 to 1 (or -1: automatic), not 1.5"),
    ],
)
def test_what_is_no_value_is_said_beside_its_field(
    qtbot: QtBot, page: TrainSettings, name: str, text: str, says: str
) -> None:
    write(qtbot, page, name, text)
    assert says in note(page.form, name)
    assert says in page.form.trouble
    write(qtbot, page, name, "0.5, 1" if name == "scale_jitter" else "1")
    assert note(page.form, name) == page.form.trouble == ""


def test_what_is_said_of_a_field_scrolls_into_sight(qtbot: QtBot, page: TrainSettings) -> None:
    page.resize(page.width(), page.minimumSizeHint().height())
    field = line(page.form, "copy_paste")
    page.form.ensureWidgetVisible(field, 0, 0)
    write(qtbot, page, "copy_paste", "1.5")
    said = page.form._notes["copy_paste"]
    qtbot.waitUntil(lambda: said.visibleRegion().boundingRect().height() == said.height())


def test_what_is_written_wrong_stays_to_be_mended_while_another_field_changes(
    qtbot: QtBot, page: TrainSettings
) -> None:
    write(qtbot, page, "learning_rate", "fast")
    write(qtbot, page, "momentum", "0.8")
    assert line(page.form, "learning_rate").text() == "fast"
    assert page.form.trouble.startswith("Learning rate: Write a number")
    write(qtbot, page, "learning_rate", "-1")
    assert page.form.trouble.startswith("The learning rate is a number from 0 on")


def test_as_recommended_leaves_all_open_but_what_is_begun_from_and_where(
    qtbot: QtBot, page: TrainSettings, changes: list[TrainConfig]
) -> None:
    write(qtbot, page, "weight_decay", "0.5")
    write(qtbot, page, "learning_rate", "fast")
    qtbot.mouseClick(page.usual_button, Qt.MouseButton.LeftButton)
    assert changes[-1] == STARTED
    assert page.form.trouble == line(page.form, "learning_rate").text() == ""
    assert line(page.form, "weight_decay").text() == "0.0001"


@pytest.mark.parametrize("name", ["settings.yaml", "settings.json"])
def test_settings_go_into_a_file_and_come_back(
    qtbot: QtBot, page: TrainSettings, changes: list[TrainConfig], tmp_path: Path, name: str
) -> None:
    write(qtbot, page, "learning_rate", "0.00012345678")
    write(qtbot, page, "steps", "60, 80")
    chosen = changes[-1]
    page.save(tmp_path / name)
    assert page.words.text() == f"The settings are in {tmp_path / name}."
    page.reset()
    page.load(tmp_path / name)
    assert changes[-1] == chosen
    assert line(page.form, "learning_rate").text() == "0.00012345678"
    assert page.words.text() == f"The settings of {name} are shown."


def test_settings_of_detectron2_are_read_and_what_is_not_of_a_fine_tune_is_named(
    page: TrainSettings, changes: list[TrainConfig], tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("SOLVER: {BASE_LR: 0.00025, IMS_PER_BATCH: 2}\nINPUT: {FORMAT: BGR}\n")
    page.load(file)
    assert (changes[-1].optimizer, changes[-1].learning_rate) == ("sgd", 0.00025)
    assert (changes[-1].weights, changes[-1].batch_size) == (STARTED.weights, 2)
    assert "passed over: INPUT.FORMAT." in page.words.text()


def test_weights_that_a_file_names_are_looked_for_beside_it(
    page: TrainSettings, changes: list[TrainConfig], tmp_path: Path
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("weights: mine.pth\n")
    page.load(file)
    assert changes[-1].weights == STARTED.weights
    assert "Its weights mine.pth are not here: others are chosen." in page.words.text()
    (tmp_path / "mine.pth").write_bytes(b"weights")
    page.load(file)
    assert changes[-1].weights == str(tmp_path / "mine.pth")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "The settings in settings.yaml are not used. It is no text"),
        (b"- 1", "not used. There are no settings in it. Each is a name, a colon and a value"),
        (b"a: [", "not used. The settings cannot be read: "),
        (b"batch_size: -1", "not used. The number of images in a batch is a whole number from 1"),
        (b"flip: maybe", "flip is true or false, not “maybe”."),
        (b"steps: {a: 1}", "passed over: steps.a"),
    ],
)
def test_a_file_that_says_no_settings_is_a_sentence(
    page: TrainSettings, tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_bytes(content)
    page.load(file)
    assert says in page.words.text()


def test_a_file_that_cannot_be_written_is_said(page: TrainSettings, tmp_path: Path) -> None:
    page.save(tmp_path / "not there" / "settings.yaml")
    assert "settings.yaml" in page.words.text()
    assert not page.words.text().startswith("The settings are in")


def test_the_wheel_scrolls_and_changes_nothing_that_it_passes(
    page: TrainSettings, changes: list[TrainConfig]
) -> None:
    field = control(page.form, "checkpoint_every")
    place = QPointF(field.mapTo(page, QPoint(5, 5)))
    QTest.wheelEvent(page.windowHandle(), place, QPoint(0, -120))
    assert changes == []
    assert page.form.verticalScrollBar().value() > 0


def test_a_step_from_what_is_automatic_goes_on_from_what_it_comes_to(qtbot: QtBot) -> None:
    spin = CountSpin(open_at=0, least=1, step=100)
    qtbot.addWidget(spin)
    spin.show_automatic(1000)
    spin.stepUp()
    assert spin.value() == 1100
    spin.setValue(50)
    spin.stepDown()
    assert spin.value() == 1
    spin.stepDown()
    assert (spin.value(), spin.text()) == (0, "Automatic: 1,000")
