import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.atomic import TEMPORARY_SUFFIX
from core.errors import AppError
from core.maskrcnn.checkpoint import (
    WeightsFile,
    load_into,
    read_weights,
    start_from,
    write_checkpoint,
)
from core.maskrcnn.config import small_settings
from core.maskrcnn.model import MaskRCNN

NAMES = ("hat", "shoe", "coat")
CLS = "roi_heads.box_predictor.cls_score.weight"
BOX = "roi_heads.box_predictor.bbox_pred.weight"
MASK = "roi_heads.mask_head.predictor.weight"


def _model(num_classes=3, seed=0, **changes):
    torch.manual_seed(seed)
    return MaskRCNN(replace(small_settings(num_classes), **changes))


def _weights(model, **changes):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    return WeightsFile(Path("some.pth"), {**state, **changes})


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path):
    model = _model().train()
    model.backbone(torch.randn(1, 3, 64, 64))  # so that the norms have statistics of their own
    path = tmp_path / "model.pth"
    write_checkpoint(path, model, iteration=42, class_names=NAMES, extras={"engine": "maskrcnn"})
    found = read_weights(path)
    assert (found.iteration, found.class_names) == (42, NAMES)
    assert found.extras == {"engine": "maskrcnn"}
    other = _model(seed=1)
    load_into(other, found)
    mine, theirs = model.state_dict(), other.state_dict()
    assert all(
        torch.equal(value, theirs[name])
        for name, value in mine.items()
        if not name.endswith("num_batches_tracked")
    )


def test_a_checkpoint_has_detectron2s_layout(tmp_path):
    write_checkpoint(tmp_path / "m.pth", _model(), iteration=3, class_names=NAMES)
    content = torch.load(tmp_path / "m.pth", weights_only=True)
    assert content["iteration"] == 3
    assert content["class_names"] == list(NAMES)
    assert set(content["model"]) == set(_model().state_dict())


def test_names_of_the_golden_checkpoint_are_the_models_own(golden, golden_settings):
    theirs = torch.load(golden / "mask_rcnn_tiny.pth", weights_only=True)["model"]
    mine = MaskRCNN(golden_settings("mask_rcnn_tiny")).state_dict()
    assert {name: value.shape for name, value in mine.items()} == {
        name: value.shape for name, value in theirs.items()
    }


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "model.pth"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(AppError, match="the disk is full"):
        write_checkpoint(path, _model(), iteration=0, class_names=NAMES)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_is_said_in_words_whatever_torch_makes_of_it(tmp_path, monkeypatch):
    def full(_content, file):
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            raise RuntimeError("[enforce fail at inline_container.cc:671] . unexpected pos")  # noqa: B904 - as torch does

    monkeypatch.setattr("torch.save", full)
    folder = tmp_path / f"new{TEMPORARY_SUFFIX}"
    folder.mkdir()
    with pytest.raises(AppError, match=r"^m\.pth was not saved: the disk is full; make room"):
        write_checkpoint(folder / "m.pth", _model(), iteration=0, class_names=NAMES)
    assert list(folder.iterdir()) == []


def test_a_checkpoint_into_no_folder_is_said(tmp_path):
    with pytest.raises(AppError, match="was not saved"):
        write_checkpoint(tmp_path / "no" / "m.pth", _model(), iteration=0, class_names=NAMES)


def test_missing_parameters_are_named():
    weights = _weights(_model())
    state = {key: value for key, value in weights.state.items() if "fc1" not in key}
    with pytest.raises(AppError, match=r"fc1\.weight, roi_heads\.box_head\.fc1\.bias missing"):
        load_into(_model(), replace(weights, state=state))


def test_parameters_of_another_shape_are_named():
    with pytest.raises(AppError, match=r"cls_score\.weight is 6x64 and should be 4x64"):
        load_into(_model(3), _weights(_model(5)))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_named(bad):
    value = torch.zeros(4, 64)
    value[1, 2] = bad
    with pytest.raises(AppError, match=r"not finite \(in roi_heads\.box_predictor\.cls_score"):
        load_into(_model(), _weights(_model(), **{CLS: value}))


