"""The chosen weights: looked at, mapped, loaded behind the window, and what computes."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.devices import Device, DeviceReport, Finding
from core.types import InstanceState
from core.weights import WeightsDescription
from gui.app import begin
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.main_window.status import StatusBar
from gui.runs import EngineProcess, ProcessRun
from gui.session import Session
from gui.session.warm_engine import Warmth
from gui.session.weights import (
    WeightsChoice,
    chosen,
    config_of,
    engine_config,
    recent,
    use,
    use_weights_of,
)
from gui.settings import Settings
from tests.gui.scripted import SCRIPTED

CARD = Device("cuda:0", "NVIDIA H200", n_bytes_used=12 << 30, n_bytes_total=141 << 30)
CPU = Device("cpu", "CPU", 2, 3 << 30, 8 << 30)
FINE = Finding("Device", "ok", "NVIDIA H200, with CUDA 12.8.")
UNUSED = Finding("Device", "warn", "NVIDIA H200 is there, but unused.", "Type it.", "pip install x")


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    session.class_list.add("red")
    return session


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that the engine's process is asked for."""
    names: list[str] = []
    ask = EngineProcess.ask

    def noted(
        self: EngineProcess, name: str, config: object, *, goes_first: bool = False
    ) -> object:
        names.append(name)
        return ask(self, name, config, goes_first=goes_first)

    monkeypatch.setattr(EngineProcess, "ask", noted)
    return names


def describe(session: Session, *names: str) -> None:
    session.model.description = WeightsDescription("A model", names, are_named=True)
    session.model.changed.emit()


# Settings


def test_names_and_config_that_were_given_go_to_the_engine(settings: Settings) -> None:
    use(settings, WeightsChoice("/w/m.pth", "/w/c.yaml", ("jeans", "coat")))
    config = engine_config(settings)
    assert (config.weights, config.model_config) == ("/w/m.pth", "/w/c.yaml")
    assert config.class_names == ("jeans", "coat")


def test_arithmetic_is_exact_where_the_settings_say_so(settings: Settings) -> None:
    use(settings, WeightsChoice("/w/m.pth"))
    assert not engine_config(settings).exact
    settings.set("arithmetic", "exact")
    assert engine_config(settings).exact


def test_the_weights_of_a_run_bring_their_own_names(settings: Settings) -> None:
    use(settings, WeightsChoice("/w/m.pth", "", ("jeans",)))
    use_weights_of(settings, Path("/runs/one"))
    assert chosen(settings) == WeightsChoice(str(Path("/runs/one/best.pth")))


def test_the_last_file_comes_first_and_published_ones_are_not_remembered(
    settings: Settings,
) -> None:
    settings.set("engine", "maskrcnn")
    for weights in ("/a.pth", "/b.pth", "mask_rcnn_R_50_FPN_3x", "/a.pth"):
        use(settings, WeightsChoice(weights))
    assert [one.weights for one in recent(settings)] == ["/a.pth", "/b.pth"]


def test_what_somebody_else_wrote_among_the_recent_ones_is_passed_over(settings: Settings) -> None:
    settings.set("recent_weights", '[{"weights": 3}]')
    assert recent(settings) == ()


# Description


def test_weights_are_described_by_the_engines_process(qtbot: QtBot, opened: Session) -> None:
    with qtbot.waitCallback(timeout=20_000) as described:
        opened.model.when_described(lambda: described())
    assert opened.model.description is not None
    assert opened.model.description.class_names == ("red", "green", "blue")
    assert opened.model.targets == {"red": "red", "green": "", "blue": ""}


