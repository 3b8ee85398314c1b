import copy
import json
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import EngineConfig, TrainConfig
from core.engines.maskrcnn import load
from core.errors import AppError
from core.events import CheckpointSaved, Event, Finished, Metrics, Noted, Progress
from core.maskrcnn.checkpoint import read_weights, write_checkpoint
from core.maskrcnn.config import (
    ModelSettings,
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
    small_settings,
)
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder, Snapshot
from core.training.measure import measured
from core.training.session import trained

torch.set_num_threads(1)

Draw = Callable[[int, int], Snapshot]
_LOSSES = {"loss_rpn_cls", "loss_rpn_loc", "loss_cls", "loss_box_reg", "loss_mask"}


def _settings(side: int = 96) -> ModelSettings:
    return replace(
        small_settings(2),
        min_size_test=side,
        max_size_test=side,
        anchor_sizes=((12.0,), (24.0,), (48.0,), (96.0,), (192.0,)),
    )


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few small steps from scratch."""
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(_settings(64), class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=6, batch_size=2, evaluate_every=3, threads=1
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def _metrics(events: Iterator[Event] | list[Event], name: str = "total_loss") -> dict[int, float]:
    return {
        event.iteration: event.values[name]
        for event in events
        if isinstance(event, Metrics) and name in event.values
    }


def _result(events: list[Event]) -> dict[str, object]:
    assert isinstance(events[-1], Finished)
    return dict(events[-1].result)


def _returned(events: Generator[Event, None, object]) -> object:
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def _until(events: Iterator[Event], iteration: int) -> list[Event]:
    """The events up to the metrics of an iteration."""
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Metrics) and event.iteration == iteration:
            return seen
    raise AssertionError("it ended before")


def test_a_small_model_learns_to_find_drawn_shapes(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    Path(config.model_config).write_text(settings_to_yaml(_settings(96), class_names=()))
    config = replace(config, iterations=70, batch_size=4, evaluate_every=35, scale_jitter=(1, 1))
    events = list(trained(run, config, drawn(24, 6)))
    losses = list(_metrics(events).values())
    ap50 = list(_metrics(events, "segm/AP50").values())
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])
    assert ap50[-1] > 40
    assert ap50[-1] > ap50[0]


def test_each_iteration_says_its_losses_and_how_far_it_is(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    events = list(trained(run, config, drawn(3, 0)))
    steps = [event for event in events if isinstance(event, Metrics)]
    assert [event.iteration for event in steps] == [1, 2, 3, 4, 5, 6]
    for event in steps:
        assert {*_LOSSES, "total_loss", "lr", "grad_norm", "seconds"} == set(event.values)
        total = sum(event.values[name] for name in _LOSSES)
        assert event.values["total_loss"] == pytest.approx(total, rel=1e-5)
    far = [event for event in events if isinstance(event, Progress)]
    assert [(event.done, event.total) for event in far] == [(i, 6) for i in range(1, 7)]
    assert far[-1].eta_s == 0


def test_the_weights_that_come_out_give_the_numbers_that_were_reported(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(4, 3)
    result = _result(list(trained(run, config, snapshot)))
    engine = load(EngineConfig(str(result["weights"]), device="cpu"))
    torch.set_num_threads(1)
    numbers = _returned(measured(engine, snapshot.images[4:], snapshot.classes))
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
    first = _until(events, 4)
    events.close()
    torch.manual_seed(99)
    rest = list(trained(other, config, snapshot))
    for name in ("total_loss", "lr", "grad_norm"):
        assert _metrics(first + rest, name) == _metrics(unbroken, name)
    assert min(_metrics(rest)) == 5
    assert _result(rest)["after"] == _result(unbroken)["after"]
    ours, theirs = (read_weights(r.best_weights).state for r in (run, other))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_an_evaluation_that_was_broken_off_is_made_up_for(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 2)
    events = trained(run, config, snapshot)
    _until(events, 3)
    next(event for event in events if isinstance(event, Progress) and event.what == "val images")
    events.close()
    assert min(_metrics(list(trained(run, config, snapshot)), "segm/AP")) == 3


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
    _until(events, 2)
    events.close()
    assert load(EngineConfig(str(run.last_checkpoint), device="cpu")).class_names == ("box", "disc")
    torch.set_num_threads(1)


def test_the_best_of_all_evaluations_is_kept(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    aps = iter((20.0, 30.0, 10.0, 30.0))

    def told(*_args: object) -> Iterator[Event]:
        yield Progress(1, 1, "val images")
        ap = next(aps)
        return {task: {"AP": ap, "AP50": ap, "AP75": None} for task in ("bbox", "segm")}  # type: ignore[return-value]

    monkeypatch.setattr("core.training.session.measured", told)
    config = replace(config, evaluate_every=2)
    events = list(trained(run, config, drawn(3, 1)))
    assert _metrics(events, "segm/AP") == {2: 20.0, 4: 30.0, 6: 10.0}
    assert _result(events)["best_iteration"] == 4
    assert read_weights(run.best_weights).iteration == 4


def test_a_model_without_masks_is_compared_by_its_boxes(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    settings = replace(_settings(64), mask_on=False, score_threshold=0.01)
    Path(config.model_config).write_text(settings_to_yaml(settings, class_names=()))
    events = list(trained(run, replace(config, iterations=3), drawn(3, 2)))
    (step, *_) = (event for event in events if isinstance(event, Metrics))
    assert "loss_mask" not in step.values
    assert _metrics(events, "segm/AP") == {}
    assert list(_metrics(events, "bbox/AP")) == [3]


def test_without_val_images_the_last_weights_are_the_best(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    events = list(trained(run, config, drawn(3, 0)))
    assert any(isinstance(e, Noted) and "last weights are taken" in e.sentence for e in events)
    result = _result(events)
    assert (result["after"], result["best_iteration"]) == (None, 6)
    assert run.best_weights.exists()


def test_a_loss_that_is_no_number_stops_and_keeps_the_good_checkpoint(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, snapshot = replace(config, checkpoint_every=2), drawn(3, 0)
    losses = MaskRCNN.losses
    calls = iter(range(100))

    def failing(*args: object) -> dict[str, torch.Tensor]:
        values = losses(*args)  # type: ignore[arg-type]
        return {**values, "loss_mask": values["loss_mask"] * (math.nan if next(calls) >= 3 else 1)}

    monkeypatch.setattr(MaskRCNN, "losses", failing)
    with pytest.raises(AppError, match="iteration 4: total_loss is not a finite number"):
        list(trained(run, config, snapshot))
    monkeypatch.undo()
    assert min(_metrics(list(trained(run, config, snapshot)))) == 3


def test_a_model_that_diverges_inside_is_a_sentence(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    config = replace(config, learning_rate=1e8, warmup_iterations=0, clip_norm=0.0, iterations=30)
    with pytest.raises(AppError, match=r"Training stopped at iteration .* lower learning rate"):
        list(trained(run, config, drawn(3, 0)))


def _start_weights(folder: Path, names: tuple[str, ...], norm: str = "BN") -> Path:
    folder.mkdir()
    torch.manual_seed(5)
    settings = replace(_settings(64), num_classes=len(names), backbone_norm=norm)
    path = folder / "start.pth"
    write_checkpoint(path, MaskRCNN(settings), iteration=7, class_names=names)
    (folder / "config.yaml").write_text(settings_to_yaml(settings, class_names=names))
    return path


def test_start_weights_that_know_the_classes_are_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("disc", "cup", "box"))
    config = replace(config, weights=str(weights), model_config="")
    result = _result(list(trained(run, config, drawn(3, 2))))
    before = result["before"]
    assert isinstance(before, dict)
    assert set(before["segm"]) >= {"AP", "AP-box", "AP-disc"}


def test_a_resumed_run_still_knows_what_was_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("disc", "box"))
    config, snapshot = replace(config, weights=str(weights), model_config=""), drawn(3, 2)
    events = trained(run, config, snapshot)
    _until(events, 2)
    before = copy.deepcopy(run.read_evaluation()["before"])
    events.close()
    weights.unlink()
    assert _result(list(trained(run, config, snapshot)))["before"] == before is not None


def test_start_weights_with_other_classes_are_not_measured_before(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    weights = _start_weights(tmp_path / "start", ("cup", "cat", "dog"))
    config = replace(config, weights=str(weights), model_config="")
    events = list(trained(run, config, drawn(3, 1)))
    assert _result(events)["before"] is None
    assert any(isinstance(e, Noted) and "box, disc" in e.sentence for e in events)


def test_first_stages_with_frozen_norms_stay_as_they_were(
    drawn: Draw, config: TrainConfig, run: RunFolder, tmp_path: Path
) -> None:
    path = _start_weights(tmp_path / "start", ("disc", "box"), norm="FrozenBN")
    config = replace(config, weights=str(path), model_config="", learning_rate=0.01)
    list(trained(run, config, drawn(3, 0)))
    before, after = read_weights(path).state, read_weights(run.best_weights).state
    same = {name for name in before if torch.equal(before[name], after[name])}
    convs = {name for name in before if name.endswith("conv1.weight") and "bottom_up" in name}
    assert {name for name in convs if ".stem." in name or ".res2." in name} == same & convs


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
    _until(events, 1)
    events.close()
    run.last_checkpoint.write_bytes(run.last_checkpoint.read_bytes()[:1000])
    with pytest.raises(AppError, match=r"cannot go on: .*last\.pth cannot be read"):
        list(trained(run, config, snapshot))
