"""Which engine computes weights, when nobody says so or somebody wishes one."""

from pathlib import Path

import pytest
import torch

from core.engines import all_engines, all_published, engine_for

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
OF_DETECTRON2 = str(GOLDEN / "mask_rcnn_tiny.pth")


@pytest.fixture
def of_torchvision(tmp_path: Path) -> str:
    file = tmp_path / "mine.pth"
    torch.save({"model": {"module.backbone.body.conv1.weight": torch.zeros(1)}}, file)
    return str(file)


@pytest.mark.parametrize("wished", ["", "maskrcnn", "torchvision", "detectron2", "onnx", "fake"])
def test_files_of_networks_are_always_computed_by_onnx_runtime(wished: str) -> None:
    assert engine_for("/not/there/R50.ONNX", wished=wished) == "onnx"


@pytest.mark.parametrize("wished", ["", "maskrcnn", "detectron2", "onnx", "fake"])
def test_files_of_torchvision_choose_its_engine(of_torchvision: str, wished: str) -> None:
    assert engine_for(of_torchvision, wished=wished) == "torchvision"


@pytest.mark.parametrize(
    ("wished", "engine"),
    [("", "maskrcnn"), ("torchvision", "maskrcnn"), ("onnx", "maskrcnn"),
     ("detectron2", "detectron2")],
)  # fmt: skip
def test_files_of_detectron2_are_computed_by_one_of_two_engines(wished: str, engine: str) -> None:
    assert engine_for(OF_DETECTRON2, wished=wished) == engine


def test_torch_writes_files_of_two_kinds_and_both_are_known(tmp_path: Path) -> None:
    state = {"backbone.body.conv1.weight": torch.zeros(1)}
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert engine_for(str(tmp_path / "old.pth")) == "torchvision"


def test_who_publishes_a_name_computes_it() -> None:
    assert engine_for("maskrcnn_resnet50_fpn", wished="maskrcnn") == "torchvision"
    assert engine_for("mask_rcnn_R_50_FPN_3x", wished="torchvision") == "maskrcnn"
    assert engine_for("mask_rcnn_R_50_FPN_3x", wished="detectron2") == "detectron2"


def test_an_engine_that_is_wished_gets_what_a_glance_says_nothing_of(tmp_path: Path) -> None:
    (tmp_path / "mine.pth").write_bytes(b"something")
    for wished in ("torchvision", "detectron2", "fake"):
        assert engine_for(str(tmp_path / "mine.pth"), wished=wished) == wished
    assert engine_for(str(tmp_path / "mine.pth"), wished="onnx") == "maskrcnn"
    assert engine_for(str(tmp_path), wished="nobody") == "maskrcnn"


def test_all_that_is_published_is_there_once_and_the_usual_first() -> None:
    names = [one.name for one in all_published()]
    engines = all_engines()
    assert names[: len(engines["maskrcnn"].published())] == [
        one.name for one in engines["maskrcnn"].published()
    ]
    assert len(names) == len(set(names))
    assert set(names) >= {one.name for one in engines["torchvision"].published()}