def test_weights_that_cannot_be_described_are_told(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("weights", "other")
    with qtbot.waitSignal(opened.told, timeout=20_000) as told:
        opened.model.when_described(lambda: None)
    assert "no weights named other" in told.args[0]
    assert opened.model.why_not == told.args[0]


def test_other_weights_forget_the_description(opened: Session, settings: Settings) -> None:
    describe(opened, "red")
    settings.set("weights", "fake:slow")
    assert opened.model.description is None
    assert opened.model.targets == {}


# Class map


def test_a_prelabel_that_would_find_nothing_leads_on(opened: Session, qtbot: QtBot) -> None:
    describe(opened, "tie", "person")
    with qtbot.waitSignal(opened.asked) as asked:
        opened.prelabel_image()
    notice = asked.args[0]
    assert "label 10 to 20 images" in notice.sentence
    assert "They know tie, person; the folder has red." in notice.sentence
    assert opened.work.runs == []
    with qtbot.waitSignal(opened.model.map_wanted):
        notice.answers[0][1]()


def test_garments_never_get_a_tie_that_nobody_asked_for(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    """As with COCO's weights: what they find is a person, a tie and jeans."""
    use(settings, WeightsChoice("fake", "", ("tie", "jeans", "person")))
    opened.class_list.add("jeans")
    with qtbot.waitSignal(opened.run_started) as started:
        opened.prelabel_all()
    qtbot.waitUntil(lambda: not started.args[0].is_going, timeout=30_000)
    document = opened.document
    assert document is not None
    qtbot.waitUntil(lambda: bool(document.labels.instances))
    assert [one.name for one in opened.classes] == ["red", "jeans"]
    jeans = opened.classes[1].id
    assert {one.class_id for one in document.labels.instances} == {jeans}
    assert {one.state for one in document.labels.instances} == {InstanceState.PREDICTED}
    for file in Path(document_folder(opened)).glob("*.json"):
        assert "tie" not in file.read_text()


def document_folder(session: Session) -> Path:
    assert session.project is not None
    return session.project.labels_folder


# The engine behind the window


@pytest.fixture
def scripted(qtbot: QtBot, settings: Settings) -> Iterator[Session]:
    made = Session(settings, prepare=picture_of, worker_command=SCRIPTED)
    yield made
    made.close()


def test_the_window_shows_before_the_engine_is_asked_to_load(
    qtbot: QtBot, window: MainWindow, folder: Path, asked: list[str]
) -> None:
    assert window.isVisible()
    assert asked == []
    begin(window, [str(folder)])
    engine = window.session.model.engine
    qtbot.waitUntil(lambda: engine.warmth is Warmth.WARM, timeout=60_000)
    assert engine.device == "cpu"
    assert {"describe_weights", "warm_up", "devices"} <= set(asked)
    assert window.status.engine.text() == "fake · cpu"


def test_nothing_is_loaded_for_a_window_that_has_not_begun(
    opened: Session, asked: list[str], settings: Settings
) -> None:
    settings.set("weights", "fake:slow")
    opened.model.look()
    assert asked == []


def test_weights_that_are_not_here_are_neither_loaded_nor_fetched(
    qtbot: QtBot, window: MainWindow, folder: Path, asked: list[str], settings: Settings
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "mask_rcnn_R_50_FPN_3x")
    begin(window, [str(folder)])
    model = window.session.model
    qtbot.waitUntil(lambda: model.description is not None, timeout=60_000)
    assert model.description is not None
    assert not model.description.is_here
    assert "warm_up" not in asked
    assert window.status.engine.text() == "mask_rcnn_R_50_FPN_3x · not downloaded"


def test_a_prelabel_goes_before_a_load_that_waits(
    qtbot: QtBot, scripted: Session, asked: list[str]
) -> None:
    engine = EngineProcess(SCRIPTED, scripted)
    order: list[str] = []
    for name, config, first in (
        ("busy", {"wants": ""}, False),
        ("warm_up", {}, False),
        ("prelabel", {}, True),
    ):
        request = engine.ask(name, config, goes_first=first)
        request.ended.connect(lambda _, name=name: order.append(name))
    qtbot.waitUntil(lambda: len(order) == 3, timeout=20_000)
    assert order.index("prelabel") < order.index("warm_up")
    engine.close()


def test_a_load_that_fails_is_said_in_the_status_bar(
    qtbot: QtBot, window: MainWindow, folder: Path, settings: Settings
) -> None:
    settings.set("weights", "fake:broken")
    begin(window, [str(folder)])
    status = window.status
    qtbot.waitUntil(lambda: "does not load" in status.engine.text(), timeout=60_000)
    assert "told not to load" in status.engine.toolTip()


# The status bar


@pytest.fixture
def status(qtbot: QtBot, opened: Session) -> StatusBar:
    made = StatusBar(opened)
    qtbot.addWidget(made)
    made.show()
    return made


def report(session: Session, devices: DeviceReport) -> None:
    session.model.engine.report = devices
    session.model.engine.devices_changed.emit()


def test_the_status_bar_shows_the_card_and_its_memory(status: StatusBar, opened: Session) -> None:
    assert not status.device.isVisible()
    report(opened, DeviceReport((CARD, CPU), FINE))
    assert status.device.text() == "NVIDIA H200 · 12 of 141 GB"


def test_the_device_that_was_chosen_is_the_one_shown(
    status: StatusBar, opened: Session, settings: Settings
) -> None:
    report(opened, DeviceReport((CARD, CPU), FINE))
    settings.set("device", "cpu")
    assert status.device.text() == "CPU · 2 cores · 5.0 GB free"


def test_a_card_that_is_not_used_is_named_with_an_icon_and_the_command_that_helps(
    qtbot: QtBot, status: StatusBar, opened: Session
) -> None:
    report(opened, DeviceReport((CPU,), UNUSED, ("NVIDIA H200",)))
    assert status.device.text().startswith("NVIDIA H200 is not used · CPU")
    assert not status.device.icon().isNull()
    assert "Type it." in status.device.toolTip()
    with qtbot.waitSignal(opened.asked) as asked:
        qtbot.mouseClick(status.device, Qt.MouseButton.LeftButton)
    ((text, copy),) = asked.args[0].answers
    assert text == "Copy the command"
    copy()
    assert QApplication.clipboard().text() == "pip install x"


def test_a_press_on_the_device_says_what_else_computes(
    qtbot: QtBot, status: StatusBar, opened: Session
) -> None:
    report(opened, DeviceReport((CARD, CPU), FINE))
    with qtbot.waitSignal(opened.asked) as asked:
        qtbot.mouseClick(status.device, Qt.MouseButton.LeftButton)
    assert "CPU · 2 cores" in asked.args[0].sentence


def test_without_weights_the_status_bar_says_so(status: StatusBar, settings: Settings) -> None:
    settings.set("weights", "")
    assert status.engine.text() == "No weights"


def test_loading_is_said(status: StatusBar, opened: Session, settings: Settings) -> None:
    opened.model.engine.load(config_of(settings, opened.model.choice))
    assert status.engine.text() == "Loading fake…"
    opened.model.engine.forget()
    assert status.engine.text() == "fake"


def test_the_end_of_a_load_asks_for_the_memory_that_is_left(
    qtbot: QtBot, opened: Session, settings: Settings, asked: list[str]
) -> None:
    engine = opened.model.engine
    engine.load(config_of(settings, opened.model.choice))
    qtbot.waitUntil(lambda: "devices" in asked, timeout=20_000)
    assert engine.warmth is Warmth.WARM


def test_nothing_is_loaded_while_a_fine_tune_has_the_device(
    qtbot: QtBot, scripted: Session, folder: Path, settings: Settings, asked: list[str]
) -> None:
    with qtbot.waitSignal(scripted.project_changed):
        scripted.open_folder(folder)
    run = ProcessRun("train", {"wants": "patience"}, command=SCRIPTED, parent=scripted)
    scripted.work._background._keep(run)
    assert scripted.work.training is run
    describe(scripted, "red")
    scripted.model.begin()
    qtbot.waitUntil(lambda: "devices" in asked)
    assert "warm_up" not in asked
    run.cancel()
    qtbot.waitUntil(lambda: "warm_up" in asked, timeout=20_000)


def test_a_window_that_closes_does_not_wait_for_a_load(qtbot: QtBot, session: Session) -> None:
    waits = (sys.executable, "-c", "import threading; threading.Event().wait()")
    engine = EngineProcess(waits, session)
    engine.ask("warm_up", {})
    qtbot.waitUntil(lambda: engine._child is not None and engine._child._process is not None)
    process = engine._child._process
    engine.close()
    qtbot.waitUntil(lambda: process.poll() is not None)
