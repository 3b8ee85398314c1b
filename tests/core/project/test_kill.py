"""kill -9 in the middle of work: every edit that was acknowledged is there afterwards."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import core
from core.project import Project

_CHILD = Path(__file__).with_name("editing_child.py")
Draw = Callable[..., Path]


def _killed(folder: Path, n_edits: int, stop: str, *, n_lines: int = 0) -> dict[str, list[str]]:
    """Starts the program, kills it, and gives the ids of the acknowledged edits by key.

    Args:
        folder: of the project.
        n_edits: between two saves.
        stop: where in a save it waits to be killed; never: it is killed while it works.
        n_lines: it is killed after so many, where it does not stop.
    """
    edits: dict[str, list[str]] = {"a.png": [], "b.png": []}
    command = [sys.executable, str(_CHILD), str(folder), str(n_edits), stop]
    root = Path(core.__file__).parent.parent
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as child:  # fmt: skip
        assert child.stdout is not None
        for number, line in enumerate(child.stdout, start=1):
            _take(line, edits)
            if line == "waiting\n" or (stop == "never" and number >= n_lines):
                break
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines(keepends=True):
            if line.endswith("\n"):
                _take(line, edits)
    assert child.returncode == -signal.SIGKILL
    return edits


def _take(line: str, edits: dict[str, list[str]]) -> None:
    word, *rest = line.split()
    if word == "edit":
        edits[rest[0]].append(rest[1])


def _lost(project: Project, edits: dict[str, list[str]]) -> dict[str, list[str]]:
    """The last 150 acknowledged edits of each image that are not in its label file."""
    there = {key: {one.id for one in project.read(key).labels.instances} for key in edits}
    return {key: [one for one in ids[-150:] if one not in there[key]] for key, ids in edits.items()}


_NONE: dict[str, list[str]] = {"a.png": [], "b.png": []}


@pytest.fixture
def drawn(folder: Path, draw: Draw) -> Path:
    """A folder with a.png and b.png."""
    draw(folder / "a.png", 1)
    draw(folder / "b.png", 2)
    return folder


@pytest.mark.parametrize("stop", ["fsync", "before", "after"])
@pytest.mark.parametrize("n_edits", [1, 4])
def test_a_kill_inside_a_save_loses_no_edit(drawn: Path, stop: str, n_edits: int) -> None:
    edits = _killed(drawn, n_edits, stop)
    assert sum(map(len, edits.values())) == n_edits
    project = Project.open(drawn)
    assert project.read_only_reason == ""
    assert all("is back" in one.sentence for one in project.recover())
    assert _lost(project, edits) == _NONE
    list(project.scan())
    assert project.problems == ()
    project.close()
    assert sorted(path.name for path in drawn.iterdir() if path.suffix != ".json") == [
        ".maskloop", "a.png", "b.png",
    ]  # fmt: skip
    assert list((drawn / ".maskloop" / "journal").iterdir()) == []


def test_kills_at_random_moments_lose_no_edit(drawn: Path) -> None:
    moments = random.Random(0)
    for _ in range(15):
        n_edits, n_lines = moments.choice([1, 2, 7, 1000]), moments.randint(1, 60)
        edits = _killed(drawn, n_edits, "never", n_lines=n_lines)
        project = Project.open(drawn)
        recovered = project.recover()
        assert all("is back" in one.sentence for one in recovered)
        assert _lost(project, edits) == _NONE
        project.close()


def test_what_was_brought_back_is_told_once_and_stays(drawn: Path) -> None:
    edits = _killed(drawn, 1000, "never", n_lines=6)
    project = Project.open(drawn)
    assert {one.key for one in project.recover()} == {"a.png", "b.png"}
    assert project.recover() == ()
    project.close()
    again = Project.open(drawn)
    assert again.recover() == ()
    assert _lost(again, edits) == _NONE
    again.close()


def test_a_reader_leaves_the_edits_to_the_next_writer(drawn: Path) -> None:
    edits = _killed(drawn, 1000, "never", n_lines=6)
    reader = Project.open(drawn, wants_to_write=False)
    assert reader.recover() == ()
    assert reader.read("a.png").stamp == ""
    reader.close()
    writer = Project.open(drawn)
    assert _lost(writer, edits) == _NONE
    writer.close()
