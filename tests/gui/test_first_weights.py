"""The weights that a fine-tune of a new project begins with."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.devices import Device, DeviceReport, Finding
from core.engines import all_engines
from gui.canvas.picture import picture_of
from gui.dialogs.train import TrainDialog
from gui.session import Session
from gui.settings import Settings
from tests.gui.lessons import labelled_folder

SCRIPTED = (sys.executable, str(Path(__file__).with_name("scripted_worker.py")))


@pytest.fixture
def session(qtbot: QtBot, settings: Settings) -> Iterator[Session]:
    made = Session(settings, prepare=picture_of, worker_command=SCRIPTED)
    yield made
    made.close()


@pytest.fixture
def first_weights(
    qtbot: QtBot, session: Session, tmp_path: Path, open_folder: Callable[[Path], None]
) -> Callable[[], str]:
    """What the dialog offers once it has looked at the images."""

    def them() -> str:
        open_folder(labelled_folder(tmp_path / "lessons"))
        dialog = TrainDialog(session)
        qtbot.addWidget(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.passes.text() != "" or dialog.why_not.text() != "")
        return dialog.config().weights

    return them


@pytest.mark.parametrize(
    ("is_here", "device", "first"),
    [
        (True, "cpu", "mask_rcnn_R_50_FPN_3x"),
        (True, "cuda:0", "mask_rcnn_R_50_FPN_400ep_LSJ"),
        (False, "cpu", "none"),
    ],
)
def test_it_begins_with_the_usual_weights_of_the_device_where_they_are_here(
    is_here: bool, device: str, first: str, session: Session, first_weights: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    offered = [replace(one, is_here=is_here) for one in all_engines()["maskrcnn"].published()]
    spec = replace(all_engines()["maskrcnn"], published=lambda: offered)
    monkeypatch.setattr("gui.dialogs.weights_advice.all_engines", lambda: {"maskrcnn": spec})
    devices = (Device(device, device), Device("cpu", "cpu"))
    session.model.engine.report = DeviceReport(devices, Finding("Device", "ok", ""))
    assert first_weights() == first


def test_what_was_chosen_before_goes_before_the_usual_weights(
    session: Session, first_weights: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.dialogs.train.usual_that_is_here", lambda _: "mask_rcnn_R_50_FPN_3x")
    session.settings.set("train_weights", "none")
    assert first_weights() == "none"
