"""The child process, as the window talks to it: the real program over real pipes."""

import io
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from PIL import Image

from core import worker

MAIN = Path(__file__).resolve().parents[2] / "main.py"


class Child:
    """A worker and its two pipes."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *(arguments or (str(MAIN), "--worker"))],
            cwd=MAIN.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def say(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def ask(self, **message: Any) -> None:
        self.say(json.dumps(message))

    def events(self) -> Iterator[dict[str, Any]]:
        """The events of one request, to its last."""
        assert self._process.stdout
        for line in self._process.stdout:
            event = json.loads(line)
            yield event
            if event["event"] in ("Finished", "Failed"):
                return

    def end(self) -> int:
        """Ends stdin and waits; the exit code."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        code = self._process.wait(60)
        self._process.stdout.close()
        return code


@pytest.fixture
def child() -> Iterator[Child]:
    running = Child()
    yield running
    running.end()


def test_worker_passes_on_the_events_of_a_job(child: Child, tmp_path: Path) -> None:
    child.ask(request=5, job="demo_project", config={"out": str(tmp_path / "demo")})
    events = list(child.events())
    assert {event["request"] for event in events} == {5}
    assert (events[0]["event"], events[0]["job"]) == ("Started", "demo_project")
    assert events[-1]["result"] == {"project": str(tmp_path / "demo" / "project")}


def test_worker_serves_the_next_request_after_one_that_failed(child: Child, tmp_path: Path) -> None:
    child.ask(request=1, job="no such job", config={})
    child.ask(request=2, job="demo_project", config={"out": str(tmp_path / "demo")})
    (failure,) = list(child.events())
    assert failure["event"] == "Failed"
    assert "no such job" in failure["sentence"]
    assert list(child.events())[-1]["event"] == "Finished"


def test_worker_tells_a_wrong_config_in_a_sentence(child: Child) -> None:
    child.ask(request=1, job="demo_project", config={"out": "x", "colour": "red"})
    *_, last = child.events()
    assert last == {
        "request": 1,
        "event": "Failed",
        "sentence": "There is no setting named colour here.",
        "details": "",
    }


def test_worker_ends_a_cancelled_job_and_stays(child: Child, tmp_path: Path) -> None:
    child.ask(request=1, job="demo", config={"out": str(tmp_path / "demo")})
    events = child.events()
    assert next(events)["event"] == "Started"
    child.ask(cancel=1)
    assert list(events)[-1]["was_cancelled"] is True
    child.ask(request=2, job="demo_project", config={"out": str(tmp_path / "other")})
    assert list(child.events())[-1]["was_cancelled"] is False


def test_worker_passes_over_lines_that_are_no_message(child: Child, tmp_path: Path) -> None:
    child.say("not JSON")
    child.say('["a", "list"]')
    child.ask(request=1, job="demo_project", config={"out": str(tmp_path / "demo")})
    assert list(child.events())[-1]["event"] == "Finished"


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a child that is started after this: no models, and nowhere to get them."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("OSAM_BLOB_ENDPOINT", "http://127.0.0.1:9")


@pytest.mark.usefixtures("no_network")
def test_worker_tells_what_helps_where_an_assistant_cannot_be_fetched(
    child: Child, tmp_path: Path
) -> None:
    image = tmp_path / "a.png"
    Image.new("RGB", (32, 24)).save(image)
    child.ask(request=1, job="assist", config={"image": str(image), "points": [[5.0, 5.0, True]]})
    said = [event for event in child.events() if event["event"] != "Progress"]
    assert [event["event"] for event in said] == ["Started", "Failed"]
    assert "EfficientSAM 10M could not be downloaded (no connection)." in said[-1]["sentence"]
    assert "lasso" in said[-1]["sentence"]
    assert said[-1]["details"] == ""


def test_worker_answers_prompts_with_a_model_that_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    image = tmp_path / "a.png"
    Image.new("RGB", (200, 120), (51, 51, 51)).save(image)
    child = Child("-m", "tests.core.assist.disc_worker")
    child.ask(request=1, job="assist", config={"image": str(image)})
    assert list(child.events())[-1]["result"] == {"is_here": True}
    shutil.rmtree(tmp_path / "home")
    child.ask(request=2, job="assist", config={"image": str(image), "points": [[60, 50, True]]})
    started, assisted, _ = child.events()
    assert started["event"] == "Started"
    ((part,),) = assisted["parts"]
    assert shapely.Polygon(part[0]).area == pytest.approx(math.pi * 20**2, rel=0.03)
    assert child.end() == 0


def test_worker_ends_a_download_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("OSAM_BLOB_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        child = Child()
        child.ask(request=1, job="assist_fetch", config={})
        events = child.events()
        assert next(events)["event"] == "Started"
        connection, _ = silent.accept()  # and no answer
        child.ask(cancel=1)
        assert [event["was_cancelled"] for event in events] == [True]
        connection.close()
        assert child.end() == 0


def test_worker_ends_when_nobody_is_left_to_talk_to() -> None:
    assert Child().end() == 0


def test_worker_writes_the_events_into_the_run_folder(child: Child, tmp_path: Path) -> None:
    run = tmp_path / "run"
    config = {"out": str(tmp_path / "demo")}
    child.ask(request=1, job="demo_project", config=config, run_folder=str(run))
    said = [event["event"] for event in child.events()]
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    written = [json.loads(line)["event"] for line in lines]
    assert written == said


def test_a_child_that_is_stuck_ends_when_nobody_is_left_to_kill_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_ended = threading.Event()
    monkeypatch.setattr(worker, "GRACE_S", 0.0)
    monkeypatch.setattr(os, "_exit", lambda _code: has_ended.set())
    inbox = worker._Inbox(io.StringIO(""))
    assert has_ended.wait(30)
    assert inbox.requests.get() is None
