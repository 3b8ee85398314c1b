"""The done images of a project leave as one zip that another machine can learn from."""

import errno
import json
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.configs import EngineConfig, PackConfig, TrainConfig
from core.configs.overriding import overridden, read_settings
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Finished, Progress
from core.jobs import pack, run_job
from core.maskrcnn.config import class_names_from_yaml, settings_from_yaml
from core.maskrcnn.source import source_of
from core.project import Project
from core.run_folder import new_run_folder
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part, Split

GOLDEN = Path(__file__).parents[2] / "golden"
JOBS = {spec.name: spec for spec in pack.JOBS}
SQUARE = Part(np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]]))
RINGED = Part(SQUARE.outer, (np.array([[15.0, 15.0], [25.0, 15.0], [25.0, 25.0]]),))


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: cache)


def put(project: Project, key: str, *instances: Instance, state: ImageState) -> None:
    labels = ImageLabels((60, 80), instances, state)
    project.write(key, labels, stamp=project.read(key).stamp)


def filled(folder: Path, labels_folder: Path | None = None) -> Path:
    """Two done images of one name in two folders, one done and empty, one that is not done."""
    keys = ("a/1.png", "b/1.png", "empty.png", "open.png")
    for shade, key in enumerate(keys):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(shade).integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / key)
    project = Project.open(folder, labels_folder)
    list(project.scan())
    fig, date = project.add_class("fig"), project.add_class("date")
    project.reorder_classes([date.id, fig.id])
    done = ImageState.DONE
    guess = Instance("g", 2, (SQUARE,), state=InstanceState.PREDICTED, score=0.5)
    put(project, keys[0], Instance("i", 1, (SQUARE,)), guess, state=done)
    put(project, keys[1], Instance("j", 2, (RINGED,)), state=done)
    put(project, keys[2], state=done)
    put(project, keys[3], Instance("k", 1, (SQUARE,)), state=ImageState.STARTED)
    project.assign_splits()
    project.close()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path / "my fruit")


def packed(folder: Path, out: Path, **more: Any) -> dict[str, Any]:
    config = PackConfig(str(folder), str(out), **more)
    *_, last = run_job("pack", config, EngineShelf(), jobs=JOBS)
    assert isinstance(last, Finished)
    return dict(last.result)


def told_in(file: Path) -> dict[str, Any]:
    return read_settings(file.read_text())


def unpacked(zip_file: Path, into: Path) -> Path:
    with zipfile.ZipFile(zip_file) as archive:
        assert archive.testzip() is None
        archive.extractall(into)
    (root,) = into.iterdir()
    return root


def test_the_project_in_it_is_the_same_to_every_done_image(folder: Path, tmp_path: Path) -> None:
    result = packed(folder, tmp_path / "p.zip")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    assert (result["images"], result["instances"], result["problems"]) == (3, 2, [])
    with_all = Project.open(folder, wants_to_write=False)
    copy = Project.open(root / "project", wants_to_write=False)
    list(with_all.scan())
    assert [key for batch in copy.scan() for key in batch]
    assert sorted(copy.keys) == ["a/1.png", "b/1.png", "empty.png"]
    assert copy.classes == with_all.classes
    assert dict(copy.splits) == dict(with_all.splits)
    for key in copy.keys:
        assert copy.read(key).labels == with_all.read(key).labels
        assert copy.image_path(key).read_bytes() == with_all.image_path(key).read_bytes()


def test_a_coco_file_for_each_split_names_the_images_by_their_whole_path(
    folder: Path, tmp_path: Path
) -> None:
    packed(folder, tmp_path / "p.zip")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    splits = {str(split): root / f"{split}.json" for split in Split}
    there = {name: json.loads(file.read_text()) for name, file in splits.items() if file.exists()}
    names = [image["file_name"] for one in there.values() for image in one["images"]]
    assert sorted(names) == ["a/1.png", "b/1.png", "empty.png"]
    assert all((root / "project" / name).is_file() for name in names)
    assert sum(len(one["annotations"]) for one in there.values()) == 2
    assert "train" in there


