"""The real program ended in the middle of work: what was on the screen is in the labels."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.project import Project
from tests.e2e.driven_window import place_of

ROOT = Path(__file__).resolve().parents[2]
N_KILLS = 5
PATIENCE_MS = 60_000


@dataclass
class Screen:
    """What was seen of the edits, over all starts of the program."""

    number_of: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last edit of each instance that is there."""
    doubtful: dict[tuple[str, str], int] = field(default_factory=dict)
    """Edits that were begun when the program was killed, and may be there or not."""
    last_number: int = 0

    def see(self, lines: list[str]) -> None:
        begun: tuple[tuple[str, str], int] | None = None
        for said, number, key, instance_id, *what in map(str.split, lines):
            begun = ((key, instance_id), int(number)) if said == "begun" else None
            self.last_number = int(number)
            if what == ["delete"]:
                self.number_of.pop((key, instance_id), None)
            elif what:
                self.number_of[key, instance_id] = int(number)
            if what:
                self.doubtful.pop((key, instance_id), None)
        if begun is not None:
            self.doubtful[begun[0]] = begun[1]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b", "c"):
        cv2.imwrite(str(folder / f"{name}.png"), np.full((200, 300, 3), 90, np.uint8))
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {f"XDG_{kind}_HOME": str(tmp_path / "user") for kind in ("DATA", "CACHE", "CONFIG")}
    return {**os.environ, **own, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}


def _killed_after(n_lines: int, command: list[str], environment: dict[str, str]) -> list[str]:
    """What it said until it was killed, some time after so many lines."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(n_lines)]
        program.kill()
        lines += program.stdout.readlines()
    assert program.returncode == -signal.SIGKILL
    return [line for line in lines if line.endswith("\n")]


def _labels_on_disk(photos: Path) -> Iterator[tuple[tuple[str, str], tuple[float, float]]]:
    """Each instance that a new start finds, with its first vertex."""
    project = Project.open(photos)
    try:
        for key in [key for batch in project.scan() for key in batch]:
            for instance in project.read(key).labels.instances:
                x, y = instance.parts[0].outer[0].tolist()
                yield (key, instance.id), (x, y)
    finally:
        project.close()


def test_kill_9_costs_no_edit_that_was_seen(photos: Path, environment: dict[str, str]) -> None:
    dice = random.Random(20)
    screen = Screen()
    for _ in range(N_KILLS):
        driven = str(ROOT / "tests" / "e2e" / "driven_window.py")
        command = [sys.executable, driven, str(photos), str(screen.last_number)]
        screen.see(_killed_after(dice.randint(30, 140), command, environment))
        for file in photos.glob("*.json"):
            json.loads(file.read_bytes())

    found = dict(_labels_on_disk(photos))
    for one, number in screen.number_of.items():
        allowed = {place_of(number)}
        if one in screen.doubtful:
            allowed |= {place_of(screen.doubtful[one]), None}
        assert found.get(one) in allowed
    assert found.keys() - screen.doubtful.keys() <= screen.number_of.keys()
    assert len(screen.number_of) > 10


def test_ctrl_c_ends_the_program_in_good_order(
    qtbot: QtBot, photos: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, str(ROOT / "main.py"), str(photos)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as program:
        lock = photos / ".maskloop" / "lock"
        qtbot.waitUntil(lambda: lock.exists() or program.poll() is not None, timeout=PATIENCE_MS)
        program.send_signal(signal.SIGINT)
        assert program.stderr is not None
        assert "Traceback" not in program.stderr.read()
    assert program.returncode == 130
    assert list((photos / ".maskloop" / "journal").glob("*")) == []
