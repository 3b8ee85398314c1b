import contextlib
import copy
import itertools
import json
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
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
from core.run_folder import RunFolder, Snapshot, recorded
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


def _metrics(events: Iterable[Event], name: str = "total_loss") -> dict[int, float]:
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
    config = replace(
        config, iterations=70, batch_size=4, evaluate_every=35, scale_jitter=(1, 1), copy_paste=0.0
    )
    events = list(trained(run, config, drawn(24, 6)))
    losses = list(_metrics(events).values())
    ap50 = list(_metrics(events, "segm/AP50").values())
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
        expected = {*_LOSSES, *beside, "total_loss", "lr", "grad_norm", "seconds"}
        assert expected == set(event.values)
        assert {"fast_rcnn/cls_accuracy", "roi_head/num_bg_samples"} <= beside
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
    _told_aps(monkeypatch, (20.0, 30.0, 10.0, 30.0))
    config = replace(config, evaluate_every=2, ema_decay=0.0)
    events = list(trained(run, config, drawn(3, 1)))
    assert _metrics(events, "segm/AP") == {2: 20.0, 4: 30.0, 6: 10.0}
    assert _result(events)["best_iteration"] == 4
    assert not _result(events)["best_is_mean"]
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
    assert result["device"] == "cpu"
    assert run.best_weights.exists()


def _fails(monkeypatch: pytest.MonkeyPatch, at_calls: Callable[[int], bool]) -> None:
    """Makes a loss of the calls that are chosen no number."""
    losses, calls = MaskRCNN.losses, itertools.count(1)

    def failing(*args: object, **named: object) -> dict[str, torch.Tensor]:
        values = losses(*args, **named)  # type: ignore[arg-type]
        factor = math.nan if at_calls(next(calls)) else 1.0
        return {**values, "loss_mask": values["loss_mask"] * factor}

    monkeypatch.setattr(MaskRCNN, "losses", failing)


def test_a_loss_that_is_no_number_goes_back_and_halves_the_rate(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, checkpoint_every=2, learning_rate=0.004, schedule="step")
    _fails(monkeypatch, lambda call: call == 4)
    with contextlib.closing(recorded(run, trained(run, config, drawn(3, 0)))) as events:
        seen = list(events)
    said = [one.sentence for one in seen if isinstance(one, Noted)]
    assert any("goes on from iteration 2 with half the learning rate, 0.002" in one for one in said)
    rates = [(e.iteration, e.values["lr"]) for e in seen if isinstance(e, Metrics)]
    assert [iteration for iteration, _ in rates] == [1, 2, 3, 3, 4, 5, 6]
    assert rates[3][1] == pytest.approx(rates[2][1] / 2)
    # what was said of the iterations that did not count is forgotten
    assert list(_metrics(run.read_events().events)) == [1, 2, 3, 4, 5, 6]


