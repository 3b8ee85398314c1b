"""Runs by detectron2's own loop, for real: it has to be installed."""

import copy
import itertools
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.configs import EngineConfig, TrainConfig
from core.engines.detectron2 import load as load_detectron2
from core.engines.detectron2 import why_not, without_its_warnings
from core.engines.maskrcnn import load as load_ours
from core.events import Event, Noted
from core.images import read_image
from core.maskrcnn.checkpoint import write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.run_folder import RunFolder, Snapshot
from core.training.checkpoint import save_state
from core.training.learner import Diverged
from core.training.session import trained
from core.training.start import Start
from core.types import Part, Split
from tests.core.training.conftest import draw_snapshot
from tests.core.training.small_runs import (
    LOSSES,
    metrics_of,
    model_settings,
    result_of,
    until_iteration,
)

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "detectron2 is there")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _no_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are loaded in this process: a test needs no more."""
    monkeypatch.setattr(teaching(), "_n_workers", lambda: 0)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Twelve images to learn from, three to measure on."""
    return draw_snapshot(tmp_path / "photos", 12, 3)


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few small steps from scratch."""
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(model_settings(64), class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=6, batch_size=2, evaluate_every=3, threads=1,
        device="cpu", engine="detectron2",
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def teaching() -> Any:
    """Imported only here: without detectron2 it cannot be."""
    with without_its_warnings():
        from core.detectron2_training import teaching as module
    return module


def events_of(
    run: RunFolder, config: TrainConfig, snapshot: Snapshot
) -> Generator[Event, None, None]:
    return trained(run, config, snapshot, teaching=teaching().DETECTRON2)


def learner_of(config: TrainConfig, snapshot: Snapshot, run: RunFolder) -> tuple[Start, Any]:
    start = Start(config, snapshot, "cpu")
    beginning = teaching().begun(start, run, ())
    while True:
        try:
            next(beginning)
        except StopIteration as end:
            return start, end.value[0]


def test_a_run_says_and_leaves_what_every_run_does(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    events = list(events_of(run, config, snapshot))
    result = result_of(events)
    assert list(metrics_of(events)) == [1, 2, 3, 4, 5, 6]
    assert list(metrics_of(events, "segm/AP")) == [3, 6]
    for name in LOSSES | {"lr", "grad_norm", "seconds", "fast_rcnn/cls_accuracy"}:
        assert len(metrics_of(events, name)) == 6, name
    assert run.read_evaluation()["after"]["segm"]["AP"] is not None
    assert result["weights"] == str(run.best_weights)
    assert run.read_settings()["optimizer"] == "sgd"
    assert any(isinstance(one, Noted) and "detectron2's own loop" in one.sentence for one in events)


def test_the_weights_that_come_out_are_read_alike_by_both_engines(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    list(events_of(run, config, snapshot))
    told = EngineConfig(str(run.best_weights), device="cpu", exact=True, score=0.0)
    ours, theirs = load_ours(told), load_detectron2(told)
    assert tuple(ours.class_names) == tuple(theirs.class_names) == ("box", "disc")
    pixels = read_image(Path(snapshot.images[-1].file))
    (by_us,), (by_them,) = ours.predict([pixels]), theirs.predict([pixels])
    assert len(by_us) > 3
    np.testing.assert_allclose(by_us.boxes, by_them.boxes, atol=0.01, rtol=0)
    np.testing.assert_allclose(by_us.scores, by_them.scores, atol=1e-4, rtol=0)


def test_it_learns(config: TrainConfig, snapshot: Snapshot, run: RunFolder) -> None:
    longer = replace(config, iterations=60, evaluate_every=60, learning_rate=0.01)
    losses = list(metrics_of(events_of(run, longer, snapshot)).values())
    assert sum(losses[-10:]) < 0.75 * sum(losses[:10])


def test_a_cancelled_run_goes_on_from_its_checkpoint(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    begun = events_of(run, config, snapshot)
    until_iteration(begun, 4)
    begun.close()
    kept = torch.load(run.last_checkpoint, weights_only=True)
    assert kept["iteration"] == 3  # the last that was done, counted from 0
    assert kept["optimizer"]["state"]  # momentum
    rest = list(events_of(run, config, snapshot))
    assert list(metrics_of(rest)) == [5, 6]
    assert list(metrics_of(rest, "segm/AP")) == [6]
    assert result_of(rest)["iterations"] == 6
    assert not run.last_checkpoint.exists()


def test_a_resume_brings_back_weights_and_momentum(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    start, learner = learner_of(config, snapshot, run)
    for batch in teaching().lessons_of(start, learner).batches(0, 2):
        learner.step(batch)
    save_state(run.last_checkpoint, learner)
    again = teaching().resumed(start, run)
    assert again.iteration == 2
    for name, value in learner.model.state_dict().items():
        torch.testing.assert_close(again.model.state_dict()[name], value, rtol=0, atol=0)
    momenta = [one["momentum_buffer"] for one in learner.optimizer.state_dict()["state"].values()]
    after = [one["momentum_buffer"] for one in again.optimizer.state_dict()["state"].values()]
    assert any(bool(one.any()) for one in momenta)
    for was, now in zip(momenta, after, strict=True):
        torch.testing.assert_close(now, was, rtol=0, atol=0)


def test_images_go_on_in_the_order_of_an_unbroken_run(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    start, learner = learner_of(config, snapshot, run)
    lessons = teaching().lessons_of(start, learner)
    unbroken = [[one["image_id"] for one in batch] for batch in lessons.batches(0, 9)]
    rest = [[one["image_id"] for one in batch] for batch in lessons.batches(4, 9)]
    assert rest == unbroken[4:]
    assert len(set(itertools.chain(*unbroken[:6]))) == 12  # each once, before any comes again


def test_holes_and_crowds_reach_detectron2_as_they_are(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    image = next(one for one in snapshot.images if one.split is Split.TRAIN)
    first, second = image.labels.instances
    outer = first.parts[0].outer
    hole = outer.mean(axis=0) + (outer - outer.mean(axis=0)) / 2
    ring, crowd = replace(first, parts=(Part(outer, (hole,)),)), replace(second, crowd=True)
    alone = replace(image, labels=replace(image.labels, instances=(ring, crowd)))
    plain = replace(config, batch_size=1, flip=False, scale_jitter=(1.0, 1.0))
    start, learner = learner_of(plain, replace(snapshot, images=(alone,)), run)
    ((lesson,),) = teaching().lessons_of(start, learner).batches(0, 1)
    masks = lesson["instances"].gt_masks.tensor
    assert len(masks) == 1  # the crowd does not teach
    height, width = masks.shape[1:]
    x, y = outer.mean(axis=0) * (width / 96, height / 96)
    assert not masks[0, int(y), int(x)]
    assert float(masks.sum()) > 0
    assert np.isfinite(learner.step([lesson])["loss_mask"])


def test_the_rate_warms_up_and_falls_to_nothing(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    told = replace(config, iterations=8, warmup_iterations=3, learning_rate=0.01)
    rates = list(metrics_of(events_of(run, told, snapshot), "lr").values())
    assert rates[0] == pytest.approx(0.01 * 0.001)
    assert rates[0] < rates[1] < rates[2] < rates[3]
    assert max(rates) < 0.01
    assert rates[3] > rates[4] > rates[5] > rates[6] > rates[7] > 0


def test_a_loss_that_is_no_number_leaves_the_weights_alone(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder
) -> None:
    start, learner = learner_of(config, snapshot, run)
    ((batch),) = teaching().lessons_of(start, learner).batches(0, 1)
    before = {name: one.clone() for name, one in learner.model.named_parameters()}
    for one in batch:
        one["image"] = one["image"].float() * torch.nan
    with pytest.raises(Diverged):
        learner.step(batch)
    assert learner.iteration == 0
    for name, value in learner.model.named_parameters():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


@pytest.mark.parametrize("freeze_at", [0, 2])
def test_steps_are_those_of_detectron2_alone(
    config: TrainConfig, snapshot: Snapshot, run: RunFolder, freeze_at: int
) -> None:
    with without_its_warnings():
        from detectron2.checkpoint import DetectionCheckpointer
        from detectron2.engine import SimpleTrainer
        from detectron2.modeling import build_model
        from detectron2.solver import build_lr_scheduler, build_optimizer
        from detectron2.utils.events import EventStorage

    told = replace(config, freeze_at=freeze_at, warmup_iterations=0)
    start, learner = learner_of(told, snapshot, run)
    write_checkpoint(run.best_weights, learner.model, iteration=0, class_names=start.class_names)
    batches = list(teaching().lessons_of(start, learner).batches(0, 3))
    cfg = teaching().lessons_of(start, learner)._cfg
    with without_its_warnings(), EventStorage(0) as storage:
        alone = build_model(cfg)
        DetectionCheckpointer(alone).load(str(run.best_weights))
        alone.to(memory_format=torch.channels_last)  # as our models lie in memory: sums round alike
        optimizer = build_optimizer(cfg, alone)
        schedule = build_lr_scheduler(cfg, optimizer)
        trainer = SimpleTrainer(alone, copy.deepcopy(batches), optimizer)
        trainer.iter, trainer.storage = 0, storage
        for batch in batches:
            torch.manual_seed(3)
            trainer.run_step()
            schedule.step()
            torch.manual_seed(3)
            said = learner.step(batch)
            expected = storage.latest()["total_loss"][0]
            assert said["total_loss"] == pytest.approx(expected, rel=1e-6)
    state = alone.state_dict()
    moved = 0
    for name, value in learner.model.named_parameters():
        torch.testing.assert_close(value, state[name], rtol=1e-6, atol=1e-7)
        moved += value.requires_grad
    assert moved
