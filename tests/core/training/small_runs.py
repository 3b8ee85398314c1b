"""A small model to train from scratch, and what a run of it says."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
import torch

from core.events import Event, Finished, Metrics
from core.maskrcnn.config import ModelSettings, small_settings
from core.maskrcnn.model import MaskRCNN
from core.run_folder import Snapshot

Draw = Callable[[int, int], Snapshot]
LOSSES = {"loss_rpn_cls", "loss_rpn_loc", "loss_cls", "loss_box_reg", "loss_mask"}


def model_settings(side: int = 96) -> ModelSettings:
    return replace(
        small_settings(2),
        min_size_test=side,
        max_size_test=side,
        anchor_sizes=((12.0,), (24.0,), (48.0,), (96.0,), (192.0,)),
    )


def metrics_of(events: Iterable[Event], name: str = "total_loss") -> dict[int, float]:
    return {
        event.iteration: event.values[name]
        for event in events
        if isinstance(event, Metrics) and name in event.values
    }


def result_of(events: list[Event]) -> dict[str, object]:
    assert isinstance(events[-1], Finished)
    return dict(events[-1].result)


def until_iteration(events: Iterator[Event], iteration: int) -> list[Event]:
    """The events up to the metrics of an iteration."""
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Metrics) and event.iteration == iteration:
            return seen
    raise AssertionError("it ended before")


def losses_fail(monkeypatch: pytest.MonkeyPatch, at_calls: Callable[[int], bool]) -> None:
    """Makes a loss of the calls that are chosen no number."""
    losses, calls = MaskRCNN.losses, itertools.count(1)

    def failing(*args: object, **named: object) -> dict[str, torch.Tensor]:
        values = losses(*args, **named)  # type: ignore[arg-type]
        factor = math.nan if at_calls(next(calls)) else 1.0
        return {**values, "loss_mask": values["loss_mask"] * factor}

    monkeypatch.setattr(MaskRCNN, "losses", failing)
