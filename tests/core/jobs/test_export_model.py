"""A model leaves as a folder that needs nothing else."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from core.configs import EngineConfig, ExportModelConfig, TrainConfig, to_json
from core.engines import EngineShelf
from core.engines.maskrcnn import load
from core.errors import AppError
from core.events import Finished, Noted
from core.images import read_image
from core.jobs import export_model, run_job
from core.maskrcnn.config import class_names_from_yaml, settings_from_yaml
from core.run_folder import RunFolder

torch.set_num_threads(1)

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = ("disc", "square", "star", "blob", "bar")


def exported(weights: Path | str, out: Path, **more: Any) -> dict[str, Any]:
    config = ExportModelConfig(str(weights), str(out), **more)
    jobs = {spec.name: spec for spec in export_model.JOBS}
    *_, last = run_job("export_model", config, EngineShelf(), jobs=jobs)
    assert isinstance(last, Finished)
    return dict(last.result)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """What a fine-tune from the zoo's R50 leaves, with small weights in it."""
    folder = RunFolder.create(tmp_path / "runs" / "2026-01-01_train")
    config = TrainConfig("photos", weights="mask_rcnn_R_50_FPN_3x")
    folder.write_config("train", to_json(config))
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", folder.best_weights)
    names = json.dumps({"class_names": NAMES})
    text = (GOLDEN / "mask_rcnn_tiny.yaml").read_text()
    folder.model_config.write_text(f"# maskloop: {names}\n{text}")
    return folder


