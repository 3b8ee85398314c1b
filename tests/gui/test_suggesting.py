"""Thresholds that are suggested: what is not wanted any more is not read to its end."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.project import Project
from core.types import LabelClass
from gui.runs import ThreadRun
from gui.session.suggesting import Suggesting
from gui.session.work import Work


class FakeProject:
    """Reads an image when it may."""

    classes: tuple[LabelClass, ...] = ()

    def __init__(self) -> None:
        self.n_read = 0
        self.may_read = threading.Event()

    def bytes_of(self, _key: str) -> None:
        self.n_read += 1
        self.may_read.wait(timeout=10)


class FakeWork:
    """Reads in one thread."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1)

    def reading(self, job: Callable[..., Any], *, parent: QObject) -> ThreadRun:
        return ThreadRun(job, self.pool, latest_only=True, parent=parent)


@pytest.fixture
def work() -> Iterator[FakeWork]:
    made = FakeWork()
    yield made
    made.pool.shutdown()


def test_it_stops_reading_when_it_is_not_wanted_any_more(qtbot: QtBot, work: FakeWork) -> None:
    project = FakeProject()
    suggesting = Suggesting(
        cast(Work, work),
        project_of=lambda: cast(Project, project),
        keys_of=lambda: [f"{n}.png" for n in range(1000)],
    )
    suggesting.look()
    qtbot.waitUntil(lambda: project.n_read == 1)

    suggesting.forget()
    project.may_read.set()
    work.pool.shutdown(wait=True)

    assert project.n_read == 1