def test_nothing_in_the_zip_leads_out_of_its_folder(folder: Path, tmp_path: Path) -> None:
    packed(folder, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        names = archive.namelist()
    assert len(set(names)) == len(names)
    assert all(name.startswith("my_fruit/") and ".." not in name.split("/") for name in names)
    assert not [name for name in names if name.startswith("/") or "\\" in name or ":" in name]


class StandIn:
    """What the script uses of detectron2, and what it did with it."""

    def __init__(self) -> None:
        self.registered: dict[str, tuple[str, str]] = {}
        self.did: list[str] = []
        self.OUTPUT_DIR = ""

    def modules(self) -> dict[str, ModuleType]:
        trainer = type("DefaultTrainer", (), {})
        trainer.__init__ = lambda _, cfg: self.did.append("made")  # type: ignore[misc]
        trainer.resume_or_load = lambda _: self.did.append("loaded")  # type: ignore[attr-defined]
        trainer.train = lambda _: self.did.append("trained")  # type: ignore[attr-defined]
        content = {
            "config": SimpleNamespace(get_cfg=lambda: self),
            "data": SimpleNamespace(
                datasets=SimpleNamespace(register_coco_instances=self.register)
            ),
            "engine": SimpleNamespace(DefaultTrainer=trainer, default_setup=self.set_up),
            "evaluation": SimpleNamespace(COCOEvaluator=str),
        }
        module = ModuleType("detectron2")
        vars(module).update(content)
        return {"detectron2": module}

    def register(self, name: str, metadata: object, file: str, images: str) -> None:
        self.registered[name] = (file, images)

    def merge_from_file(self, file: str) -> None:
        self.told = told_in(Path(file))

    def set_up(self, cfg: object, args: object) -> None:
        assert cfg is self
        self.did.append("set up")


def test_the_script_for_detectron2_has_ten_lines_and_does_what_the_config_says(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(folder, tmp_path / "p.zip")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    script = (root / "train_detectron2.py").read_text()
    assert len(script.splitlines()) <= 10
    its = StandIn()
    for name, module in its.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.chdir(root)
    exec(compile(script, "train_detectron2.py", "exec"), {"__name__": "__main__"})
    assert its.did == ["set up", "made", "loaded", "trained"]
    of_config = [*its.told["DATASETS.TRAIN"], *its.told["DATASETS.TEST"]]
    assert sorted(its.registered) == sorted(of_config)
    for file, images in its.registered.values():
        names = [one["file_name"] for one in json.loads(Path(file).read_text())["images"]]
        assert names
        assert all(Path(images, name).is_file() for name in names)
    assert (root / its.told["OUTPUT_DIR"] / "class_names.json").read_text() == '["fig", "date"]'


def test_what_the_script_starts_again_in_another_process_does_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(folder, tmp_path / "p.zip")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    its = StandIn()
    for name, module in its.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    script = (root / "train_detectron2.py").read_text()
    exec(compile(script, "train_detectron2.py", "exec"), {"__name__": "__mp_main__"})
    assert its.did == []


def test_the_config_counts_classes_as_detectron2_does(folder: Path, tmp_path: Path) -> None:
    packed(folder, tmp_path / "p.zip")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    text = (root / "config.yaml").read_text()
    assert settings_from_yaml(text).num_classes == 2
    assert class_names_from_yaml(text) == ("fig", "date")  # by id, not in the user's order
    assert told_in(root / "settings.yaml")["weights"] == "none"


def test_start_weights_go_with_their_own_config(folder: Path, tmp_path: Path) -> None:
    packed(
        folder, tmp_path / "p.zip", weights=str(GOLDEN / "mask_rcnn_tiny.pth"),
        model_config=str(GOLDEN / "mask_rcnn_tiny.yaml"),
    )  # fmt: skip
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    weights = root / "start" / "weights.pth"
    assert weights.read_bytes() == (GOLDEN / "mask_rcnn_tiny.pth").read_bytes()
    of_weights = source_of(EngineConfig(str(weights))).settings()
    assert of_weights == settings_from_yaml((GOLDEN / "mask_rcnn_tiny.yaml").read_text())
    assert settings_from_yaml((root / "config.yaml").read_text()).num_classes == 2
    assert told_in(root / "settings.yaml")["weights"] == "start/weights.pth"
    assert told_in(root / "config.yaml")["MODEL.WEIGHTS"] == "start/weights.pth"


def test_what_was_chosen_goes_along_for_maskloop(folder: Path, tmp_path: Path) -> None:
    chosen = TrainConfig(
        str(folder), weights="some.pth", iterations=70, learning_rate=0.003, copy_paste=0.0,
        scale_jitter=(0.8, 1.2), device="cuda:1", threads=3,
    )  # fmt: skip
    packed(folder, tmp_path / "p.zip", train=chosen)
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    plain = TrainConfig("project", device="cpu")
    there = overridden(plain, told_in(root / "settings.yaml"))
    assert there == replace(chosen, folder="project", weights="none", device="cpu", threads=0)


def test_detectron2_is_told_what_it_can_do(folder: Path, tmp_path: Path) -> None:
    chosen = TrainConfig(
        str(folder), iterations=90, batch_size=3, optimizer="sgd", learning_rate=0.007,
        schedule="step", steps=(50, 80), gamma=0.2,
    )  # fmt: skip
    packed(folder, tmp_path / "p.zip", train=chosen)
    told = told_in(unpacked(tmp_path / "p.zip", tmp_path / "there") / "config.yaml")
    solver = {name.removeprefix("SOLVER."): value for name, value in told.items()}
    assert (solver["MAX_ITER"], solver["IMS_PER_BATCH"], solver["BASE_LR"]) == (90, 3, 0.007)
    assert (solver["STEPS"], solver["GAMMA"]) == ([50, 80], 0.2)


def test_the_rate_of_adamw_is_not_given_to_sgd(folder: Path, tmp_path: Path) -> None:
    packed(folder, tmp_path / "p.zip", train=TrainConfig(str(folder), learning_rate=0.0003))
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    assert told_in(root / "config.yaml")["SOLVER.BASE_LR"] == 0.02
    assert told_in(root / "settings.yaml")["learning_rate"] == 0.0003


def test_a_model_of_ones_own_goes_along(folder: Path, tmp_path: Path) -> None:
    packed(folder, tmp_path / "p.zip", model_config=str(GOLDEN / "mask_rcnn_tiny.yaml"))
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    own = settings_from_yaml((GOLDEN / "mask_rcnn_tiny.yaml").read_text())
    there = settings_from_yaml((root / "config.yaml").read_text())
    assert there == replace(own, num_classes=2, freeze_at=0)  # from scratch all of it learns
    assert told_in(root / "settings.yaml")["model_config"] == "config.yaml"


def test_the_weights_of_a_run_are_called_as_the_run_is(folder: Path, tmp_path: Path) -> None:
    run = new_run_folder(folder, "train")
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", run.best_weights)
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", run.model_config)
    run.write_config("train", {"weights": "none"})
    packed(folder, tmp_path / "p.zip", weights=str(run.path))
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    assert (root / "start" / f"{run.path.name}.pth").is_file()


def test_published_weights_are_named_and_not_packed(folder: Path, tmp_path: Path) -> None:
    packed(folder, tmp_path / "p.zip", weights="mask_rcnn_R_50_FPN_3x")
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    assert not (root / "start").exists()
    assert told_in(root / "settings.yaml")["weights"] == "mask_rcnn_R_50_FPN_3x"
    address = told_in(root / "config.yaml")["MODEL.WEIGHTS"]
    assert address.startswith("detectron2://COCO-Inst")
    assert "CC BY-SA 3.0" in (root / "README.md").read_text()


def test_labels_of_a_folder_of_their_own_come_to_their_images(tmp_path: Path) -> None:
    photos = filled(tmp_path / "photos", tmp_path / "labels")
    packed(photos, tmp_path / "p.zip", labels_folder=str(tmp_path / "labels"))
    root = unpacked(tmp_path / "p.zip", tmp_path / "there")
    label_file = json.loads((root / "project" / "a" / "1.json").read_text())
    assert label_file["imagePath"] == "1.png"
    copy = Project.open(root / "project", wants_to_write=False)
    assert copy.folder == copy.labels_folder
    list(copy.scan())
    assert len(copy.read("a/1.png").labels.instances) == 2


def test_an_image_that_is_none_is_left_out_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / "a" / "1.png").write_bytes(b"broken")
    result = packed(folder, tmp_path / "p.zip")
    assert result["images"] == 2
    assert [one["where"] for one in result["problems"]] == ["a/1.png"]


def test_a_project_without_a_done_image_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "photos" / "a.png")
    with pytest.raises(AppError, match="No image of"):
        packed(tmp_path / "photos", tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_what_is_no_zip_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("{}")
    with pytest.raises(AppError, match=r"end in \.zip"):
        packed(folder, tmp_path / "p.json")
    assert (tmp_path / "p.json").read_text() == "{}"


def test_a_pack_that_is_cancelled_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    events = run_job(
        "pack", PackConfig(str(folder), str(tmp_path / "p.zip")), EngineShelf(), jobs=JOBS
    )
    for event in events:
        if isinstance(event, Progress) and event.unit == "bytes":
            break
    events.close()
    assert [one.name for one in tmp_path.iterdir()] == ["my fruit"]


def test_a_full_disk_is_told_and_leaves_no_half_of_a_zip(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.zip").write_bytes(b"PK earlier")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)
    with pytest.raises(AppError, match="the disk is full"):
        packed(folder, tmp_path / "p.zip")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["my fruit", "p.zip"]
    assert (tmp_path / "p.zip").read_bytes() == b"PK earlier"