def test_the_folder_holds_weights_config_names_and_how_to_load_them(
    run: RunFolder, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    result = exported(run.path, out)
    assert sorted(one.name for one in out.iterdir()) == [
        "README.md", "classes.txt", "config.yaml", "model.pth",
    ]  # fmt: skip
    assert (out / "classes.txt").read_text().splitlines() == list(NAMES)
    assert class_names_from_yaml((out / "config.yaml").read_text()) == NAMES
    assert result["classes"] == list(NAMES)
    assert result["bytes"] == (out / "model.pth").stat().st_size


def test_it_detects_what_the_weights_detected_to_the_last_bit(tmp_path: Path) -> None:
    exported(
        GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "model",
        model_config=str(GOLDEN / "mask_rcnn_tiny.yaml"), class_names=NAMES,
    )  # fmt: skip
    pixels = read_image(GOLDEN / "images" / "odd_319x241.png")
    before, after = (
        load(EngineConfig(str(file), model_config=str(config), device="cpu", exact=True))
        for file, config in (
            (GOLDEN / "mask_rcnn_tiny.pth", GOLDEN / "mask_rcnn_tiny.yaml"),
            (tmp_path / "model" / "model.pth", ""),
        )
    )
    (mine,), (theirs,) = after.predict([pixels]), before.predict([pixels])
    assert after.class_names == NAMES
    assert len(mine) > 10
    assert (mine.boxes == theirs.boxes).all()
    assert (mine.scores == theirs.scores).all()
    assert (mine.masks == theirs.masks).all()


def test_the_checkpoint_is_weights_and_nothing_of_a_training(
    run: RunFolder, tmp_path: Path
) -> None:
    content = torch.load(run.best_weights, weights_only=True)
    torch.save({**content, "optimizer": {"state": torch.ones(9)}}, run.best_weights)
    exported(run.path, tmp_path / "model")
    written = torch.load(tmp_path / "model" / "model.pth", weights_only=True)
    assert sorted(written) == ["class_names", "iteration", "model"]
    assert written["class_names"] == list(NAMES)


def test_half_precision_halves_what_is_large_and_keeps_the_norms(
    run: RunFolder, tmp_path: Path
) -> None:
    whole, half = (
        exported(run.path, tmp_path / name, half_precision=name == "half")["bytes"]
        for name in ("whole", "half")
    )
    state = torch.load(tmp_path / "half" / "model.pth", weights_only=True)["model"]
    assert half < whole * 0.6
    assert {value.dtype for value in state.values() if value.dim() >= 2} == {torch.float16}
    assert state["backbone.bottom_up.stem.conv1.norm.running_var"].dtype == torch.float32


def test_the_config_says_all_that_the_given_one_said(tmp_path: Path) -> None:
    given = (GOLDEN / "mask_rcnn_tiny.yaml").read_text()
    exported(
        GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "model",
        model_config=str(GOLDEN / "mask_rcnn_tiny.yaml"), class_names=NAMES,
    )  # fmt: skip
    text = (tmp_path / "model" / "config.yaml").read_text()
    assert settings_from_yaml(text) == settings_from_yaml(given)
    assert set(yaml.safe_load(text)) <= set(yaml.safe_load(given)) | {"VERSION", "INPUT", "TEST"}


def test_weights_that_descend_from_the_zoo_carry_its_licence(
    run: RunFolder, tmp_path: Path
) -> None:
    second = RunFolder.create(tmp_path / "runs" / "2026-01-02_train")
    config = TrainConfig("photos", weights=str(run.best_weights))
    second.write_config("train", to_json(config))
    shutil.copy(run.best_weights, second.best_weights)
    shutil.copy(run.model_config, second.model_config)
    assert "CC BY-SA 3.0" in exported(second.path, tmp_path / "model")["licence"]
    assert "CC BY-SA 3.0" in (tmp_path / "model" / "README.md").read_text()


def test_weights_from_scratch_carry_no_licence(run: RunFolder, tmp_path: Path) -> None:
    run.write_config("train", to_json(TrainConfig("photos")))
    assert exported(run.path, tmp_path / "model")["licence"] == ""
    assert "licence" not in (tmp_path / "model" / "README.md").read_text()


def test_a_folder_with_something_in_it_is_never_written_to(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.txt").write_text("precious")
    with pytest.raises(AppError, match="is not empty"):
        exported(run.path, tmp_path / "model")
    assert [one.name for one in (tmp_path / "model").iterdir()] == ["mine.txt"]


def test_weights_that_do_not_fit_their_config_leave_no_folder(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="do not fit"):
        exported(_misfit(tmp_path), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def _misfit(folder: Path) -> Path:
    text = (GOLDEN / "mask_rcnn_tiny.yaml").read_text()
    (folder / "odd.yaml").write_text(text.replace("NUM_CLASSES: 5", "NUM_CLASSES: 4"))
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", folder / "odd.pth")
    return folder / "odd.pth"


def test_a_run_without_weights_says_so(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run").write_config("train", {})
    with pytest.raises(AppError, match="no weights in"):
        exported(tmp_path / "run", tmp_path / "model")


def test_made_up_names_are_told(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "found.pth")
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", tmp_path / "found.yaml")
    config = ExportModelConfig(str(tmp_path / "found.pth"), str(tmp_path / "model"))
    jobs = {spec.name: spec for spec in export_model.JOBS}
    events = list(run_job("export_model", config, EngineShelf(), jobs=jobs))
    said = [event.sentence for event in events if isinstance(event, Noted)]
    assert any("Nothing names the 5 classes" in sentence for sentence in said)
    assert (tmp_path / "model" / "classes.txt").read_text().splitlines()[0] == "class 1"


def test_a_zip_holds_the_same_folder(run: RunFolder, tmp_path: Path) -> None:
    exported(run.path, tmp_path / "out" / "model", half_precision=True)
    result = exported(run.path, tmp_path / "out" / "model.zip", half_precision=True)
    with zipfile.ZipFile(tmp_path / "out" / "model.zip") as archive:
        archive.extractall(tmp_path / "again")
    names = ["README.md", "classes.txt", "config.yaml", "model.pth"]
    assert sorted(one.name for one in (tmp_path / "again" / "model").iterdir()) == names
    for name in names[:3]:
        original = (tmp_path / "out" / "model" / name).read_bytes()
        assert (tmp_path / "again" / "model" / name).read_bytes() == original
    model = load(EngineConfig(str(tmp_path / "again" / "model" / "model.pth")))
    assert tuple(model.class_names) == NAMES
    assert result["bytes"] == (tmp_path / "again" / "model" / "model.pth").stat().st_size
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["model", "model.zip"]


def test_a_zip_that_is_there_stays_as_it_is(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "model.zip"
    out.write_bytes(b"mine")
    with pytest.raises(AppError, match="is there already"):
        exported(run.path, out)
    assert out.read_bytes() == b"mine"
