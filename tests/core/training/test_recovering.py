"""Losses that are no numbers, and too little memory: the run goes back, or on with less."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.configs import TrainConfig
from core.errors import AppError
from core.events import Metrics, Noted
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder, recorded
from core.training.session import trained
from tests.core.training.small_runs import (
    LOSSES,
    Draw,
    losses_fail,
    metrics_of,
    model_settings,
)

torch.set_num_threads(1)


def test_a_loss_that_is_no_number_goes_back_and_halves_the_rate(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, checkpoint_every=2, learning_rate=0.004, schedule="step")
    losses_fail(monkeypatch, lambda call: call == 4)
    with contextlib.closing(recorded(run, trained(run, config, drawn(3, 0)))) as events:
        seen = list(events)
    said = [one.sentence for one in seen if isinstance(one, Noted)]
    assert any("goes on from iteration 2 with half the learning rate, 0.002" in one for one in said)
    rates = [(e.iteration, e.values["lr"]) for e in seen if isinstance(e, Metrics)]
    assert [iteration for iteration, _ in rates] == [1, 2, 3, 3, 4, 5, 6]
    assert rates[3][1] == pytest.approx(rates[2][1] / 2)
    # what was said of the iterations that did not count is forgotten
    assert list(metrics_of(run.read_events().events)) == [1, 2, 3, 4, 5, 6]


def test_a_loss_that_stays_no_number_stops_and_keeps_the_good_checkpoint(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, snapshot = replace(config, checkpoint_every=2), drawn(3, 0)
    losses_fail(monkeypatch, lambda call: call >= 4)
    with pytest.raises(AppError, match=r"iteration 3: .* is not a finite number"):
        list(trained(run, config, snapshot))
    monkeypatch.undo()
    assert min(metrics_of(list(trained(run, config, snapshot)))) == 3


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
    assert list(metrics_of(events)) == [1, 2, 3, 4, 5, 6]


def test_an_image_that_is_too_large_is_shown_smaller(
    drawn: Draw, config: TrainConfig, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _runs_out_of_memory(monkeypatch, lambda heights: len(heights) == 1 and max(heights) < 60)
    config = replace(config, scale_jitter=(1.0, 1.0), copy_paste=0.0)
    events = list(trained(run, config, drawn(3, 0)))
    assert any(isinstance(one, Noted) and "80 % of their usual" in one.sentence for one in events)
    assert len(metrics_of(events)) == 6


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
    settings = replace(model_settings(64), backbone_norm="FrozenBN")
    Path(config.model_config).write_text(settings_to_yaml(settings, class_names=()))
    config = replace(config, iterations=1, batch_size=4, scale_jitter=(1.0, 1.0))
    snapshot, values = drawn(4, 0), []
    for name in ("whole", "pieces"):
        if name == "pieces":
            _runs_out_of_memory(monkeypatch, lambda heights: len(heights) <= 1)
        events = list(trained(RunFolder.create(tmp_path / name), config, snapshot))
        values += [event.values for event in events if isinstance(event, Metrics)]
    # the same samples; the mask loss is a mean over each piece's own objects
    for name in sorted(LOSSES - {"loss_mask"}):
        assert values[1][name] == pytest.approx(values[0][name], rel=1e-4), name
