import json
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboardX.proto import event_pb2

from core.configs import ResumeConfig, TrainConfig, to_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Metrics, Noted, Started
from core.jobs import all_jobs, run_job
from core.maskrcnn.config import settings_to_yaml, small_settings
from core.project import Project
from core.run_folder import RunFolder, RunState, runs_of
from core.types import ImageLabels, ImageState, Instance, Part, Split

torch.set_num_threads(1)

_REPOSITORY = Path(__file__).parents[3]
_SIDE = 64


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _drawn(folder: Path, number: int) -> Part:
    """A picture with a bright box, and the box."""
    rng = np.random.default_rng(number)
    x, y = rng.integers(4, 30, 2)
    pixels = rng.integers(0, 60, (_SIDE, _SIDE, 3), dtype=np.uint8)
    pixels[y : y + 24, x : x + 24] = (220, 60, 40)
    Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return Part([(x, y), (x + 24, y), (x + 24, y + 24), (x, y + 24)])


def _project(folder: Path, n_images: int = 6, *, state: ImageState = ImageState.DONE) -> Path:
    """A project of drawn images, labelled, the last one left untouched."""
    folder.mkdir()
    parts = [_drawn(folder, number) for number in range(n_images + 1)]
    project = Project.open(folder)
    try:
        red = project.add_class("red box")
        project.add_class("never seen")
        for number, part in enumerate(parts[:-1]):
            labels = ImageLabels((_SIDE, _SIDE), (Instance("a", red.id, (part,)),), state)
            project.write(f"{number:02}.png", labels, stamp="")
    finally:
        project.close()
    return folder


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few small steps from scratch on a project."""
    settings = replace(small_settings(2), min_size_test=_SIDE, max_size_test=_SIDE)
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(settings, class_names=()))
    return TrainConfig(
        str(_project(tmp_path / "photos")),
        model_config=str(model),
        out=str(tmp_path / "run"),
        iterations=8,
        batch_size=2,
        evaluate_every=8,
        checkpoint_every=3,
        threads=1,
    )


def _events(name: str, config: object) -> Generator[Event, None, None]:
    return run_job(name, config, EngineShelf(), jobs=all_jobs())


def _train(config: TrainConfig) -> list[Event]:
    return list(_events("train", config))


def _curve(events: Iterable[Event]) -> list[tuple[int, float]]:
    return [
        (event.iteration, event.values["total_loss"])
        for event in events
        if isinstance(event, Metrics) and "total_loss" in event.values
    ]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_train_says_what_came_out(config: TrainConfig) -> None:
    events = _train(config)
    assert events[0] == Started("train")
    assert isinstance(events[-1], Finished)
    result = events[-1].result
    assert result["classes"] == ["red box", "never seen"]
    assert result["iterations"] == 8
    assert result["before"] is None
    assert set(result["after"]) == {"bbox", "segm", "effort"}
    assert Path(result["weights"]).is_file()
    assert Path(result["config"]).is_file()


def test_train_leaves_a_run_folder_that_tells_the_same(config: TrainConfig) -> None:
    events = _train(config)
    run = RunFolder(Path(config.out))
    said = run.read_events().events
    assert said == tuple(events[-len(said) :])
    assert len(_curve(said)) == 8
    assert run.read_config() == ("train", to_json(config))
    assert run.state() is RunState.FINISHED
    assert run.log_file.read_text().rstrip().endswith("Finished.")
    (for_tensorboard,) = run.path.glob("events.out.tfevents.*")
    assert sorted(file.name for file in run.path.iterdir()) == [
        "best.pth", "config.json", "config.yaml", "evaluation.json", "events.jsonl",
        for_tensorboard.name, "log.txt", "settings.json", "snapshot.json",
    ]  # fmt: skip


def test_train_writes_its_run_folder_and_nothing_else(config: TrainConfig) -> None:
    before = _files(Path(config.folder))
    _train(config)
    assert _files(Path(config.folder)) == before


def test_a_run_has_a_folder_of_its_own_in_the_project(config: TrainConfig) -> None:
    events = _train(replace(config, out="", iterations=1))
    (run,) = runs_of(Path(config.folder))
    assert isinstance(events[-1], Finished)
    assert events[-1].result["run"] == str(run.path)


def test_only_done_images_are_learnt_from(config: TrainConfig) -> None:
    _train(config)
    snapshot = RunFolder(Path(config.out)).read_snapshot()
    assert [image.key for image in snapshot.images] == [f"{number:02}.png" for number in range(6)]
    assert {image.split for image in snapshot.images} == {Split.TRAIN, Split.VAL}


@pytest.mark.parametrize("kept_bytes", [0, 100, 3000])
def test_an_image_that_cannot_be_read_is_left_out_with_a_sentence(
    config: TrainConfig, kept_bytes: int
) -> None:
    file = Path(config.folder) / "01.png"
    file.write_bytes(file.read_bytes()[:kept_bytes])
    events = _train(replace(config, iterations=1))
    assert any(isinstance(e, Noted) and "01.png is left out" in e.sentence for e in events)
    snapshot = RunFolder(Path(config.out)).read_snapshot()
    assert [image.key for image in snapshot.images] == [
        "00.png",
        *(f"0{n}.png" for n in range(2, 6)),
    ]


def test_labels_for_an_image_of_another_size_are_told(config: TrainConfig) -> None:
    Image.new("RGB", (_SIDE, 3 * _SIDE)).save(Path(config.folder) / "02.png")
    events = _train(replace(config, iterations=1))
    assert any(isinstance(e, Noted) and e.sentence.startswith("02.png: ") for e in events)


def test_a_project_without_done_images_is_told_what_to_do(
    config: TrainConfig, tmp_path: Path
) -> None:
    folder = _project(tmp_path / "other", state=ImageState.STARTED)
    with pytest.raises(AppError, match=r"No image is done.* mark each done"):
        _train(replace(config, folder=str(folder)))
    assert not Path(config.out).exists()


def test_done_images_without_instances_are_told_what_to_do(
    config: TrainConfig, tmp_path: Path
) -> None:
    folder = _project(tmp_path / "other")
    for file in folder.glob("*.json"):
        if file.name != "maskloop.json":
            file.write_text(json.dumps({**json.loads(file.read_text()), "shapes": []}))
    with pytest.raises(AppError, match=r"no instance that a person drew"):
        _train(replace(config, folder=str(folder)))


def test_what_makes_a_fine_tune_worth_less_is_said_before_it_and_kept(config: TrainConfig) -> None:
    events = _train(replace(config, iterations=1))
    first = next(place for place, e in enumerate(events) if isinstance(e, Metrics))
    said = [e.sentence for e in events[:first] if isinstance(e, Noted)]
    assert any(one.startswith("There are only 5 images to learn from") for one in said)
    assert any("shows never seen" in one for one in said)
    assert "There are only 5 images" in RunFolder(Path(config.out)).log_file.read_text()


def test_a_folder_with_a_run_is_not_written_over(config: TrainConfig) -> None:
    _train(replace(config, iterations=1))
    before = _files(Path(config.out))
    with pytest.raises(AppError, match="holds a run already"):
        _train(config)
    assert _files(Path(config.out)) == before


def test_a_cancelled_run_says_so_and_can_go_on(config: TrainConfig) -> None:
    events = _events("train", config)
    first = [next(event for event in events if isinstance(event, Metrics)) for _ in range(2)]
    events.close()
    run = RunFolder(Path(config.out))
    assert run.state() is RunState.CANCELLED
    assert run.last_checkpoint.exists()
    rest = list(_events("resume", ResumeConfig(config.out)))
    assert [i for i, _ in _curve([*first, *rest])] == list(range(1, 9))
    assert run.state() is RunState.FINISHED


def test_a_run_cancelled_while_images_are_looked_at_leaves_nothing(config: TrainConfig) -> None:
    (Path(config.folder) / "00.png").write_bytes(b"no image at all")
    events = _events("train", config)
    next(event for event in events if isinstance(event, Noted))
    events.close()
    assert not Path(config.out).exists()


_CHILD = """
import json, sys
from core.configs import TrainConfig, from_json
from core.engines import EngineShelf
from core.events import Metrics
from core.jobs import all_jobs, run_job

