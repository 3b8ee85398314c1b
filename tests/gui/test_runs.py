"""Runs: threads and child processes tell the window what they do, and never stop it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.errors import AppError
from core.events import Failed, Finished, Metrics, Started
from gui.runs import EngineProcess, EngineRequest, ProcessRun, ThreadRun
from gui.runs.processes import _Died
from tests.gui.scripted import SCRIPTED


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def engine(qtbot: QtBot) -> Iterator[EngineProcess]:
    process = EngineProcess(SCRIPTED)
    yield process
    process.close()


def all_of(signal: Any) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def has_ended(run: Any) -> Callable[[], bool]:
    return lambda: not run.is_going


def test_thread_run_reports_each_value_and_then_its_end(
    qtbot: QtBot, pool: ThreadPoolExecutor
) -> None:
    run = ThreadRun(lambda n: iter(range(n)), pool)
    values = all_of(run.reported)
    with qtbot.waitSignal(run.ended) as ended:
        run.start(3)
    assert values == [0, 1, 2]
    assert ended.args == [Finished()]


def test_thread_run_reports_in_the_thread_of_the_window(
    qtbot: QtBot, pool: ThreadPoolExecutor
) -> None:
    threads: list[str] = []
    run = ThreadRun(lambda: threads.append(threading.current_thread().name), pool)
    run.reported.connect(lambda _: threads.append(threading.current_thread().name))
    with qtbot.waitSignal(run.ended):
        run.start()
    assert threads[0] != threads[1] == threading.main_thread().name


def test_thread_run_ends_with_the_sentence_of_an_app_error(
    qtbot: QtBot, pool: ThreadPoolExecutor
) -> None:
    def fail() -> None:
        raise AppError("The disk is full.")

    run = ThreadRun(fail, pool)
    with qtbot.waitSignal(run.ended) as ended:
        run.start()
    assert ended.args == [Failed("The disk is full.")]


def test_thread_run_of_the_latest_drops_what_came_before(
    qtbot: QtBot, pool: ThreadPoolExecutor
) -> None:
    gate = threading.Event()
    run = ThreadRun(lambda name: (gate.wait(), name)[1], pool, latest_only=True)
    names = all_of(run.reported)
    with qtbot.waitSignal(run.ended):
        for name in ("first", "second", "third"):
            run.start(name)
        gate.set()
    qtbot.waitUntil(has_ended(run))
    assert names == ["third"]


def test_a_window_that_goes_while_its_thread_speaks_takes_nothing_with_it(
    qtbot: QtBot, pool: ThreadPoolExecutor
) -> None:
    speaks = threading.Event()

    def job() -> Iterator[int]:
        for number in range(500):
            speaks.set()
            yield number

    for _ in range(30):
        window = QObject()
        run = ThreadRun(job, pool, parent=window)
        speaks.clear()
        run.start()
        speaks.wait()
        window.deleteLater()
        with qtbot.waitSignal(window.destroyed):
            pass
    last = ThreadRun(lambda: 7, pool)
    with qtbot.waitSignal(last.reported) as reported:
        last.start()
    assert reported.args == [7]


def test_process_run_reports_the_events_of_its_child(qtbot: QtBot) -> None:
    metrics = {"event": "Metrics", "iteration": 1, "values": {"loss": 2.5}}
    run = ProcessRun("train", {"says": [metrics]}, "runs/1", command=SCRIPTED)
    events = all_of(run.reported)
    with qtbot.waitSignal(run.ended):
        pass
    assert events == [Started("train"), Metrics(1, {"loss": 2.5})]
    assert isinstance(run.last, Finished)
    assert run.last.result["run_folder"] == "runs/1"
    assert run.last.result["omp"] == "PASSIVE"


def test_lines_that_are_no_events_are_passed_over(qtbot: QtBot) -> None:
    run = ProcessRun("train", {"wants": "noise"}, command=SCRIPTED)
    with qtbot.waitSignal(run.ended):
        pass
    assert isinstance(run.last, Finished)


def test_process_run_that_is_cancelled_finishes_in_good_order(qtbot: QtBot) -> None:
    run = ProcessRun("train", {"wants": "patience"}, command=SCRIPTED)
    with qtbot.waitSignal(run.reported):
        pass
    with qtbot.waitSignal(run.ended):
        run.cancel()
    assert run.last == Finished(was_cancelled=True)


def test_a_child_that_was_killed_leads_to_what_can_be_done() -> None:
    sentence = _Died(-9, "Loading the model\n").sentence
    assert "was killed" in sentence
    assert "close other programs" in sentence


def test_a_child_that_dies_ends_its_run_with_what_it_said_last(qtbot: QtBot) -> None:
    run = ProcessRun("train", {"wants": "death"}, command=SCRIPTED)
    with qtbot.waitSignal(run.ended):
        pass
    assert isinstance(run.last, Failed)
    assert "code 9" in run.last.sentence
    assert "out of memory" in run.last.sentence


def test_a_child_that_cannot_be_started_ends_its_run_with_a_sentence(qtbot: QtBot) -> None:
    run = ProcessRun("train", {}, command=("/no/such/program",))
    with qtbot.waitSignal(run.ended):
        pass
    assert isinstance(run.last, Failed)
    assert "could not be started" in run.last.sentence


def test_engine_process_serves_all_requests_with_one_child(
    qtbot: QtBot, engine: EngineProcess
) -> None:
    requests = [engine.ask("prelabel", {}) for _ in range(3)]
    qtbot.waitUntil(lambda: not any(request.is_going for request in requests))
    assert len({request.last.result["pid"] for request in requests}) == 1  # type: ignore[union-attr]


def test_requests_that_have_ended_are_not_kept(qtbot: QtBot, engine: EngineProcess) -> None:
    for _ in range(3):
        engine.ask("assist", {})
    waiting = engine.ask("assist", {})
    waiting.cancel()

    qtbot.waitUntil(lambda: not engine.findChildren(EngineRequest))


def test_a_request_that_a_person_waits_for_goes_first(qtbot: QtBot, engine: EngineProcess) -> None:
    order: list[str] = []
    running = engine.ask("prelabel", {"wants": "patience"})
    with qtbot.waitSignal(running.reported):
        pass
    for name in ("second", "third"):
        engine.ask(name, {}).ended.connect(lambda _, name=name: order.append(name))
    urgent = engine.ask("urgent", {}, goes_first=True)
    urgent.ended.connect(lambda _: order.append("urgent"))
    running.cancel()
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == ["urgent", "second", "third"]


def test_cancelling_a_waiting_request_leaves_the_child_alone(
    qtbot: QtBot, engine: EngineProcess
) -> None:
    running = engine.ask("prelabel", {"wants": "patience"})
    with qtbot.waitSignal(running.reported):
        pass
    waiting = engine.ask("prelabel", {})
    waiting.cancel()
    assert waiting.last == Finished(was_cancelled=True)
    assert running.is_going


def test_an_engine_process_that_died_says_so_and_is_started_again(
    qtbot: QtBot, engine: EngineProcess
) -> None:
    sentences = all_of(engine.said)
    broken = engine.ask("prelabel", {"wants": "death"})
    healthy = engine.ask("prelabel", {})
    qtbot.waitUntil(has_ended(healthy))
    assert isinstance(broken.last, Failed)
    assert isinstance(healthy.last, Finished)
    assert len(sentences) == 1
    assert "started again" in sentences[0]


def test_held_jobs_wait_while_others_go_on_and_what_was_loaded_is_given_back(
    qtbot: QtBot, engine: EngineProcess
) -> None:
    loaded = engine.ask("prelabel", {})
    qtbot.waitUntil(lambda: not loaded.is_going)
    engine.hold({"prelabel"})
    held, other = engine.ask("prelabel", {}), engine.ask("devices", {})
    qtbot.waitUntil(lambda: not other.is_going)
    assert held.is_going
    assert other.last.result["pid"] != loaded.last.result["pid"]  # type: ignore[union-attr]
    engine.hold(())
    qtbot.waitUntil(lambda: not held.is_going)


def test_what_is_served_when_its_job_is_held_comes_to_its_end(
    qtbot: QtBot, engine: EngineProcess
) -> None:
    request = engine.ask("prelabel", {"wants": "patience"})
    with qtbot.waitSignal(request.reported):
        pass
    engine.hold({"prelabel"})
    assert request.is_going
    request.cancel()
    qtbot.waitUntil(lambda: not request.is_going)
    assert request.last == Finished(was_cancelled=True)
