"""What the loop says of the time that iterations took, and of what is left."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any, NoReturn

import pytest
import torch

from core.configs import TrainConfig
from core.events import Event, Progress
from core.run_folder import RunFolder
from core.training import loop, session
from core.training.data import Batch
from core.training.learner import Learner
from tests.core.training.small_runs import Draw, metrics_of, result_of

torch.set_num_threads(1)


def _never(_learner: object) -> NoReturn:
    raise AssertionError("a clock asks nobody")


def test_a_machine_that_slept_does_not_stretch_the_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(loop.time, "monotonic", lambda: now)
    plan = loop.Plan(
        iterations=100, checkpoint_every=100, evaluate_every=0,
        patience=0, lessons=_never, evaluate=_never,
        keep=lambda model, iteration: None,
    )  # fmt: skip
    clock = loop._Clock(plan)
    for seconds in (2.0, 2.0, 8 * 3600.0, 2.0):
        now += seconds
        assert clock.lap_s() == pytest.approx(2.0)
    assert clock.eta_s(4) == pytest.approx(192.0)


def test_an_evaluation_between_two_iterations_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(loop.time, "monotonic", lambda: now)
    plan = loop.Plan(
        iterations=4, checkpoint_every=100, evaluate_every=2,
        patience=0, lessons=_never, evaluate=_never,
        keep=lambda model, iteration: None,
    )  # fmt: skip
    clock = loop._Clock(plan)
    for seconds in (2.0, 62.0):
        now += seconds
        clock.lap_s()
    assert clock.eta_s(2) == pytest.approx(64.0)


def test_seconds_of_an_iteration_are_its_own(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    step, measured = Learner.step, session.measured

    def two_seconds(learner: Learner, batch: Batch) -> dict[str, float]:
        nonlocal now
        now += 2
        return step(learner, batch)

    def a_minute(*args: Any, **named: Any) -> Generator[Progress, None, object]:
        nonlocal now
        now += 60
        return (yield from measured(*args, **named))

    monkeypatch.setattr(loop.time, "monotonic", lambda: now)
    monkeypatch.setattr(Learner, "step", two_seconds)
    monkeypatch.setattr(session, "measured", a_minute)
    config = replace(config, iterations=4, evaluate_every=2, ema_decay=0.0)
    events: list[Event] = list(session.trained(run, config, drawn(3, 1)))
    assert metrics_of(events, "seconds") == {1: 2.0, 2: 2.0, 3: 2.0, 4: 2.0}
    assert result_of(events)["seconds"] == 68.0  # with the evaluation in between
    (left,) = [e.eta_s for e in events if isinstance(e, Progress) and e.total == 4 and e.done == 3]
    assert left == pytest.approx(66 / 3)