for event in run_job("train", json.loads(sys.argv[1]), EngineShelf(), jobs=all_jobs()):
    if isinstance(event, Metrics) and event.iteration == 5:
        print("five", flush=True)
        sys.stdin.read()
"""


def _steps(folder: Path) -> dict[int, float]:
    """What TensorBoard shows: the total loss of each step, each once."""
    files = sorted(folder.glob("events.out.tfevents.*"))
    content, found = b"".join(file.read_bytes() for file in files), []
    while content:
        length = int.from_bytes(content[:8], "little")
        event = event_pb2.Event.FromString(content[12 : 12 + length])
        named = {value.tag: value.simple_value for value in event.summary.value}
        found += [(event.step, named["total_loss"])] if "total_loss" in named else []
        content = content[16 + length :]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_a_killed_run_goes_on_with_the_curve_of_an_unbroken_one(
    config: TrainConfig, tmp_path: Path
) -> None:
    unbroken = _train(replace(config, out=str(tmp_path / "unbroken")))
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, json.dumps(to_json(config))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_REPOSITORY,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "five\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    run = RunFolder(Path(config.out))
    assert run.state() is RunState.BROKEN_OFF
    rest = list(_events("resume", {"run": config.out}))
    assert [i for i, _ in _curve(rest)] == [4, 5, 6, 7, 8]
    assert _curve(run.read_events().events) == _curve(unbroken)
    assert _steps(run.path) == _steps(tmp_path / "unbroken")
    assert isinstance(rest[-1], Finished)
    assert isinstance(unbroken[-1], Finished)
    assert rest[-1].result["after"] == unbroken[-1].result["after"]


def test_a_run_killed_before_its_first_checkpoint_begins_again(config: TrainConfig) -> None:
    events = _events("train", config)
    next(event for event in events if isinstance(event, Noted))
    events.close()
    assert not RunFolder(Path(config.out)).last_checkpoint.exists()
    rest = list(_events("resume", ResumeConfig(config.out)))
    assert [i for i, _ in _curve(rest)] == list(range(1, 9))


def test_a_run_that_is_done_cannot_go_on(config: TrainConfig) -> None:
    _train(replace(config, iterations=1))
    with pytest.raises(AppError, match="is done"):
        list(_events("resume", ResumeConfig(config.out)))


def test_a_folder_without_a_run_cannot_go_on(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="is not the folder of a run"):
        list(_events("resume", ResumeConfig(str(tmp_path))))


def test_a_resumed_run_learns_the_labels_as_they_were(config: TrainConfig) -> None:
    events = _events("train", config)
    next(event for event in events if isinstance(event, Metrics))
    events.close()
    for file in Path(config.folder).glob("0*.json"):
        file.unlink()
    rest = list(_events("resume", ResumeConfig(config.out)))
    assert isinstance(rest[-1], Finished)


@pytest.mark.parametrize("wrong", [{"threads": -4}, {"seed": -1}, {"seed": 10**30}])
def test_numbers_that_no_run_can_have_are_said_before_it_begins(wrong: dict[str, int]) -> None:
    with pytest.raises(AppError, match="is a whole number from"):
        replace(TrainConfig("photos"), **wrong)


def test_a_run_whose_images_were_taken_out_does_not_go_on(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.write_config("train", to_json(TrainConfig("photos")))
    (folder.path / "snapshot.json").write_text('{"classes": [], "images": []}')
    with pytest.raises(AppError, match="no images to learn from"):
        list(run_job("resume", ResumeConfig(str(folder.path)), EngineShelf(), jobs=all_jobs()))


def test_a_rank_without_torchrun_is_no_follower(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    _train(config)
    assert RunFolder(Path(config.out)).best_weights.exists()
