"""A fine-tune has the GPU: predictions go to the CPU, or wait."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.devices import Device, DeviceReport, Finding
from gui.main_window.status import StatusBar
from gui.runs import ProcessRun
from gui.session import Session
from gui.settings import Settings
from tests.gui.scripted import SCRIPTED

CPU, GPU = Device("cpu", "CPU", n_cores=2), Device("cuda:0", "A card")


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def session(session: Session) -> Session:
    """On a machine with a GPU."""
    session.model.engine.report = report(GPU, CPU)
    return session


def words(session: Session) -> str:
    """What the status bar says of the engine at length."""
    bar = StatusBar(session)
    return bar.engine.toolTip()


def report(*devices: Device) -> DeviceReport:
    return DeviceReport(devices, Finding("GPU", "ok", "It works."), ())


@pytest.fixture
def training(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> Callable[..., ProcessRun]:
    """Begins a fine-tune that goes on until it is cancelled."""

    def begin(device: str = "auto") -> ProcessRun:
        open_folder(folder)
        with qtbot.waitSignal(session.run_started) as started:
            session.work.start_training(TrainConfig(folder="", weights="patience", device=device))
        run: ProcessRun = started.args[0]
        return run

    return begin


def test_predictions_are_moved_to_the_cpu(
    session: Session, training: Callable[..., ProcessRun]
) -> None:
    training()
    assert session.gpu_turn.device_left("auto") == "cpu"
    assert "made on the CPU" in words(session)


def test_nothing_is_moved_on_a_machine_without_a_gpu(
    session: Session, training: Callable[..., ProcessRun]
) -> None:
    session.model.engine.report = report(CPU)
    told: list[str] = []
    session.told.connect(told.append)
    training()
    assert session.gpu_turn.device_left("auto") == "auto"
    assert session.gpu_turn.device_now("auto") == "auto"
    assert told == []
    assert "fine-tune" not in words(session)


def test_predictions_wait_where_that_is_wished_and_go_on_at_the_end(
    qtbot: QtBot, session: Session, settings: Settings, training: Callable[..., ProcessRun]
) -> None:
    settings.set("while_training", "wait")
    with qtbot.waitSignal(session.told, check_params_cb=lambda text: "wait until" in text):
        run = training()
    assert session.gpu_turn.device_left("auto") == "auto"
    assert session.gpu_turn.device_now("auto") == "cpu"  # of the live view, which does not wait
    assert "wait until it has ended" in words(session)
    waiting = session._engine.ask("prelabel", {})
    other = session._engine.ask("describe_weights", {})
    qtbot.waitUntil(lambda: not other.is_going)
    assert waiting.is_going
    run.cancel()
    qtbot.waitUntil(lambda: not waiting.is_going)


def test_the_choice_applies_while_a_fine_tune_runs(
    qtbot: QtBot, session: Session, settings: Settings, training: Callable[..., ProcessRun]
) -> None:
    settings.set("while_training", "wait")
    training()
    waiting = session._engine.ask("prelabel", {})
    settings.set("while_training", "cpu")
    qtbot.waitUntil(lambda: not waiting.is_going)


@pytest.mark.parametrize("why", ["no gpu", "trains on the cpu", "predicts on the cpu"])
def test_nothing_waits_where_nobody_is_in_the_way(
    qtbot: QtBot, session: Session, settings: Settings,
    training: Callable[..., ProcessRun], why: str,
) -> None:  # fmt: skip
    settings.set("while_training", "wait")
    if why == "no gpu":
        session.model.engine.report = report(CPU)
    if why == "predicts on the cpu":
        settings.set("device", "cpu")
    training("cpu" if why == "trains on the cpu" else "auto")
    request = session._engine.ask("prelabel", {})
    qtbot.waitUntil(lambda: not request.is_going)
