"""The weights that a fine-tune of a new project begins with."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.devices import Device, DeviceReport, Finding
from core.engines import all_engines
from gui.session import Session
from tests.gui.lessons import labelled_folder
from tests.gui.scripted import SCRIPTED
from tests.gui.shown import OpenFolder, train_dialog


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def first_weights(
    qtbot: QtBot, session: Session, tmp_path: Path, open_folder: OpenFolder
) -> Callable[[], str]:
    """What the dialog offers once it has looked at the images."""

    def them() -> str:
        folder = labelled_folder(tmp_path / "lessons")
        return train_dialog(qtbot, session, open_folder, folder).config().weights

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
