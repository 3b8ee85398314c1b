"""detectron2's output folder comes back as a run of the project, with its curves."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from core.configs import EngineConfig, TrainConfig, UnpackConfig, from_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Finished, Metrics, Noted
from core.jobs import run_job, unpack
from core.maskrcnn.checkpoint import read_weights
from core.model_folder import origin_of
from core.project import Project
from core.run_folder import RunFolder, RunState, runs_of

GOLDEN = Path(__file__).parents[2] / "golden"
JOBS = {spec.name: spec for spec in unpack.JOBS}
NAMES = ("disc", "square", "star", "blob", "bar")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: cache)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    shutil.copytree(GOLDEN / "images", place)
    project = Project.open(place)
    for name in NAMES:
        project.add_class(name)
    project.close()
    return place


def learnt(iteration: int, loss: float, **more: float) -> dict[str, Any]:
    beside = {"eta_seconds": 0.0, "data_time": 0.01, "rank_data_time": 0.01, "time": 0.5}
    return {"iteration": iteration, "total_loss": loss, "lr": 0.01, **beside, **more}


ROWS: tuple[dict[str, Any], ...] = (
    learnt(19, 2.5, **{"fast_rcnn/cls_accuracy": 0.4}),
    learnt(39, float("nan")),
    learnt(59, 1.0),
    {"iteration": 60, "segm/AP": 41.5, "segm/APm": float("nan"), "segm/AP-disc": 60.0,
     "segm/AP50": 70.0, "segm/AP75": 45.0, "bbox/AP": 44.0},
)  # fmt: skip


def output(place: Path, *rows: dict[str, Any], names: bool = True) -> Path:
    """What detectron2 leaves: a checkpoint with its optimizer, config, metrics."""
    place.mkdir()
    state = torch.load(GOLDEN / "mask_rcnn_tiny.pth", weights_only=True)
    model = state.get("model", state)
    optimizer = {"state": {0: {"momentum_buffer": torch.ones(400_000)}}, "param_groups": []}
    torch.save({"model": model, "optimizer": optimizer, "iteration": 59}, place / "model_final.pth")
    shutil.copy(place / "model_final.pth", place / "model_0000019.pth")
    (place / "last_checkpoint").write_text("model_final.pth")
    comment = f"# maskloop: {json.dumps({'class_names': NAMES})}\n" if names else ""
    text = (GOLDEN / "mask_rcnn_tiny.yaml").read_text()
    (place / "config.yaml").write_text(comment + text)
    (place / "metrics.json").write_text("".join(json.dumps(row) + "\n" for row in rows or ROWS))
    (place / "log.txt").write_text("[d2.engine] Starting training\n")
    return place


def unpacked(source: Path, folder: Path, **more: Any) -> tuple[RunFolder, list[str]]:
    config = UnpackConfig(str(source), str(folder), **more)
    events = list(run_job("unpack", config, EngineShelf(), jobs=JOBS))
    assert isinstance(events[-1], Finished)
    said = [one.sentence for one in events if isinstance(one, Noted)]
    return RunFolder(Path(events[-1].result["run"])), said


def test_its_weights_are_those_of_a_run_without_the_optimizer(folder: Path, tmp_path: Path) -> None:
    run, _ = unpacked(output(tmp_path / "output"), folder)
    assert runs_of(folder) == (run,)
    assert run.state() is RunState.FINISHED
    theirs = read_weights(tmp_path / "output" / "model_final.pth")
    ours = read_weights(run.best_weights)
    assert all(torch.equal(ours.state[name], value) for name, value in theirs.state.items())
    assert ours.iteration == 59
    assert origin_of(EngineConfig(str(run.best_weights))).class_names == NAMES
    assert run.best_weights.stat().st_size < 2_600_000
    assert sorted(one.name for one in run.path.iterdir()) == [
        "about.json", "best.pth", "config.json", "config.yaml", "detectron2.yaml",
        "evaluation.json", "events.jsonl", "log.txt", "metrics.json", "settings.json", "told",
    ]  # fmt: skip


def test_its_metrics_are_the_curves(folder: Path, tmp_path: Path) -> None:
    run, _ = unpacked(output(tmp_path / "output"), folder)
    metrics = [one for one in run.read_events().events if isinstance(one, Metrics)]
    assert metrics == [
        Metrics(20, {"total_loss": 2.5, "lr": 0.01, "seconds": 0.5, "fast_rcnn/cls_accuracy": 0.4}),
        Metrics(60, {"total_loss": 1.0, "lr": 0.01, "seconds": 0.5}),
        Metrics(60, {"segm/AP": 41.5, "segm/AP50": 70.0, "segm/AP75": 45.0, "bbox/AP": 44.0}),
    ]
    after = run.read_evaluation()["after"]
    assert (after["segm"]["AP"], after["segm"]["AP-disc"], after["segm"]["APm"]) == (41.5, 60, None)
    assert after["bbox"]["AP75"] is None


def test_what_a_resumed_run_says_twice_counts_once(folder: Path, tmp_path: Path) -> None:
    rows = (learnt(19, 3.0), learnt(39, 2.0), learnt(59, 1.5), learnt(39, 1.9), learnt(59, 1.4))
    run, _ = unpacked(output(tmp_path / "output", *rows), folder)
    said = [one for one in run.read_events().events if isinstance(one, Metrics)]
    assert [(one.iteration, one.values["total_loss"]) for one in said] == [
        (20, 3.0), (40, 1.9), (60, 1.4)
    ]  # fmt: skip


def test_its_settings_are_those_of_its_config(folder: Path, tmp_path: Path) -> None:
    source = output(tmp_path / "output")
    told = {
        "MODEL": {"WEIGHTS": "start/none.pth", "BACKBONE": {"FREEZE_AT": 2}},
        "SOLVER": {"BASE_LR": 0.005, "MAX_ITER": 60, "STEPS": [40], "IMS_PER_BATCH": 2,
                   "LR_SCHEDULER_NAME": "LRMultiplier"},
    }  # fmt: skip
    (source / "detectron2.yaml").write_text(yaml.dump(told))
    run, _ = unpacked(source, folder)
    config = from_json(TrainConfig, run.read_config()[1])
    assert (config.learning_rate, config.iterations, config.steps) == (0.005, 60, (40,))
    assert (config.optimizer, config.freeze_at, config.folder) == ("sgd", 2, str(folder))


def test_names_that_nothing_says_are_those_of_a_pack(folder: Path, tmp_path: Path) -> None:
    run, said = unpacked(output(tmp_path / "output", names=False), folder)
    assert origin_of(EngineConfig(str(run.best_weights))).class_names == NAMES
    assert any("taken for those of the project, disc, square" in sentence for sentence in said)


def test_names_that_a_pack_laid_into_the_folder_are_those_of_the_weights(
    folder: Path, tmp_path: Path
) -> None:
    project = Project.open(folder)
    project.add_class("sixth")
    project.close()
    source = output(tmp_path / "output", names=False)
    (source / "class_names.json").write_text(json.dumps(NAMES))
    run, said = unpacked(source, folder)
    assert origin_of(EngineConfig(str(run.best_weights))).class_names == NAMES
    assert any("do not know sixth" in sentence for sentence in said)


@pytest.mark.parametrize("content", ["{", "3", "[1, 2]"])
def test_names_that_are_none_are_refused(folder: Path, tmp_path: Path, content: str) -> None:
    source = output(tmp_path / "output", names=False)
    (source / "class_names.json").write_text(content)
    with pytest.raises(AppError, match=r"class_names\.json"):
        unpacked(source, folder)
    assert runs_of(folder) == ()


def test_names_that_nothing_says_are_asked_for(folder: Path, tmp_path: Path) -> None:
    project = Project.open(folder)
    project.add_class("sixth")
    project.close()
    source = output(tmp_path / "output", names=False)
    with pytest.raises(AppError, match="Give their names with --classes"):
        unpacked(source, folder)
    given = ("disc", "star", "sixth", "blob", "bar")
    run, _ = unpacked(source, folder, class_names=given)
    assert origin_of(EngineConfig(str(run.best_weights))).class_names == given


def test_a_run_that_did_not_come_to_its_end_is_broken_off(folder: Path, tmp_path: Path) -> None:
    source = output(tmp_path / "output", *ROWS[:1])
    shutil.copy(source / "model_final.pth", source / "model_0000039.pth")
    (source / "model_final.pth").unlink()
    run, _ = unpacked(source, folder)
    assert run.state() is RunState.BROKEN_OFF
    assert not run.last_checkpoint.exists()


def test_metrics_that_are_none_are_passed_over(folder: Path, tmp_path: Path) -> None:
    source = output(tmp_path / "output")
    (source / "metrics.json").write_text('{"iteration": 3\n[1]\nnull\n{"total_loss": 1}\n\xff\n')
    run, _ = unpacked(source, folder)
    assert not [one for one in run.read_events().events if isinstance(one, Metrics)]
    assert run.read_evaluation()["after"] is None
