"""What is said where detectron2's loop is asked for; tests/core/detectron2_training runs it."""

from collections.abc import Generator
from pathlib import Path

import pytest

from core.configs import ResumeConfig, TrainConfig, from_json, to_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event
from core.jobs import all_jobs, run_job
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.types import ImageLabels, ImageState, Split


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    folder = tmp_path / "photos"
    folder.mkdir()
    return TrainConfig(str(folder), engine="detectron2", out=str(tmp_path / "run"))


def _events(name: str, config: object) -> Generator[Event, None, None]:
    return run_job(name, config, EngineShelf(), jobs=all_jobs())


def test_where_it_is_not_a_sentence_says_so_and_nothing_is_written(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.train.why_not", lambda: "detectron2 is not installed.")
    with pytest.raises(AppError, match="detectron2 is not installed"):
        list(_events("train", config))
    assert not Path(config.out).exists()


def test_a_run_of_its_goes_on_only_where_it_is(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(Path(config.out))
    run.write_config("train", to_json(config))
    labels = ImageLabels((8, 8), (), ImageState.DONE)
    run.write_snapshot(Snapshot((), (SnapshotImage("a.png", "a.png", Split.TRAIN, labels),)))
    monkeypatch.setattr("core.jobs.train.why_not", lambda: "detectron2 is not installed.")
    with pytest.raises(AppError, match="detectron2 is not installed"):
        list(_events("resume", ResumeConfig(config.out)))


def test_several_processes_are_refused_before_they_wait_for_each_other(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.train.why_not", str)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(AppError, match="one process trains"):
        list(_events("train", config))


def test_the_engine_is_one_of_two_and_usually_our_own() -> None:
    with pytest.raises(AppError, match="engine is maskrcnn or detectron2"):
        TrainConfig("photos", engine="keras")
    assert from_json(TrainConfig, {"folder": "photos"}).engine == "maskrcnn"  # of older runs
