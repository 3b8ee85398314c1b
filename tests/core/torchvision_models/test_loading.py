"""What is read from the names and shapes of a file, and what is refused."""

import argparse
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.models import detection

from core.errors import AppError
from core.maskrcnn.zoo import COCO_CLASSES
from core.torchvision_models.loading import builder_of, classes_of, loaded, model_of
from core.torchvision_models.published import ENTRIES

COCO = detection.MaskRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"]
SMALL = "fasterrcnn_mobilenet_v3_large_fpn"


def made(builder: str, *, n_labels: int = 3) -> Any:
    torch.manual_seed(0)
    build = getattr(detection, builder)
    return build(weights=None, weights_backbone=None, num_classes=n_labels).eval()


@pytest.fixture(scope="module")
def small() -> dict[str, Tensor]:
    state: dict[str, Tensor] = made(SMALL).state_dict()
    return state


def saved(state: Any, folder: Path) -> str:
    torch.save(state, folder / "own.pth")
    return str(folder / "own.pth")


@pytest.mark.parametrize("builder", ENTRIES)
def test_a_model_is_known_by_its_parameters(builder: str) -> None:
    with torch.device("meta"):
        state = made(builder).state_dict()
    assert builder_of(state, "own.pth") == builder


def test_old_names_are_read_as_torchvision_reads_them(tmp_path: Path) -> None:
    model = made("maskrcnn_resnet50_fpn")
    state = model.state_dict()
    renamed = {}
    for name, value in state.items():
        old = name.replace("rpn.head.conv.0.0.", "rpn.head.conv.")
        for place in range(4):
            for kind in ("inner_blocks", "layer_blocks"):
                old = old.replace(f"fpn.{kind}.{place}.0.", f"fpn.{kind}.{place}.")
            old = old.replace(f"mask_head.{place}.0.", f"mask_head.mask_fcn{place + 1}.")
        renamed[old] = value
    assert sum(name not in state for name in renamed) == 2 + 16 + 8
    again = model_of(loaded(saved(renamed, tmp_path), ()), score=None).state_dict()
    for name, value in state.items():
        torch.testing.assert_close(again[name], value)


def test_a_training_checkpoint_of_several_gpus_is_read(
    small: dict[str, Tensor], tmp_path: Path
) -> None:
    checkpoint = {
        "model": {f"module.{name}": value for name, value in small.items()},
        "optimizer": {"state": {}, "param_groups": []},
        "args": argparse.Namespace(lr=0.02, data_path="/coco", aspect_ratio_group_factor=3),
        "epoch": 3,
    }  # as torchvision's training script writes it
    found = loaded(saved(checkpoint, tmp_path), ("cat", "dog"))
    assert (found.builder, found.n_labels, found.classes.names) == (SMALL, 3, ("cat", "dog"))
    model_of(found, score=None)


def test_what_a_script_was_told_may_not_be_made_by_a_call(
    small: dict[str, Tensor], tmp_path: Path
) -> None:
    class Told:
        def __reduce__(self) -> object:
            return argparse.Namespace, ()

    with pytest.raises(AppError, match="wants to call Namespace"):
        loaded(saved({"model": small, "args": Told()}, tmp_path), ())


def test_half_precision_becomes_full(small: dict[str, Tensor], tmp_path: Path) -> None:
    half = {
        name: value.half() if value.is_floating_point() else value for name, value in small.items()
    }
    model = model_of(loaded(saved(half, tmp_path), ()), score=None)
    assert {one.dtype for one in model.parameters()} == {torch.float32}


def test_what_does_not_fit_is_named(small: dict[str, Tensor], tmp_path: Path) -> None:
    missing = {name: value for name, value in small.items() if name != "rpn.head.cls_logits.bias"}
    with pytest.raises(AppError, match=r"cls_logits\.bias is missing"):
        model_of(loaded(saved(missing, tmp_path), ()), score=None)
    extra = {**small, "roi_heads.keypoint_predictor.weight": torch.zeros(3)}
    with pytest.raises(AppError, match=r"keypoint_predictor\.weight has no place"):
        model_of(loaded(saved(extra, tmp_path), ()), score=None)
    misshapen = {**small, "roi_heads.box_head.fc6.bias": torch.zeros(7)}
    with pytest.raises(AppError, match=r"fc6\.bias.*torch\.Size\(\[7\]\)"):
        model_of(loaded(saved(misshapen, tmp_path), ()), score=None)


def test_numbers_that_are_not_finite_are_refused(small: dict[str, Tensor], tmp_path: Path) -> None:
    broken = {**small, "roi_heads.box_head.fc6.bias": torch.full((1024,), torch.nan)}
    with pytest.raises(AppError, match="not finite, in roi_heads"):
        model_of(loaded(saved(broken, tmp_path), ()), score=None)


@pytest.mark.parametrize("shape", [(), (0, 1024), (1, 1024), (1 << 40, 0)])
def test_a_layer_of_impossible_classes_ends_in_a_sentence(
    shape: tuple[int, ...], small: dict[str, Tensor], tmp_path: Path
) -> None:
    """The last asks for a model that no memory has room for."""
    name = "roi_heads.box_predictor.cls_score.weight"
    torch.save({**small, name: torch.zeros(shape)}, tmp_path / "a.pth")
    with pytest.raises(AppError, match=r"a\.pth"):
        model_of(loaded(str(tmp_path / "a.pth"), ()), score=None)


def test_another_backbone_is_refused_with_those_that_are_read() -> None:
    with torch.device("meta"):
        state = made("maskrcnn_resnet50_fpn").state_dict()
        deeper = {**state, "backbone.body.layer3.6.conv1.weight": torch.zeros(1)}
    with pytest.raises(AppError, match="another backbone than those that are read"):
        builder_of(deeper, "own.pth")


def test_a_classifier_is_no_detector() -> None:
    with pytest.raises(AppError, match="no Mask R-CNN or Faster R-CNN"):
        builder_of({"fc.weight": torch.zeros(3)}, "own.pth")


def test_cocos_ids_become_its_eighty_classes_without_gaps() -> None:
    classes = classes_of("own.pth", 91, (), is_coco=True)
    assert classes.names == COCO_CLASSES
    assert tuple(COCO[label] for label in classes.labels) == COCO_CLASSES
    assert classes.note == ""


def test_a_file_with_as_many_classes_as_coco_is_taken_for_coco_and_said() -> None:
    assert "taken to be COCO's" in classes_of("own.pth", 91, (), is_coco=False).note
    given = tuple(f"name {number}" for number in range(80))
    of_classes = classes_of("own.pth", 91, given, is_coco=False)
    assert (of_classes.names, of_classes.labels[11]) == (given, 13)  # 12 is no class of COCO's
    all_ids = tuple(f"name {number}" for number in range(90))
    assert classes_of("own.pth", 91, all_ids, is_coco=False).labels == tuple(range(1, 91))


def test_names_are_of_classes_without_background() -> None:
    classes = classes_of("own.pth", 3, ("cat", "dog"), is_coco=False)
    assert (classes.names, classes.labels, classes.note) == (("cat", "dog"), (1, 2), "")
    with pytest.raises(AppError, match="2 classes beside background, but 3 names were given"):
        classes_of("own.pth", 3, ("background", "cat", "dog"), is_coco=False)


def test_classes_that_nothing_names_are_numbered() -> None:
    classes = classes_of("own.pth", 3, (), is_coco=False)
    assert classes.names == ("class 1", "class 2")
    assert not classes.are_named
    assert "class 1 to class 2" in classes.note
