"""What the loop says of the time that is left."""

from typing import NoReturn

import pytest
import torch

from core.training import loop

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
