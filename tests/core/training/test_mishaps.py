"""What happens to a run when the machine lets it down: nothing is lost, and it can go on."""

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
import torch

from core.configs import TrainConfig
from core.errors import AppError
from core.events import Event, Metrics
from core.maskrcnn.config import settings_to_yaml, small_settings
from core.run_folder import RunFolder, Snapshot
from core.training.session import trained

torch.set_num_threads(1)


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few small steps from scratch, with a checkpoint after every second one."""
    settings = replace(small_settings(2), min_size_test=64, max_size_test=64)
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(settings, class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=6, batch_size=2, checkpoint_every=2, threads=1
    )


def _losses(events: Iterable[Event]) -> dict[int, float]:
    return {e.iteration: e.values["total_loss"] for e in events if isinstance(e, Metrics)}


def _until_it_fails(run: RunFolder, config: TrainConfig, snapshot: Snapshot) -> str:
    """The sentence of the error."""
    with pytest.raises(AppError) as caught:
        list(trained(run, config, snapshot))
    return str(caught.value)


def test_a_disk_that_fills_leaves_the_checkpoint_before_and_the_run_goes_on_later(
    config: TrainConfig,
    drawn: Callable[[int, int], Snapshot],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot, run = drawn(4, 0), RunFolder.create(tmp_path / "run")
    whole = _losses(list(trained(RunFolder.create(tmp_path / "whole"), config, snapshot)))
    save, n_saved = torch.save, iter(range(100))

    def filling(content: Any, file: IO[bytes]) -> None:
        if next(n_saved) < 2:
            save(content, file)
            return
        file.write(b"half of it")
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            raise RuntimeError("[enforce fail]")  # noqa: B904 - as torch does

    monkeypatch.setattr(torch, "save", filling)
    sentence = _until_it_fails(run, config, snapshot)
    assert "the disk is full" in sentence
    assert "what was there before is untouched" in sentence
    monkeypatch.undo()
    assert torch.load(run.last_checkpoint, weights_only=True)["iteration"] == 1
    assert sorted(file.name for file in run.path.iterdir() if file.suffix == ".pth") == ["last.pth"]

    assert _losses(list(trained(run, config, snapshot))) == {i: whole[i] for i in (3, 4, 5, 6)}


def test_images_that_vanish_are_named_and_the_run_goes_on_when_they_are_back(
    config: TrainConfig,
    drawn: Callable[[int, int], Snapshot],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "core.training.data.cache_bytes", lambda: 0
    )  # each is read whenever it is shown
    snapshot, run = drawn(4, 0), RunFolder.create(tmp_path / "run")
    photos = Path(snapshot.images[0].file).parent
    seen: list[Event] = []

    def watched() -> None:
        for event in trained(run, config, snapshot):
            seen.append(event)
            if isinstance(event, Metrics) and event.iteration == 2:
                photos.rename(tmp_path / "elsewhere")

    with pytest.raises(AppError) as caught:
        watched()
    assert str(photos) in str(caught.value)
    (tmp_path / "elsewhere").rename(photos)
    went_on = _losses(list(trained(run, config, snapshot)))
    assert min(went_on) in (3, 5)  # after a checkpoint; some images were read ahead
    whole = _losses(list(trained(RunFolder.create(tmp_path / "whole"), config, snapshot)))
    assert {**_losses(seen), **went_on} == whole
