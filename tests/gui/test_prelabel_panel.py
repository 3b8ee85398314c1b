"""The Pre-label panel: weights, their class map, what they download."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.events import Finished, Progress
from core.weights import WeightsDescription
from gui.dialogs.class_map import ClassMapDialog
from gui.dialogs.weights import WeightsDialog
from gui.panels.prelabel import PrelabelPanel
from gui.runs import Run
from gui.session import Session
from gui.session.weights import WeightsChoice, use
from gui.settings import Settings

LEFT = Qt.MouseButton.LeftButton
DOWNLOAD = "Downloading mask_rcnn_R_50_FPN_3x, licence CC BY-SA 3.0"


class MadeRun(Run):
    """Says what a test tells it to."""

    def say(self, event: object) -> None:
        self._take(event)

    def cancel(self) -> None:
        self._take(Finished(was_cancelled=True))


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    for name in ("red", "green"):
        session.class_list.add(name)
    return session


@pytest.fixture
def panel(qtbot: QtBot, opened: Session) -> Iterator[PrelabelPanel]:
    made = PrelabelPanel(opened)
    qtbot.addWidget(made)
    made.show()
    yield made
    for dialog in (*made.findChildren(ClassMapDialog), *made.findChildren(WeightsDialog)):
        dialog.close()


def describe(session: Session, *names: str, is_here: bool = True) -> None:
    """As if the engine's process had answered."""
    session.model.description = WeightsDescription(
        "A model", names, are_named=True, is_here=is_here, n_bytes=178_000_000, licence="CC BY"
    )
    session.model.changed.emit()


