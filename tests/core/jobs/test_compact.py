"""Weights made small, measured before and after."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.cli import compact as command
from core.cli import program
from core.compact import measuring, writing
from core.configs import COMPACT_KINDS, CompactConfig, EngineConfig
from core.engines import EngineShelf, maskrcnn, onnx
from core.errors import AppError
from core.events import Event, Finished, Noted, Progress
from core.geometry import parts_from_crop
from core.images import read_image
from core.jobs import all_jobs, run_job
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Split

torch.set_num_threads(1)

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden"
NAMES = ("disc", "square", "star", "blob", "bar")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model with its config and names, and an optimizer that is twice as large."""
    folder = tmp_path_factory.mktemp("weights")
    content = torch.load(GOLDEN / "mask_rcnn_tiny.pth", weights_only=True)
    state = content.get("model", content)
    moments = {number: {"exp_avg": torch.zeros(300_000)} for number in range(4)}
    torch.save({"model": state, "optimizer": {"state": moments}}, folder / "best.pth")
    text = (GOLDEN / "mask_rcnn_tiny.yaml").read_text()
    names = json.dumps({"class_names": NAMES})
    (folder / "config.yaml").write_text(f"# maskloop: {names}\n{text}")
    return folder / "best.pth"


@pytest.fixture(scope="module")
def project(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden images, labelled with what the model is sure of: so AP is high."""
    folder = tmp_path_factory.mktemp("project") / "photos"
    shutil.copytree(GOLDEN / "images", folder)
    engine = maskrcnn.load(EngineConfig(str(weights), device="cpu", score=0.3))
    made = Project.open(folder)
    try:
        list(made.scan())
        ids = [made.add_class(name).id for name in NAMES]
        for key in made.keys:
            (found,) = engine.predict([read_image(folder / key)])
            assert found.masks is not None
            parts = [
                parts_from_crop(mask, box, found.size_hw)
                for mask, box in zip(found.masks, found.boxes, strict=True)
            ]
            instances = tuple(
                Instance(f"{key}-{place}", ids[found.class_ids[place]], tuple(own))
                for place, own in enumerate(parts)
                if own
            )
            labels = ImageLabels(found.size_hw, instances, ImageState.DONE)
            made.write(key, labels, stamp=made.read(key).stamp)
        made.assign_splits()
        assert Split.VAL in made.splits.values()
    finally:
        made.close()
    return folder


def events_of(**more: Any) -> list[Event]:
    config = CompactConfig(device="cpu", **more)
    return list(run_job("compact", config, EngineShelf(), jobs=all_jobs()))


def result_of(events: list[Event]) -> Mapping[str, Any]:
    assert isinstance(events[-1], Finished)
    return events[-1].result


def compacted(weights: Path, out: Path, **more: Any) -> Mapping[str, Any]:
    return result_of(events_of(weights=str(weights), out=str(out), **more))


@pytest.mark.parametrize("to", COMPACT_KINDS)
def test_each_form_is_smaller_loads_again_and_is_measured(
    to: str, weights: Path, project: Path, tmp_path: Path
) -> None:
    result = compacted(weights, tmp_path / "small", to=to, folder=str(project), force=True)
    file = Path(result["file"])
    assert file.stat().st_size == result["after"]["bytes"]
    assert result["before"]["bytes"] == weights.stat().st_size
    assert result["after"]["bytes"] < result["before"]["bytes"]
    assert result["before"]["ap"]["segm"] > 60
    assert abs(result["after"]["ap"]["segm"] - result["before"]["ap"]["segm"]) < 15
    assert result["images"] >= 1
    load = onnx.load if to.startswith("onnx") else maskrcnn.load
    engine = load(EngineConfig(str(file), device="cpu"))
    assert tuple(engine.class_names) == NAMES
    assert len(engine.predict([read_image(GOLDEN / "images" / "odd_319x241.png")])[0]) > 5
    assert (file.parent / "classes.txt").read_text().splitlines() == list(NAMES)
    assert file.name in (file.parent / "README.md").read_text()


def test_forms_are_as_small_as_their_bits(weights: Path, tmp_path: Path) -> None:
    plain = sum(
        value.numel() * 4
        for value in torch.load(weights, weights_only=True)["model"].values()
        if isinstance(value, torch.Tensor)
    )
    sizes = {
        to: compacted(weights, tmp_path / to, to=to)["after"]["bytes"] / plain
        for to in ("half", "int8", "onnx")
    }
    assert sizes["half"] < 0.62  # vectors stay whole, and each has a name: much in a tiny model
    assert sizes["int8"] < 0.45
    assert sizes["onnx"] < 1.05


def spoilt(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    from core.maskrcnn.eight_bits import in_eight_bits

    return {
        name: value * 0 if "cls_score.weight" in name else value
        for name, value in in_eight_bits(state).items()
    }


def test_where_ap_falls_nothing_is_written_and_the_numbers_are_said(
    weights: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "in_eight_bits", spoilt)
    out = tmp_path / "small"
    result = compacted(weights, out, to="int8", folder=str(project))
    assert "AP falls by" in result["refused"]
    assert "Nothing was written." in result["refused"]
    assert "measure again when more of them are done" in result["refused"]
    assert result["file"] == ""
    assert result["after"]["ap"]["segm"] < result["before"]["ap"]["segm"] - 0.5
    assert list(tmp_path.iterdir()) == []


def test_a_fall_says_how_sure_it_is(
    weights: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "in_eight_bits", spoilt)
    for error, is_said, is_chance in ((0.4, ", give or take 0.8,", False), (90, "180.0", True)):
        monkeypatch.setattr(measuring, "standard_error", lambda *_, error=error: error)
        result = compacted(weights, tmp_path / "small", to="int8", folder=str(project))
        assert is_said in result["refused"]
        assert ("It may be chance" in result["refused"]) == is_chance


def test_it_is_written_all_the_same_where_that_is_wished_and_it_says_so(
    weights: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "in_eight_bits", spoilt)
    events = events_of(
        weights=str(weights), out=str(tmp_path / "small"), to="int8", folder=str(project),
        force=True,
    )  # fmt: skip
    assert Path(result_of(events)["file"]).is_file()
    said = [one.sentence for one in events if isinstance(one, Noted)]
    assert any("as you wished" in sentence for sentence in said)


def test_without_a_project_ap_is_not_measured_and_that_is_said(
    weights: Path, tmp_path: Path
) -> None:
    events = events_of(weights=str(weights), out=str(tmp_path / "small"), to="half")
    assert result_of(events)["before"]["ap"] == {}
    assert result_of(events)["before"]["image_s"] > 0
    said = [one.sentence for one in events if isinstance(one, Noted)]
    assert "AP was not measured, as no project was given." in said


def test_a_project_of_other_classes_measures_no_ap(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(GOLDEN / "images", folder)
    project = Project.open(folder)
    list(project.scan())
    project.add_class("jeans")
    for key in project.keys:
        height, width = read_image(folder / key).shape[:2]
        labels = ImageLabels((height, width), (), ImageState.DONE)
        project.write(key, labels, stamp=project.read(key).stamp)
    project.close()
    events = events_of(
        weights=str(weights), out=str(tmp_path / "small"), to="onnx", folder=str(folder)
    )
    said = [one.sentence for one in events if isinstance(one, Noted)]
    assert any("no class of the weights is a class of the project" in one for one in said)
    assert Path(result_of(events)["file"]).is_file()


def test_8_bits_in_onnx_are_chosen_on_images_outside_the_val_split(
    weights: Path, project: Path, tmp_path: Path
) -> None:
    events = events_of(
        weights=str(weights), out=str(tmp_path / "small"), to="onnx-int8", folder=str(project),
        force=True,
    )  # fmt: skip
    opened = Project.open(project, wants_to_write=False)
    n_others = sum(split != Split.VAL for split in opened.splits.values())
    opened.close()
    seen = [one for one in events if isinstance(one, Progress) and "calibrate" in one.what]
    assert len(seen) == n_others == seen[-1].total
    assert not list((tmp_path / "small").glob("observed*"))


def test_work_that_is_stopped_leaves_nothing(weights: Path, tmp_path: Path) -> None:
    config = CompactConfig(str(weights), "onnx", str(tmp_path / "small"), device="cpu")
    events = run_job("compact", config, EngineShelf(), jobs=all_jobs())
    for event in events:
        if isinstance(event, Progress):
            break
    events.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    arguments = ["compact", str(weights), "--to", "onnx", "--device", "cpu", "--out", str(out)]
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("Writing"):
            break
    while not list(tmp_path.glob(".*")):
        assert child.poll() is None
    child.kill()
    child.wait()
    child.stdout.close()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".")
    assert Path(compacted(weights, out, to="half")["file"]).is_file()
    assert [one.name for one in tmp_path.iterdir()] == ["small"]


def test_a_disk_that_is_full_leaves_nothing_and_is_said(weights: Path, tmp_path: Path) -> None:
    import resource  # Windows has none

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for to in ("int8", "onnx"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        try:
            with pytest.raises(AppError, match="was not saved"):
                events_of(weights=str(weights), out=str(tmp_path / "small"), to=to)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert list(tmp_path.iterdir()) == []


def test_a_model_without_masks_is_made_small_and_its_box_ap_measured(
    project: Path, tmp_path: Path
) -> None:
    for suffix in (".pth", ".yaml"):
        shutil.copy(GOLDEN / f"faster_rcnn_tiny{suffix}", tmp_path)
    for to in ("int8", "onnx-int8"):
        result = compacted(
            tmp_path / "faster_rcnn_tiny.pth", tmp_path / to, to=to, folder=str(project),
            model_config=str(tmp_path / "faster_rcnn_tiny.yaml"), class_names=NAMES, force=True,
        )  # fmt: skip
        assert result["before"]["ap"]["segm"] is None
        assert result["before"]["ap"]["bbox"] > 20
        assert abs(result["after"]["ap"]["bbox"] - result["before"]["ap"]["bbox"]) < 15


def test_a_folder_that_is_not_empty_is_refused_before_anything_is_read(
    weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(AppError, match="is not empty"):
        events_of(weights=str(weights), out=str(tmp_path), to="half")


def test_a_network_is_not_made_small_again(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(AppError, match="already"):
        events_of(weights=str(tmp_path / "model.onnx"), out=str(tmp_path / "small"), to="half")


def test_what_cannot_be_is_refused_by_the_config() -> None:
    with pytest.raises(AppError, match="half, int8, onnx or onnx-int8"):
        CompactConfig("w.pth", "int4", "out")
    with pytest.raises(AppError, match="give the folder of a project"):
        CompactConfig("w.pth", "onnx-int8", "out")


def test_the_command_prints_a_table(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "small"
    code = program.run(["compact", str(weights), "--to", "int8", "--out", str(out)])
    printed = capsys.readouterr().out
    assert code == 0
    assert "before     after" in printed
    assert f"file: {out / 'model.pth'}" in printed
    assert [line.split(",")[0] for line in printed.splitlines()].count("size") == 1


def test_the_command_ends_with_1_where_nothing_was_written(
    weights: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(writing, "in_eight_bits", spoilt)
    arguments = ["compact", str(weights), "--to", "int8", "--project", str(project)]
    assert program.run([*arguments, "--out", str(tmp_path / "small")]) == 1
    printed = capsys.readouterr()
    assert "mask AP" in printed.out
    assert "Nothing was written." in printed.err


def test_a_row_without_ap_is_left_out_of_the_table() -> None:
    side = {"bytes": 2_000_000, "image_s": 0.1, "ap": {}}
    result = {"before": side, "after": side, "images": 0, "file": "x/model.pth"}
    assert "AP" not in command.table(result)


def test_a_small_model_lies_beside_its_weights_unless_said_otherwise(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for file in (weights, weights.with_name("config.yaml")):
        shutil.copy(file, run)
    assert program.run(["compact", str(run), "--to", "half"]) == 0
    assert (run / "best-half" / "model.pth").is_file()
    assert program.run(["compact", str(run / "best.pth"), "--to", "onnx"]) == 0
    assert (run / "best-onnx" / "model.onnx").is_file()
    capsys.readouterr()


def test_8_bit_weights_see_nearly_what_whole_ones_see(weights: Path, tmp_path: Path) -> None:
    result = compacted(weights, tmp_path / "small", to="int8")
    pixels = read_image(GOLDEN / "images" / "big_640x480.png")
    before, after = (
        maskrcnn.load(EngineConfig(str(file), device="cpu", score=0.5)).predict([pixels])[0]
        for file in (weights, result["file"])
    )
    assert len(before) == len(after) > 3
    # Two of like scores may change places.
    apart = np.abs(before.boxes[:, None] - after.boxes[None]).max(axis=2)
    assert apart.min(axis=1).max() < 3
