"""A pre-label of many images, asked for a few at a time."""

from collections.abc import Iterator, Sequence

import pytest
from pytestqt.qtbot import QtBot

from core.events import Finished
from gui.runs import EngineProcess, EngineRequest
from gui.session.batch_run import Batch

KEYS = [f"img_{number}.png" for number in range(20)]


@pytest.fixture
def asked() -> list[EngineRequest]:
    return []


@pytest.fixture
def batch(qtbot: QtBot, asked: list[EngineRequest]) -> Iterator[Batch]:
    engine = EngineProcess()

    def ask(keys: Sequence[str]) -> EngineRequest:
        asked.append(EngineRequest("prelabel", tuple(keys), engine))
        return asked[-1]

    yield Batch("Pre-label", ask, engine)
    engine.close()


def test_a_batch_goes_through_all_images(
    qtbot: QtBot, batch: Batch, asked: list[EngineRequest]
) -> None:
    batch.start(KEYS)
    for number in range(3):
        qtbot.waitUntil(lambda number=number: len(asked) == number + 1)
        asked[number].take(Finished())
    assert not batch.is_going
    assert [key for request in asked for key in request.config] == KEYS


def test_a_batch_that_is_cancelled_between_two_requests_ends(
    qtbot: QtBot, batch: Batch, asked: list[EngineRequest]
) -> None:
    batch.start(KEYS)
    asked[0].take(Finished())  # the next is asked for in a moment
    batch.cancel()
    qtbot.waitUntil(lambda: not batch.is_going)
    assert len(asked) == 1
    assert batch.last == Finished(was_cancelled=True)