def test_prelabel_buttons_wait_for_weights(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("weights", "")
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    assert not panel.image_button.isEnabled()
    panel.weights.changed.emit("mask_rcnn_R_50_FPN_3x")
    assert panel.image_button.isEnabled()
    assert settings.text("weights") == "mask_rcnn_R_50_FPN_3x"


def test_another_engine_can_be_chosen(qtbot: QtBot, opened: Session, settings: Settings) -> None:
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    panel.engine.setCurrentIndex(panel.engine.findData("detectron2"))
    panel.engine.activated.emit(panel.engine.currentIndex())
    assert settings.text("engine") == "detectron2"


def test_an_engine_comes_with_its_own_weights(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "mask_rcnn_R_50_FPN_3x")
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    panel.engine.setCurrentIndex(panel.engine.findData("torchvision"))
    panel.engine.activated.emit(panel.engine.currentIndex())
    assert settings.text("weights") == ""  # torchvision does not know them


@pytest.mark.parametrize(
    ("weights", "engine"),
    [("maskrcnn_resnet50_fpn_v2", "torchvision"), ("/w/model.onnx", "onnx"),
     ("mask_rcnn_R_50_FPN_3x", "maskrcnn")],
)  # fmt: skip
def test_weights_choose_the_engine_that_can_compute_them(
    qtbot: QtBot, opened: Session, settings: Settings, weights: str, engine: str
) -> None:
    settings.set("engine", "torchvision" if engine == "maskrcnn" else "maskrcnn")
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    panel.weights.changed.emit(weights)
    assert settings.text("engine") == engine == panel.engine.currentData()
    assert opened.settings.text("weights") == weights


def test_engines_that_cannot_compute_the_weights_are_offered_with_why_not(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)

    def tips_of_disabled() -> dict[str, str]:
        rows = range(panel.engine.count())
        flags = {row: panel.engine.model().index(row, 0).flags() for row in rows}
        return {
            panel.engine.itemData(row): panel.engine.itemData(row, Qt.ItemDataRole.ToolTipRole)
            for row in rows
            if Qt.ItemFlag.ItemIsEnabled not in flags[row]
        }

    use(settings, WeightsChoice("/w/model.onnx"))
    assert set(tips_of_disabled()) == {"maskrcnn", "torchvision", "detectron2"}
    assert "only ONNX Runtime computes networks" in tips_of_disabled()["maskrcnn"]
    use(settings, WeightsChoice("mask_rcnn_R_50_FPN_3x"))
    assert set(tips_of_disabled()) == {"onnx"}
    assert "choose a .onnx file" in tips_of_disabled()["onnx"]


def test_another_engine_keeps_weights_that_it_knows(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "mask_rcnn_R_50_FPN_3x")
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    panel.engine.setCurrentIndex(panel.engine.findData("detectron2"))
    panel.engine.activated.emit(panel.engine.currentIndex())
    assert panel.weights.weights == settings.text("weights") == "mask_rcnn_R_50_FPN_3x"


def test_the_class_map_is_one_line(panel: PrelabelPanel, opened: Session) -> None:
    describe(opened, "red", "tie", "person")
    assert panel.class_map.text() == "red ← red; 2 ignored"


def test_weights_that_find_nothing_say_so_and_lead_on(
    panel: PrelabelPanel, opened: Session
) -> None:
    describe(opened, "tie", "person")
    assert panel.class_map.text() == "Nothing is mapped; 2 ignored"
    assert "label 10 to 20 images" in panel.hint.text()
    assert not panel.hint.isHidden()


def test_the_map_is_edited_in_a_dialog(qtbot: QtBot, panel: PrelabelPanel, opened: Session) -> None:
    describe(opened, "tie", "person")
    qtbot.mouseClick(panel.map_button, LEFT)
    (dialog,) = panel.findChildren(ClassMapDialog)
    dialog.map.set_target(1, "green")
    with qtbot.waitSignal(opened.model.changed):
        qtbot.mouseClick(dialog.keep_button, LEFT)
    assert opened.project is not None
    assert opened.project.class_map("fake") == {"person": "green"}
    assert panel.class_map.text() == "green ← person; 1 ignored"


def test_weights_that_are_new_here_show_their_map(
    qtbot: QtBot, panel: PrelabelPanel, opened: Session
) -> None:
    opened.settings.set("engine", "maskrcnn")
    panel.weights.choices.setCurrentIndex(panel.weights.choices.findData("mask_rcnn_R_50_FPN_3x"))
    panel.weights.choices.activated.emit(panel.weights.choices.currentIndex())
    qtbot.waitUntil(lambda: bool(panel.findChildren(ClassMapDialog)), timeout=20_000)
    (dialog,) = panel.findChildren(ClassMapDialog)
    assert dialog.count.text().startswith("None of 80 classes are used")


def test_the_size_of_a_download_is_said_before_it_begins(
    panel: PrelabelPanel, opened: Session
) -> None:
    describe(opened, "red", is_here=False)
    assert "downloads 178 MB." in panel.about.text()


def test_a_download_shows_size_speed_and_time_and_can_be_cancelled(
    qtbot: QtBot, panel: PrelabelPanel, opened: Session
) -> None:
    run = MadeRun("Pre-label")
    opened.run_started.emit(run)
    opened.work.take(run)
    run.say(Progress(34_000_000, 170_000_000, DOWNLOAD, 26.7, "bytes"))
    assert panel.downloading.isVisible()
    assert panel.downloading.words.text() == (f"{DOWNLOAD}: 34 of 170 MB, 5.1 MB/s, 27 s left")
    qtbot.mouseClick(panel.downloading.cancel_button, LEFT)
    assert isinstance(run.last, Finished)
    assert run.last.was_cancelled
    assert not panel.downloading.isVisible()


def test_a_download_that_is_done_makes_room_for_the_images(
    panel: PrelabelPanel, opened: Session
) -> None:
    run = MadeRun("Pre-label")
    opened.work.take(run)
    run.say(Progress(170, 170, DOWNLOAD, 0.0, "bytes"))
    run.say(Progress(1, 3, "images"))
    assert not panel.downloading.isVisible()
    assert run.is_going


def test_files_that_were_used_are_offered_again_with_their_names(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    use(settings, WeightsChoice("/w/mine.pth", "/w/c.yaml", ("jeans", "coat")))
    use(settings, WeightsChoice("fake"))
    panel = PrelabelPanel(opened)
    qtbot.addWidget(panel)
    panel.weights.changed.emit("/w/mine.pth")
    assert opened.model.choice == WeightsChoice("/w/mine.pth", "/w/c.yaml", ("jeans", "coat"))


def test_outlines_have_few_points_once_the_settings_say_so(
    opened: Session, settings: Settings
) -> None:
    settings.set("weights", "fake")
    settings.set("engine", "fake")
    prelabelling = opened._folder.prelabelling
    assert not prelabelling._config().fewer_points
    settings.set("outlines", "few")
    assert prelabelling._config().fewer_points
