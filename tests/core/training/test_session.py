import copy
import json
import math
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import EngineConfig, TrainConfig
from core.engines.maskrcnn import load
from core.errors import AppError
from core.events import CheckpointSaved, Event, Metrics, Noted, Progress
from core.maskrcnn.checkpoint import read_weights, write_checkpoint
from core.maskrcnn.config import (
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
)
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder
from core.training.measure import measured
from core.training.session import trained
from tests.core.training.small_runs import (
    LOSSES,
    Draw,
    metrics_of,
    model_settings,
    result_of,
    until_iteration,
)

torch.set_num_threads(1)


def _returned(events: Generator[Event, None, object]) -> object:
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def test_a_small_model_learns_to_find_drawn_shapes(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    Path(config.model_config).write_text(settings_to_yaml(model_settings(96), class_names=()))
    config = replace(
        config, iterations=70, batch_size=4, evaluate_every=35, scale_jitter=(1, 1), copy_paste=0.0
    )
    events = list(trained(run, config, drawn(24, 6)))
    losses = list(metrics_of(events).values())
    ap50 = list(metrics_of(events, "segm/AP50").values())
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])
    assert max(ap50) > 60


def test_each_iteration_says_its_losses_and_how_far_it_is(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    events = list(trained(run, config, drawn(3, 0)))
    steps = [event for event in events if isinstance(event, Metrics)]
    assert [event.iteration for event in steps] == [1, 2, 3, 4, 5, 6]
    for event in steps:
        beside = {name for name in event.values if "/" in name}  # detectron2's names
        expected = {*LOSSES, *beside, "total_loss", "lr", "grad_norm", "seconds"}
        assert expected == set(event.values)
        assert {"fast_rcnn/cls_accuracy", "roi_head/num_bg_samples"} <= beside
        total = sum(event.values[name] for name in LOSSES)
        assert event.values["total_loss"] == pytest.approx(total, rel=1e-5)
    far = [event for event in events if isinstance(event, Progress)]
    assert [(event.done, event.total) for event in far] == [(i, 6) for i in range(1, 7)]
    assert far[-1].eta_s == 0


def test_the_weights_that_come_out_give_the_numbers_that_were_reported(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(4, 3)
    result = result_of(list(trained(run, config, snapshot)))
    engine = load(EngineConfig(str(result["weights"]), device="cpu"))
    torch.set_num_threads(1)
    looking = measured(engine, snapshot.images[4:], snapshot.classes, with_effort=True)
    numbers = _returned(looking)
    assert numbers == result["after"]
    assert engine.class_names == ("box", "disc")
    assert json.loads(run.evaluation.read_text()) == json.loads(json.dumps(result))


def test_a_run_leaves_a_detectron2_checkpoint_with_its_config(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    list(trained(run, config, drawn(3, 0)))
    text = run.model_config.read_text()
    assert class_names_from_yaml(text) == ("box", "disc")
    weights = read_weights(run.best_weights)
    names = set(MaskRCNN(settings_from_yaml(text)).state_dict())
    assert names == set(weights.state) | {n for n in names if n.endswith("num_batches_tracked")}
    assert set(torch.load(run.best_weights, weights_only=True)) >= {"model", "iteration"}
    assert not run.last_checkpoint.exists()


def test_a_cancelled_run_goes_on_as_if_it_had_never_stopped(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    snapshot = drawn(4, 2)
    unbroken = list(trained(run, config, snapshot))
    other = RunFolder.create(tmp_path / "other")
    events = trained(other, config, snapshot)
    first = until_iteration(events, 4)
    events.close()
    torch.manual_seed(99)
    rest = list(trained(other, config, snapshot))
    for name in ("total_loss", "lr", "grad_norm"):
        assert metrics_of(first + rest, name) == metrics_of(unbroken, name)
    assert min(metrics_of(rest)) == 5
    assert result_of(rest)["after"] == result_of(unbroken)["after"]
    ours, theirs = (read_weights(r.best_weights).state for r in (run, other))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_run_that_goes_on_elsewhere_says_so(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 0)
    for device in ("cpu", "NVIDIA H200"):
        events = trained(run, replace(config, iterations=40), snapshot)
        seen = until_iteration(events, 2 if device == "cpu" else 4)
        events.close()
        said = [e.sentence for e in seen if isinstance(e, Noted) and "It began with" in e.sentence]
        assert [f"began with {device} and goes on with cpu" in one for one in said] == (
            [] if device == "cpu" else [True]
        )
        run.write_evaluation({**(run.read_evaluation() or {}), "device": "NVIDIA H200"})


def test_an_evaluation_that_was_broken_off_is_made_up_for(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 2)
    events = trained(run, config, snapshot)
    until_iteration(events, 3)
    next(event for event in events if isinstance(event, Progress) and event.what == "val images")
    events.close()
    assert min(metrics_of(list(trained(run, config, snapshot)), "segm/AP")) == 3


def test_checkpoints_come_at_the_start_every_so_often_and_at_the_end(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    config = replace(config, checkpoint_every=4)
    events = list(trained(run, config, drawn(3, 0)))
    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    assert [event.iteration for event in saved] == [0, 4, 6]


def test_last_checkpoint_can_be_loaded_as_weights(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    events = trained(run, config, drawn(3, 0))
    until_iteration(events, 2)
    events.close()
    assert load(EngineConfig(str(run.last_checkpoint), device="cpu")).class_names == ("box", "disc")
    torch.set_num_threads(1)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_too(
    drawn: Draw, config: TrainConfig, run: RunFolder, precision: str
) -> None:
    config = replace(config, precision=precision, iterations=8, evaluate_every=8)
    events = list(trained(run, config, drawn(4, 1)))
    assert all(map(math.isfinite, metrics_of(events).values()))
    weights = read_weights(run.best_weights).state
    assert all(value.dtype == torch.float32 for value in weights.values() if value.ndim)


def _start_weights(folder: Path, names: tuple[str, ...], norm: str = "BN") -> Path:
    folder.mkdir()
    torch.manual_seed(5)
    settings = replace(model_settings(64), num_classes=len(names), backbone_norm=norm)
    path = folder / "start.pth"
    write_checkpoint(path, MaskRCNN(settings), iteration=7, class_names=names)
    (folder / "config.yaml").write_text(settings_to_yaml(settings, class_names=names))
    return path


def test_start_weights_that_know_the_classes_are_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("disc", "cup", "box"))
    config = replace(config, weights=str(weights), model_config="")
    result = result_of(list(trained(run, config, drawn(3, 2))))
    before = result["before"]
    assert isinstance(before, dict)
    assert set(before["segm"]) >= {"AP", "AP-box", "AP-disc"}
    assert before["effort"]["instances"] == 4  # what a person would have to do with either
    assert result["after"]["effort"]["instances"] == 4


def test_a_resumed_run_still_knows_what_was_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("disc", "box"))
    config, snapshot = replace(config, weights=str(weights), model_config=""), drawn(3, 2)
    events = trained(run, config, snapshot)
    until_iteration(events, 2)
    before = copy.deepcopy(run.read_evaluation()["before"])
    events.close()
    weights.unlink()
    assert result_of(list(trained(run, config, snapshot)))["before"] == before is not None


def test_start_weights_with_other_classes_are_not_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("cup", "cat", "dog"))
    config = replace(config, weights=str(weights), model_config="")
    events = list(trained(run, config, drawn(3, 1)))
    assert result_of(events)["before"] is None
    assert any(isinstance(e, Noted) and "box, disc" in e.sentence for e in events)


def test_first_stages_with_frozen_norms_stay_as_they_were(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    path = _start_weights(tmp_path / "start", ("disc", "box"), norm="FrozenBN")
    config = replace(config, weights=str(path), model_config="", learning_rate=0.01, freeze_at=2)
    list(trained(run, config, drawn(3, 0)))
    before, after = read_weights(path).state, read_weights(run.best_weights).state
    same = {name for name in before if torch.equal(before[name], after[name])}
    convs = {name for name in before if name.endswith("conv1.weight") and "bottom_up" in name}
    assert {name for name in convs if ".stem." in name or ".res2." in name} == same & convs


def test_big_start_weights_keep_their_batch_norm_and_that_is_said(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("core.maskrcnn.kept_norms._BIG", 1000)
    path = _start_weights(tmp_path / "start", ("disc", "box"), norm="SyncBN")
    config = replace(config, weights=str(path), model_config="")
    events = list(trained(run, config, drawn(3, 0)))
    assert any(isinstance(e, Noted) and "stays as it is" in e.sentence for e in events)
    before, after = read_weights(path).state, read_weights(run.best_weights).state
    norms = [name for name in before if "running_" in name]
    assert norms
    assert all(torch.equal(before[name], after[name]) for name in norms)
    assert "NORM: FrozenBN" in run.model_config.read_text()


def test_weights_that_are_not_there_are_named(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    config = replace(config, weights=str(tmp_path / "gone.pth"), model_config="")
    with pytest.raises(AppError, match=r"gone\.pth"):
        list(trained(run, config, drawn(3, 0)))


def test_a_broken_checkpoint_is_a_sentence(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 0)
    events = trained(run, config, snapshot)
    until_iteration(events, 1)
    events.close()
    run.last_checkpoint.write_bytes(run.last_checkpoint.read_bytes()[:1000])
    with pytest.raises(AppError, match=r"cannot go on: .*last\.pth cannot be read"):
        list(trained(run, config, snapshot))