def test_weights_that_do_not_fit_leave_the_model_alone():
    model = _model(seed=1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(AppError):
        load_into(model, _weights(_model(5)))
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())


def test_frozen_norms_without_statistics_are_the_identity():
    weights = _weights(_model())
    state = {key: value for key, value in weights.state.items() if "running" not in key}
    model = _model(backbone_norm="FrozenBN")
    load_into(model, replace(weights, state=state))
    norm = model.backbone.bottom_up.stem.conv1.norm
    assert norm.running_var.tolist() == [1.0] * 16
    assert norm.running_mean.tolist() == [0.0] * 16


def test_group_norms_are_not_taken_for_batch_norms_that_lack_their_statistics():
    wide = {"stem_channels": 32, "width_per_group": 32}
    weights = _weights(_model(**wide, backbone_norm="GN"))
    with pytest.raises(AppError, match=r"have group norms \(GN\), and MODEL\.RESNETS\.NORM asks"):
        load_into(_model(**wide, backbone_norm="SyncBN"), weights)


def test_what_the_model_has_no_use_for_is_told():
    unused = load_into(_model(mask_on=False), _weights(_model()))
    assert MASK in unused
    assert all("mask_head" in name or "num_batches" in name for name in unused)


def test_classes_start_from_those_of_their_name():
    trained, model = _model(3, seed=1), _model(2, seed=2)
    fresh = {name: value.clone() for name, value in model.state_dict().items()}
    note = start_from(
        model, _weights(trained), weights_class_names=NAMES, class_names=("coat", "scarf")
    )
    mine, theirs = model.state_dict(), trained.state_dict()
    assert torch.equal(mine[CLS][0], theirs[CLS][2])
    assert torch.equal(mine[CLS][1], fresh[CLS][1])
    assert torch.equal(mine[CLS][2], theirs[CLS][3])  # background is the last of both
    assert torch.equal(mine[BOX][:4], theirs[BOX][8:12])
    assert torch.equal(mine[BOX][4:], fresh[BOX][4:])
    assert torch.equal(mine[MASK][0], theirs[MASK][2])
    assert torch.equal(mine[MASK][1], fresh[MASK][1])
    stem = "backbone.bottom_up.stem.conv1.weight"
    assert torch.equal(mine[stem], theirs[stem])
    assert "scarf" in note
    assert "coat" not in note


def test_the_same_classes_in_another_order_are_put_in_order():
    trained, model = _model(3, seed=1), _model(3, seed=2)
    names = ("shoe", "coat", "hat")
    assert not start_from(model, _weights(trained), weights_class_names=NAMES, class_names=names)
    mine, theirs = model.state_dict(), trained.state_dict()
    assert torch.equal(mine[CLS], theirs[CLS][[1, 2, 0, 3]])


def test_as_many_classes_without_names_are_not_taken_for_the_same():
    trained, model = _model(3, seed=1), _model(3, seed=2)
    fresh = model.state_dict()[CLS][:3].clone()
    note = start_from(model, _weights(trained), weights_class_names=(), class_names=NAMES)
    assert torch.equal(model.state_dict()[CLS][:3], fresh)
    assert "hat, shoe, coat" in note


def test_layers_that_the_weights_lack_are_told():
    trained, model = _model(3, mask_on=False), _model(3, seed=2)
    note = start_from(model, _weights(trained), weights_class_names=NAMES, class_names=NAMES)
    assert "mask_head" in note


def test_weights_of_which_nothing_fits_are_refused():
    weights = WeightsFile(Path("other.pth"), {"a": torch.ones(3)})
    with pytest.raises(AppError, match=r"Nothing in other\.pth fits"):
        start_from(_model(), weights, weights_class_names=(), class_names=NAMES)


def test_starting_from_numbers_that_are_not_finite_is_refused():
    weights = _weights(_model(), **{CLS: torch.full((4, 64), float("nan"))})
    with pytest.raises(AppError, match="not finite"):
        start_from(_model(), weights, weights_class_names=NAMES, class_names=NAMES)
