"""The machine stays awake while something runs, and no longer."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.events import Finished
from gui.runs import Run
from gui.session.awake import CommandHold, StaysAwake, command_for

ROOT = Path(__file__).resolve().parents[2]
WAITS = (sys.executable, "-c", "import sys; sys.stdin.read()")


class ScriptedRun(Run):
    """A run that ends when the test says so."""

    def end(self) -> None:
        self._take(Finished())


class FakeHold:
    """Counts how it is used."""

    def __init__(self) -> None:
        self.taken = self.released = 0

    def take(self) -> "FakeHold":
        self.taken += 1
        return self

    def release(self) -> None:
        self.released += 1


def test_it_is_awake_from_the_first_run_to_the_end_of_the_last(qtbot: QtBot) -> None:
    hold = FakeHold()
    awake = StaysAwake(hold=hold.take)
    first, second = ScriptedRun("one"), ScriptedRun("two")
    awake.follow(first)
    awake.follow(second)
    first.end()
    assert (hold.taken, hold.released, awake.is_awake) == (1, 0, True)
    second.end()
    assert (hold.taken, hold.released, awake.is_awake) == (1, 1, False)


def test_where_nothing_can_keep_it_awake_nothing_happens(qtbot: QtBot) -> None:
    awake = StaysAwake(hold=lambda: None)
    run = ScriptedRun("one")
    awake.follow(run)
    run.end()
    awake.release()
    assert not awake.is_awake


def test_the_child_that_holds_it_ends_with_the_hold() -> None:
    hold = CommandHold(WAITS)
    assert hold.is_held
    hold.release()
    assert not hold.is_held


def test_the_child_that_holds_it_ends_with_the_program(qtbot: QtBot, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    waits = f"import pathlib, sys; sys.stdin.read(); pathlib.Path({str(ended)!r}).touch()"
    program = (
        "import os, sys; from gui.session.awake import CommandHold;"
        " CommandHold([sys.executable, '-c', sys.argv[1]]); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, waits], check=False, cwd=ROOT)
    qtbot.waitUntil(ended.exists, timeout=30_000)


@pytest.mark.parametrize(
    ("platform", "there", "first"),
    [
        ("linux", {"systemd-inhibit", "cat"}, "/bin/systemd-inhibit"),
        ("linux", {"cat"}, ""),
        ("darwin", {"caffeinate"}, "/bin/caffeinate"),
        ("darwin", set(), ""),
        ("freebsd", {"systemd-inhibit", "cat"}, ""),
    ],
)
def test_each_system_has_its_own_way(platform: str, there: set[str], first: str) -> None:
    command = command_for(platform, lambda name: f"/bin/{name}" if name in there else None)
    assert (command or [""])[0] == first