def test_a_loss_that_stays_no_number_stops_and_keeps_the_good_checkpoint(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, snapshot = replace(config, checkpoint_every=2), drawn(3, 0)
    _fails(monkeypatch, lambda call: call >= 4)
    with pytest.raises(AppError, match=r"iteration 3: .* is not a finite number"):
        list(trained(run, config, snapshot))
    monkeypatch.undo()
    assert min(_metrics(list(trained(run, config, snapshot)))) == 3


def test_a_model_that_diverges_inside_is_a_sentence(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    config = replace(config, learning_rate=1e8, warmup_iterations=0, clip_norm=0.0, iterations=30)
    with pytest.raises(AppError, match=r"Training stopped at iteration .* learning rate"):
        list(trained(run, config, drawn(3, 0)))


def _runs_out_of_memory(monkeypatch: pytest.MonkeyPatch, most: Callable[[list[int]], bool]) -> None:
    """Makes the model too large for batches that are not `most(heights of their images)`."""
    losses = MaskRCNN.losses

    def greedy(
        model: MaskRCNN, images: Sequence[torch.Tensor], *args: object, **named: object
    ) -> dict[str, torch.Tensor]:
        if not most([image.shape[1] for image in images]):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return losses(model, images, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(MaskRCNN, "losses", greedy)


def test_a_batch_that_is_too_large_is_learnt_from_in_pieces(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _runs_out_of_memory(monkeypatch, lambda heights: len(heights) <= 1)
    events = list(trained(run, replace(config, batch_size=4), drawn(4, 0)))
    said = [one.sentence for one in events if isinstance(one, Noted)]
    assert [one for one in said if "2 of the 4 images" in one or "1 of the 4 images" in one]
    assert list(_metrics(events)) == [1, 2, 3, 4, 5, 6]


def test_an_image_that_is_too_large_is_shown_smaller(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _runs_out_of_memory(monkeypatch, lambda heights: len(heights) == 1 and max(heights) < 60)
    config = replace(config, scale_jitter=(1.0, 1.0), copy_paste=0.0)
    events = list(trained(run, config, drawn(3, 0)))
    assert any(isinstance(one, Noted) and "80 % of their usual" in one.sentence for one in events)
    assert len(_metrics(events)) == 6


def test_where_nothing_fits_it_says_so(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _runs_out_of_memory(monkeypatch, lambda heights: False)
    with pytest.raises(AppError, match="too little memory for one image at half"):
        list(trained(run, config, drawn(3, 0)))
    assert run.last_checkpoint.exists()


def test_pieces_teach_what_the_whole_batch_teaches(
    drawn: Draw, config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(_settings(64), backbone_norm="FrozenBN")
    Path(config.model_config).write_text(settings_to_yaml(settings, class_names=()))
    config = replace(config, iterations=1, batch_size=4, scale_jitter=(1.0, 1.0))
    snapshot, values = drawn(4, 0), []
    for name in ("whole", "pieces"):
        if name == "pieces":
            _runs_out_of_memory(monkeypatch, lambda heights: len(heights) <= 1)
        events = list(trained(RunFolder.create(tmp_path / name), config, snapshot))
        values += [event.values for event in events if isinstance(event, Metrics)]
    # the same samples; the mask loss is a mean over each piece's own objects
    for name in sorted(_LOSSES - {"loss_mask"}):
        assert values[1][name] == pytest.approx(values[0][name], rel=1e-4), name


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_too(
    drawn: Draw, config: TrainConfig, run: RunFolder, precision: str
) -> None:
    config = replace(config, precision=precision, iterations=8, evaluate_every=8)
    events = list(trained(run, config, drawn(4, 1)))
    assert all(map(math.isfinite, _metrics(events).values()))
    weights = read_weights(run.best_weights).state
    assert all(value.dtype == torch.float32 for value in weights.values() if value.ndim)


def _told_aps(monkeypatch: pytest.MonkeyPatch, aps: Sequence[float]) -> None:
    """Makes the evaluations of a run give these numbers, one after the other."""
    left = iter(aps)

    def told(*_args: object, **_named: object) -> Iterator[Event]:
        yield Progress(1, 1, "val images")
        ap = next(left)
        return {task: {"AP": ap, "AP50": ap, "AP75": None} for task in ("bbox", "segm")}  # type: ignore[return-value]

    monkeypatch.setattr("core.training.session.measured", told)


def test_it_stops_when_the_ap_does_not_rise_any_more(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (20.0, 30.0, 30.0, 10.0, 30.0))
    config = replace(config, iterations=50, evaluate_every=1, patience=2, ema_decay=0.0)
    events = list(trained(run, config, drawn(3, 1)))
    assert list(_metrics(events)) == [1, 2, 3, 4]
    assert any(isinstance(e, Noted) and "Stopped early" in e.sentence for e in events)
    result = _result(events)
    assert (result["iterations"], result["best_iteration"]) == (4, 3)


def test_val_images_without_an_instance_end_nothing_early(
    drawn: Draw, config: TrainConfig, run: RunFolder
) -> None:
    snapshot = drawn(3, 1)
    empty = replace(snapshot.images[3], labels=replace(snapshot.images[3].labels, instances=()))
    snapshot = replace(snapshot, images=(*snapshot.images[:3], empty))
    config = replace(config, evaluate_every=1, patience=2, ema_decay=0.0)
    events = list(trained(run, config, snapshot))
    assert list(_metrics(events)) == [1, 2, 3, 4, 5, 6]
    assert all(event.values for event in events if isinstance(event, Metrics))


def test_going_back_does_not_forget_the_best_weights(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (40.0, 50.0, 45.0, 45.0))
    _fails(monkeypatch, lambda call: call == 5)
    config = replace(config, evaluate_every=2, ema_decay=0.0)
    result = _result(list(trained(run, config, drawn(3, 1))))
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
    _until(events, 3)
    events.close()
    assert max(_metrics(list(trained(run, config, snapshot)))) == 4


def test_the_running_mean_is_kept_where_it_is_better(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told_aps(monkeypatch, (20.0, 40.0, 40.0))
    config = replace(config, evaluate_every=6, ema_decay=0.5, learning_rate=0.01)
    events = trained(run, config, drawn(3, 1))
    _until(events, 6)
    rest = list(events)
    (metrics,) = [e for e in rest if isinstance(e, Metrics) and "segm/AP" in e.values]
    assert metrics.values["segm/AP"] == 40.0
    last = torch.load(run.path / "best.pth", weights_only=True)["model"]
    assert last.keys() >= {"proposal_generator.rpn_head.conv.weight"}
    assert _result(rest)["best_is_mean"]


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
    assert before["effort"]["instances"] == 4  # what a person would have to do with either
    assert result["after"]["effort"]["instances"] == 4


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
    config = replace(config, weights=str(path), model_config="", learning_rate=0.01, freeze_at=2)
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
