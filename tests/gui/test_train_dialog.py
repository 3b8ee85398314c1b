"""The dialog before a fine-tune: what speaks against it, the choices, how long it takes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.configs import PackConfig, TrainConfig
from core.errors import AppError
from core.events import Finished
from core.project import Project
from core.readiness import ModelLimits, Readiness
from core.types import Instance, Part
from gui.dialogs.pack import PackDialog
from gui.dialogs.train import TrainDialog, open_train_dialog
from gui.session import Session, outlook
from gui.settings import Settings
from tests.gui.lessons import add_run, finished_events, labelled_folder
from tests.gui.scripted import SCRIPTED
from tests.gui.shown import OpenFolder, train_dialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return labelled_folder(tmp_path / "lessons")


@pytest.fixture
def show(
    qtbot: QtBot, session: Session, photos: Path, open_folder: OpenFolder
) -> Callable[[], TrainDialog]:
    return partial(train_dialog, qtbot, session, open_folder, photos)


def choose_weights(dialog: TrainDialog, weights: str) -> None:
    dialog.weights.set_weights(weights)
    dialog.weights.changed.emit(weights)


def test_enter_starts_with_good_defaults(qtbot: QtBot, show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert chosen.args == [TrainConfig(folder="")]


def test_enter_in_a_setting_ends_what_is_typed_and_begins_nothing(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    dialog.tabs.setCurrentIndex(1)
    field = dialog.settings.form.fields["learning_rate"].control
    field.setFocus()
    qtbot.keyClicks(field, "0.01")
    with qtbot.assertNotEmitted(dialog.chosen):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.config().learning_rate == 0.01


def test_what_is_to_be_known_is_listed_with_what_to_do(show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    coarse, unseen = dialog.findings.sentences
    assert coarse.endswith("AP of so few is a coarse number.")
    assert unseen.startswith("1 prediction in 1 image that is done was looked at by nobody")
    assert dialog.start_button.isEnabled()


def test_an_image_that_a_finding_is_about_is_shown(
    qtbot: QtBot, show: Callable[[], TrainDialog], session: Session
) -> None:
    dialog = show()
    dialog.findings.image_wanted.emit("03.png")
    assert session.key == "03.png"
    assert not dialog.isVisible()


def test_an_image_is_shown_on_the_page_that_shows_images(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    window = QWidget()
    qtbot.addWidget(window)
    annotate = QAction(window, objectName="page_annotate")
    dialog = open_train_dialog(session, window)
    assert dialog is not None
    with qtbot.waitSignal(annotate.triggered):
        dialog.findings.image_wanted.emit("03.png")


def test_choices_wait_until_the_images_were_looked_at(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.iterations.isEnabled()
    qtbot.waitUntil(lambda: dialog.iterations.isEnabled() and dialog.weights.isEnabled())


def test_images_that_cannot_be_looked_at_are_said_instead_of_waited_for(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def no_disk(_project: Project, *, limits: ModelLimits | None) -> Readiness:
        raise AppError("The disk is full.")

    open_folder(photos)
    monkeypatch.setattr(outlook, "readiness_of", no_disk)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.why_not.text() == "The disk is full.")
    assert not dialog.start_button.isEnabled()
    assert "Looking" not in dialog.findings.sentences[0]


def test_another_folder_closes_it(
    qtbot: QtBot, show: Callable[[], TrainDialog], session: Session, tmp_path: Path
) -> None:
    dialog = show()
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(session.project_changed):
        session.open_folder(tmp_path / "other")
    assert not dialog.isVisible()


def test_a_dialog_that_was_closed_while_it_looked_is_left_alone(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TrainDialog(session, parent)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.show()
        dialog.reject()
    with qtbot.waitSignal(session.told):  # after what the dialog asked for
        session.work.when_written(lambda _: "Looked.", session.told.emit)


def test_what_stops_a_fine_tune_disables_start_and_says_why(
    qtbot: QtBot, settings: Settings, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    open_folder(folder)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.why_not.text()))
    assert dialog.why_not.text().startswith("No image is done, so there is nothing to learn from.")
    assert not dialog.start_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.time.text() == ""
    assert not dialog._probing.is_going  # type: ignore[union-attr]


def test_the_time_is_measured_and_follows_the_iterations(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    assert dialog.time.text() == "Measuring how long it takes…"
    qtbot.waitUntil(lambda: dialog.time.text().startswith("At most about 3 minutes on this CPU"))
    assert "(0.50 s an iteration, measured just now); it stops early" in dialog.time.text()
    assert "It needs 1.4 GB" in dialog.time.text()
    dialog.iterations.setValue(1200)
    assert dialog.time.text().startswith("At most about 10 minutes on this CPU")


def test_what_is_left_open_shows_what_it_comes_to_once_it_was_measured(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    assert (dialog.iterations.text(), dialog.passes.text()) == ("Automatic", "over 11 images")
    qtbot.waitUntil(lambda: dialog.iterations.text() == "Automatic: 400")
    assert dialog.passes.text() == "about 145 passes over 11 images, 4 at a time"
    dialog.iterations.setValue(550)
    assert dialog.passes.text() == "about 200 passes over 11 images, 4 at a time"
    choose_weights(dialog, "big.pth")
    qtbot.waitUntil(lambda: "first 3 stages" in dialog.layers.itemText(0))
    assert dialog.config() == TrainConfig("", weights="big.pth", iterations=550)


def test_all_settings_and_the_main_choices_are_the_same(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    fields = dialog.settings.form.fields
    choose_weights(dialog, "big.pth")
    dialog.iterations.setValue(550)
    assert fields["iterations"].control.text() == "550"
    assert fields["weights"].control.text() == "big.pth"
    fields["freeze_at"].control.setValue(2)
    assert dialog.layers.currentText() == "All but the first 2 stages of the backbone"
    rate = fields["learning_rate"].control
    qtbot.keyClicks(rate, "0.01")
    assert dialog.config() == TrainConfig(
        "", weights="big.pth", iterations=550, freeze_at=2, learning_rate=0.01
    )
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.start_button, LEFT)
    assert chosen.args == [dialog.config()]


def test_a_setting_that_is_no_value_stops_it(qtbot: QtBot, show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    rate = dialog.settings.form.fields["learning_rate"].control
    qtbot.keyClicks(rate, "-")
    assert dialog.why_not.text().startswith("Learning rate: Write a number")
    assert not dialog.start_button.isEnabled()
    qtbot.keyClick(rate, Qt.Key.Key_Backspace)
    assert dialog.why_not.text() == ""
    assert dialog.start_button.isEnabled()


def test_more_images_in_a_batch_are_measured_anew(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    qtbot.waitUntil(lambda: dialog.time.text().startswith("At most"))
    dialog.settings.form.fields["seed"].control.setText("3")
    dialog.settings.form.fields["seed"].control.textEdited.emit("3")
    assert dialog.time.text().startswith("At most")  # nothing that takes longer
    dialog.settings.form.fields["batch_size"].control.setValue(8)
    assert dialog.time.text() == "Measuring how long it takes…"
    qtbot.waitUntil(lambda: dialog.time.text().startswith("At most"))


def test_what_the_machine_lacks_is_among_the_findings(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    choose_weights(dialog, "full.pth")
    qtbot.waitUntil(lambda: "The disk is nearly full." in dialog.findings.sentences)
    choose_weights(dialog, "big.pth")
    assert "The disk is nearly full." not in dialog.findings.sentences


def test_a_finding_is_mended_by_its_button_and_taken_back_by_another(
    qtbot: QtBot, show: Callable[[], TrainDialog], photos: Path
) -> None:
    project = Project.open(photos)
    loaded = project.read("01.png")
    beside = Instance("x", 1, (Part([(70, 10), (90, 10), (90, 30), (70, 30)]),))
    instances = (*loaded.labels.instances, beside)
    project.write("01.png", replace(loaded.labels, instances=instances), stamp=loaded.stamp)
    project.close()
    dialog = show()
    qtbot.waitUntil(lambda: bool(dialog.findings.fix_buttons))
    (button,) = dialog.findings.fix_buttons
    qtbot.waitUntil(button.isEnabled)
    assert (button.text(), dialog.before.take_back_button.isVisible()) == ("Cut them off", False)
    before = (photos / "01.json").read_bytes()
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(dialog.before.take_back_button.isVisible)
    assert dialog.focusWidget() is dialog.before.take_back_button
    assert "“Cut them off” changed 1 instance in 1 image." in dialog.before.words.text()
    assert dialog.findings.fix_buttons == []
    assert (photos / "01.json").read_bytes() != before
    qtbot.mouseClick(dialog.before.take_back_button, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.findings.fix_buttons))
    assert (photos / "01.json").read_bytes() == before


def test_several_images_that_a_finding_is_about_are_listed(
    qtbot: QtBot, show: Callable[[], TrainDialog], session: Session
) -> None:
    dialog = show()
    with qtbot.waitSignal(session.order.only_wanted) as listed:
        dialog.findings.images_wanted.emit(("03.png", "05.png"), "2 images are small")
    assert listed.args == [("03.png", "05.png"), "2 images are small"]
    assert session.key == "03.png"
    assert not dialog.isVisible()


def test_what_takes_long_is_offered_with_less_and_chosen_by_one_click(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    choose_weights(dialog, "big.pth")
    qtbot.waitUntil(dialog.offer_button.isVisible)
    qtbot.waitUntil(lambda: "frozen backbone" in dialog.offer.text())
    assert "about 13 minutes, measured just now" in dialog.offer.text()
    assert dialog.time.text().startswith("At most about 67 minutes")
    qtbot.mouseClick(dialog.offer_button, LEFT)
    assert dialog.config().freeze_at == 5
    assert dialog.config().weights == "big.pth"
    assert dialog.time.text().startswith("At most about 13 minutes")
    assert not dialog.offer_button.isVisible()


def test_a_small_model_is_offered_where_freezing_is_not_enough(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    dialog.iterations.setValue(2000)
    choose_weights(dialog, "big.pth")
    qtbot.waitUntil(lambda: "A small model, from scratch: about 17 minutes" in dialog.offer.text())


def test_what_cannot_be_measured_is_said(qtbot: QtBot, show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    choose_weights(dialog, "far.pth")
    qtbot.waitUntil(lambda: dialog.time.text() == "far is not downloaded yet.")
    assert dialog.start_button.isEnabled()


@pytest.mark.parametrize("weights", ["bug.pth", "dies.pth"])
def test_a_measuring_that_broke_off_forbids_nothing(
    qtbot: QtBot, show: Callable[[], TrainDialog], weights: str
) -> None:
    dialog = show()
    choose_weights(dialog, weights)
    qtbot.waitUntil(lambda: dialog.time.text().endswith("You can start all the same."))
    assert dialog.start_button.isEnabled()
    assert dialog.cost.again_button.isVisible()


def test_what_its_first_steps_refuse_does_not_begin_and_something_else_is_offered(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    dialog.start_button.setFocus()
    choose_weights(dialog, "odd.pth")
    qtbot.waitUntil(lambda: not dialog.start_button.isEnabled())
    assert dialog.focusWidget() is dialog.weights.choices
    assert dialog.why_not.text() == (
        "odd.pth does not fit its config. Its first steps were tried just now, and the fine-tune"
        " would end the same way. Choose otherwise, or mend it and try again."
    )
    assert dialog.time.text() == ""
    with qtbot.assertNotEmitted(dialog.chosen):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.offer.text() == "A small model, from scratch: it needs no start weights."
    qtbot.mouseClick(dialog.offer_button, LEFT)
    assert dialog.config().weights == "none"
    assert dialog.start_button.isEnabled()
    assert dialog.why_not.text() == ""


def test_what_was_refused_is_tried_again(qtbot: QtBot, show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    choose_weights(dialog, "odd.pth")
    qtbot.waitUntil(dialog.cost.again_button.isVisible)
    qtbot.mouseClick(dialog.cost.again_button, LEFT)
    assert dialog.time.text() == "Measuring how long it takes…"
    qtbot.waitUntil(lambda: "does not fit" in dialog.why_not.text())


def test_nothing_is_said_to_be_in_order_while_it_still_looks(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.findings.sentences == ("Looking at the images that are done…",)
    assert dialog.findings.marks == ("Still looking.",)


def test_the_child_that_measures_ends_with_the_dialog(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    choose_weights(dialog, "patience")
    qtbot.waitUntil(lambda: dialog._probing is not None and dialog._probing._run is not None)
    run = dialog._probing._run  # type: ignore[union-attr]
    assert run is not None
    with qtbot.waitSignal(run.ended):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert run.last == Finished(was_cancelled=True)


def test_another_choice_ends_the_measuring_of_the_one_before(
    qtbot: QtBot, show: Callable[[], TrainDialog]
) -> None:
    dialog = show()
    choose_weights(dialog, "patience")
    qtbot.waitUntil(lambda: dialog._probing is not None and dialog._probing._run is not None)
    choose_weights(dialog, "big.pth")
    qtbot.waitUntil(lambda: dialog.time.text().startswith("At most about 67 minutes"))


def test_nothing_more_is_measured_when_the_window_lets_go_of_its_children(
    qtbot: QtBot, show: Callable[[], TrainDialog], session: Session
) -> None:
    dialog = show()
    choose_weights(dialog, "patience")
    qtbot.waitUntil(lambda: dialog._probing is not None and dialog._probing._run is not None)
    run = dialog._probing._run  # type: ignore[union-attr]
    assert run is not None
    with qtbot.waitSignal(run.ended):
        session.work.leave(keep_training=False)
    assert not dialog._probing.is_going  # type: ignore[union-attr]


def test_it_goes_on_from_the_last_finished_run(
    qtbot: QtBot, photos: Path, show: Callable[[], TrainDialog]
) -> None:
    run = add_run(photos, events=finished_events(photos))
    add_run(photos, "2026-11-04_090000_train")
    dialog = show()
    assert dialog.config().weights == str(run.best_weights)
    assert dialog.weights.choices.currentText() == "Run of 3 Nov 2026, 14:05, mask AP 46.1"


def test_a_model_from_scratch_learns_in_all_its_layers(show: Callable[[], TrainDialog]) -> None:
    dialog = show()
    choose_weights(dialog, "big.pth")
    dialog.layers.setCurrentIndex(2)
    assert dialog.config().freeze_at == 5
    assert dialog.layers.isVisible()
    choose_weights(dialog, "none")
    assert not dialog.layers.isVisible()
    assert dialog.config().freeze_at == -1


def test_only_one_fine_tune_at_a_time_can_begin(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    with qtbot.waitSignal(session.run_started):
        session.work.start_training(TrainConfig(folder="", weights="patience"))
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.passes.text() != "")
    assert "running already" in dialog.why_not.text()
    assert not dialog.start_button.isEnabled()
    training = session.work.training
    assert training is not None
    with qtbot.waitSignal(training.ended):
        training.cancel()
    assert dialog.why_not.text() == ""
    assert dialog.start_button.isEnabled()


def test_what_takes_long_can_be_packed_for_another_machine(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = open_train_dialog(session, window)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.passes.text() != "")
    assert not dialog.pack_button.isVisible()
    choose_weights(dialog, "big.pth")
    qtbot.waitUntil(dialog.pack_button.isVisible)
    dialog.iterations.setValue(77)
    chosen = dialog.config()
    qtbot.mouseClick(dialog.pack_button, LEFT)
    (packing,) = window.findChildren(PackDialog)
    wanted: list[PackConfig] = []
    packing.wanted.connect(wanted.append)
    qtbot.waitUntil(packing.pack_button.isEnabled)
    packing.file.line.setText(str(photos.parent / "p.zip"))
    packing.accept()
    assert (wanted[0].weights, wanted[0].train) == ("big.pth", chosen)
    assert chosen.iterations == 77
