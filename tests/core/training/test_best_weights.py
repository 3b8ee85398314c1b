"""Which weights a run ends with, and when it ends early."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import TrainConfig
from core.events import Event, Metrics, Noted, Progress
from core.maskrcnn.checkpoint import read_weights
from core.maskrcnn.config import settings_to_yaml
from core.run_folder import RunFolder
from core.training.session import trained
from tests.core.training.small_runs import (
    Draw,
    losses_fail,
    metrics_of,
    model_settings,
    result_of,
    until_iteration,
)

torch.set_num_threads(1)


def _told_aps(monkeypatch: pytest.MonkeyPatch, aps: Sequence[float]) -> None:
    """Makes the evaluations of a run give these numbers, one after the other."""
    left = iter(aps)

    def told(*_args: object, **_named: object) -> Iterator[Event]:
        yield Progress(1, 1, "val images")
        ap = next(left)
        return {task: {"AP": ap, "AP50": ap, "AP75": None} for task in ("bbox", "segm")}  # type: ignore[return-value]

    monkeypatch.setattr("core.training.session.measured", told)


def test_the_best_of_all_evaluations_is_kept(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (20.0, 30.0, 10.0, 30.0))
    config = replace(config, evaluate_every=2, ema_decay=0.0)
    events = list(trained(run, config, drawn(3, 1)))
    assert metrics_of(events, "segm/AP") == {2: 20.0, 4: 30.0, 6: 10.0}
    assert result_of(events)["best_iteration"] == 4
    assert not result_of(events)["best_is_mean"]
    assert read_weights(run.best_weights).iteration == 4


def test_a_model_without_masks_is_compared_by_its_boxes(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    settings = replace(model_settings(64), mask_on=False, score_threshold=0.01)
    Path(config.model_config).write_text(settings_to_yaml(settings, class_names=()))
    events = list(trained(run, replace(config, iterations=3), drawn(3, 2)))
    (step, *_) = (event for event in events if isinstance(event, Metrics))
    assert "loss_mask" not in step.values
    assert metrics_of(events, "segm/AP") == {}
    assert list(metrics_of(events, "bbox/AP")) == [3]


def test_without_val_images_the_last_weights_are_the_best(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    events = list(trained(run, config, drawn(3, 0)))
    assert any(isinstance(e, Noted) and "last weights are taken" in e.sentence for e in events)
    result = result_of(events)
    assert (result["after"], result["best_iteration"]) == (None, 6)
    assert result["device"] == "cpu"
    assert run.best_weights.exists()


def test_it_stops_when_the_ap_does_not_rise_any_more(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (20.0, 30.0, 30.0, 10.0, 30.0))
    config = replace(config, iterations=50, evaluate_every=1, patience=2, ema_decay=0.0)
    events = list(trained(run, config, drawn(3, 1)))
    assert list(metrics_of(events)) == [1, 2, 3, 4]
    assert any(isinstance(e, Noted) and "Stopped early" in e.sentence for e in events)
    result = result_of(events)
    assert (result["iterations"], result["best_iteration"]) == (4, 3)


def test_val_images_without_an_instance_end_nothing_early(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 1)
    empty = replace(snapshot.images[3], labels=replace(snapshot.images[3].labels, instances=()))
    snapshot = replace(snapshot, images=(*snapshot.images[:3], empty))
    config = replace(config, evaluate_every=1, patience=2, ema_decay=0.0)
    events = list(trained(run, config, snapshot))
    assert list(metrics_of(events)) == [1, 2, 3, 4, 5, 6]
    assert all(event.values for event in events if isinstance(event, Metrics))


def test_going_back_does_not_forget_the_best_weights(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (40.0, 50.0, 45.0, 45.0))
    losses_fail(monkeypatch, lambda call: call == 5)
    config = replace(config, evaluate_every=2, ema_decay=0.0)
    result = result_of(list(trained(run, config, drawn(3, 1))))
    assert result["best_iteration"] == 4
    assert read_weights(run.best_weights).iteration == 4


def test_patience_is_kept_over_a_resume(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (30.0, 20.0, 20.0, 20.0, 30.0))
    config, snapshot = (
        replace(config, iterations=50, evaluate_every=1, patience=3, ema_decay=0.0), drawn(3, 1)
    )  # fmt: skip
    events = trained(run, config, snapshot)
    until_iteration(events, 3)
    events.close()
    assert max(metrics_of(list(trained(run, config, snapshot)))) == 4


def test_the_running_mean_is_kept_where_it_is_better(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (20.0, 40.0, 40.0))
    config = replace(config, evaluate_every=6, ema_decay=0.5, learning_rate=0.01)
    events = trained(run, config, drawn(3, 1))
    until_iteration(events, 6)
    rest = list(events)
    (metrics,) = [e for e in rest if isinstance(e, Metrics) and "segm/AP" in e.values]
    assert metrics.values["segm/AP"] == 40.0
    last = torch.load(run.path / "best.pth", weights_only=True)["model"]
    assert last.keys() >= {"proposal_generator.rpn_head.conv.weight"}
    assert result_of(rest)["best_is_mean"]
