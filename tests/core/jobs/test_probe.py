"""A few steps, timed, that leave nothing behind."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.configs import ProbeConfig, TrainConfig, from_json, to_json
from core.configs.recipe import Facts, settled
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Progress
from core.jobs import all_jobs, probe, run_job
from core.maskrcnn.config import settings_to_yaml, small_settings
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Part

torch.set_num_threads(1)
_SIDE = 64


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProbeConfig:
    """A probe of two steps on a project of six done images."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        pixels = rng.integers(0, 255, (_SIDE, _SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    project = Project.open(folder)
    fig = project.add_class("fig")
    part = Part([(8, 8), (40, 8), (40, 40), (8, 40)])
    for number in range(6):
        labels = ImageLabels((_SIDE, _SIDE), (Instance("a", fig.id, (part,)),), ImageState.DONE)
        project.write(f"{number}.png", labels, stamp="")
    project.close()
    settings = replace(small_settings(1), min_size_test=_SIDE, max_size_test=_SIDE)
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(settings, class_names=()))
    train = TrainConfig(str(folder), model_config=str(model), batch_size=2, threads=1, device="cpu")
    return ProbeConfig(train, iterations=2)


def _probe(config: ProbeConfig) -> list[Event]:
    return list(run_job("probe", config, EngineShelf(), jobs=all_jobs()))


def test_a_probe_says_how_long_a_step_and_a_look_take(config: ProbeConfig) -> None:
    events = _probe(config)
    assert [e.done for e in events if isinstance(e, Progress) and "measured" in e.what] == [1, 2, 3]
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.result["seconds_per_iteration"] > 0
    assert last.result["seconds_per_val_image"] > 0
    assert last.result["device"] == "cpu"
    assert last.result["n_val"] == 1
    assert last.result["peak_memory_bytes"] > 1 << 20


def test_what_a_probe_chooses_follows_from_all_images(
    config: ProbeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_MOST_IMAGES", 2)
    last = _probe(replace(config, train=replace(config.train, batch_size=1)))[-1]
    assert isinstance(last, Finished)
    facts = from_json(Facts, last.result["facts"])
    assert facts.n_images == 5  # of six one is kept to measure on
    settings = from_json(TrainConfig, last.result["settings"])
    assert settings.evaluate_every == 10  # two passes, one image an iteration
    assert settings == settled(settings, facts)


def test_a_probe_writes_nothing_into_the_project(config: ProbeConfig) -> None:
    folder = Path(config.train.folder)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    _probe(config)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_a_probe_downloads_nothing_and_says_so(config: ProbeConfig) -> None:
    zoo = replace(config, train=replace(config.train, weights="mask_rcnn_R_50_FPN_3x"))
    last = _probe(zoo)[-1]
    assert isinstance(last, Finished)
    assert re.search("not downloaded yet.*downloads it first", last.result["not_measured"])


def test_a_probe_of_a_project_that_is_not_ready_says_what_to_do(
    config: ProbeConfig, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    empty = replace(config, train=replace(config.train, folder=str(tmp_path / "empty")))
    with pytest.raises(AppError, match=r"No image is done.*Label 10 to 20"):
        _probe(empty)


def test_images_that_cannot_be_read_are_said(config: ProbeConfig) -> None:
    for photo in Path(config.train.folder).glob("*.png"):
        photo.write_bytes(photo.read_bytes()[:60])
    with pytest.raises(AppError, match=r"None of the done images to learn from can be read"):
        _probe(config)


def test_a_frozen_backbone_is_probed_too(config: ProbeConfig) -> None:
    frozen = replace(config, train=replace(config.train, freeze_at=5), iterations=1)
    assert isinstance(_probe(frozen)[-1], Finished)


def test_a_probe_config_survives_json(config: ProbeConfig) -> None:
    assert from_json(ProbeConfig, to_json(config)) == config
