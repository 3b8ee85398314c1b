"""Checkpoints as they lie about: every layout, prefix and width of numbers."""

import pickle
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import AppError
from core.maskrcnn.checkpoint import fitting_model, load_into, read_weights, write_checkpoint
from core.maskrcnn.config import small_settings
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.source import guessed_settings

NAMES = ("hat", "shoe", "coat")
State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def state() -> State:
    """Of a small model, with statistics of its own, in detectron2's order."""
    torch.manual_seed(0)
    model = MaskRCNN(small_settings(3)).train()
    model.backbone(torch.randn(1, 3, 64, 64))
    own = {name: value.clone() for name, value in model.state_dict().items()}
    pyramid = {name: value for name, value in own.items() if name.startswith("backbone.fpn_")}
    return {**pyramid, **own}


def _arrays(state: State) -> dict[str, Any]:
    return {name: value.numpy() for name, value in state.items()}


def _saved(path: Path, content: Any, *, is_zip: bool = True) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    return path


def _pickled(path: Path, content: Any, protocol: int = 2) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


LAYOUTS = {
    "zoo": lambda path, state: _pickled(path, {"model": _arrays(state), "__author__": "me"}),
    "zoo of today": lambda path, state: _pickled(path, {"model": _arrays(state)}, 4),
    "zoo in text": lambda path, state: _pickled(path, {"model": _arrays(state)}, 0),
    "new": lambda path, state: _saved(path, {"model": state, "iteration": 9}),
    "old": lambda path, state: _saved(path, {"model": state, "iteration": 9}, is_zip=False),
    "bare": lambda path, state: _saved(path, OrderedDict(state)),
    "bare and old": lambda path, state: _saved(path, OrderedDict(state), is_zip=False),
    "parameters": lambda path, state: _saved(
        path,
        {
            n: torch.nn.Parameter(v, requires_grad=v.is_floating_point())
            for n, v in state.items()
        },
    ),
    "with optimizer": lambda path, state: _saved(
        path,
        {
            "model": state,
            "optimizer": {"state": {0: {"momentum_buffer": torch.ones(9)}}, "param_groups": [{}]},
            "scheduler": {"milestones": Counter([3, 3, 5])},
            "trainer": {"hooks": {"best": np.float64(3), "at": np.int64(4), "on": np.bool_(True)}},
            "seen": {1, 2},
            "size": torch.Size([1, 2]),
            "device": torch.device("cpu"),
            "dtype": torch.float16,
            "by": defaultdict(list, a=[1]),
        },
    ),
    "state_dict": lambda path, state: _saved(path, {"state_dict": state, "epoch": 3}),
    "state in a model": lambda path, state: _saved(path, {"model": {"state_dict": state}}),
    "arrays in torch's": lambda path, state: _saved(path, {"model": _arrays(state)}),
    "views": lambda path, state: _saved(
        path, {"model": {n: v.t() if v.dim() == 2 else v for n, v in state.items()}}
    ),
    **{
        prefix: lambda path, state, prefix=prefix: _saved(
            path, {"model": {prefix + n: v for n, v in state.items()}}
        )
        for prefix in ("module.", "model.", "_orig_mod.", "model.module.", "module._orig_mod.")
    },
    "a teacher and its student": lambda path, state: _saved(
        path,
        {
            "model": {
                **{f"modelStudent.{n}": v * 0 for n, v in state.items()},
                **{f"modelTeacher.{n}": v for n, v in state.items()},
            }
        },
    ),
    "with a loss beside": lambda path, state: _saved(
        path,
        {"state_dict": {"loss.a": torch.ones(2), **{f"model.{n}": v for n, v in state.items()}}},
    ),
    "with old buffers": lambda path, state: _saved(
        path,
        {
            "model": {
                "pixel_mean": torch.ones(3, 1, 1),
                "pixel_std": torch.ones(3, 1, 1),
                **state,
                "proposal_generator.anchor_generator.cell_anchors.0": torch.ones(3, 4),
            }
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_checkpoint_goes_in_and_comes_out_bit_for_bit(
    layout: str, state: State, tmp_path: Path
) -> None:
    weights = read_weights(LAYOUTS[layout](tmp_path / "theirs.pth", state))
    if layout == "views":  # they were saved turned, and are compared turned
        weights = type(weights)(
            weights.path,
            {n: v.t().contiguous() if v.dim() == 2 else v for n, v in weights.state.items()},
        )
    model = fitting_model(small_settings(3), weights)
    write_checkpoint(tmp_path / "ours.pth", model, iteration=9, class_names=NAMES)
    out = torch.load(tmp_path / "ours.pth", weights_only=True)["model"]
    assert list(out) == list(state)
    for name, value in state.items():
        assert out[name].dtype == value.dtype
        assert torch.equal(out[name], value), name


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("is_zip", [True, False])
def test_numbers_of_other_widths_become_four_bytes_each(
    dtype: torch.dtype, is_zip: bool, state: State, tmp_path: Path
) -> None:
    other = {n: v.to(dtype) if v.is_floating_point() else v for n, v in state.items()}
    found = read_weights(_saved(tmp_path / "a.pth", {"model": other}, is_zip=is_zip)).state
    assert all(
        torch.equal(found[name], value.to(found[name].dtype)) for name, value in other.items()
    )
    assert {value.dtype for value in found.values()} == {torch.float32, torch.int64}


def test_a_checkpoint_of_a_machine_of_the_other_byte_order_is_read(tmp_path: Path) -> None:
    whole = _saved(tmp_path / "a.pth", {"model": {"a": torch.tensor([1.5, -2.0])}})
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "b.pth", "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("/byteorder"):
                content = b"big"
            elif "/data/" in entry.filename:
                content = np.frombuffer(content, "<f4").astype(">f4").tobytes()
            new.writestr(entry.filename, content)
    assert read_weights(tmp_path / "b.pth").state["a"].tolist() == [1.5, -2.0]


def _in_caffe2(state: State) -> dict[str, Any]:
    """The same as Detectron would have written it, background first."""
    blobs: dict[str, Any] = {"lr": np.float32(0.1)}
    blocks = {"conv1": "branch2a", "conv2": "branch2b", "conv3": "branch2c", "shortcut": "branch1"}
    last = {"res2": 2, "res3": 3, "res4": 5, "res5": 2}
    layers = {
        "proposal_generator.rpn_head.conv": "conv_rpn_fpn2",
        "proposal_generator.rpn_head.objectness_logits": "rpn_cls_logits_fpn2",
        "proposal_generator.rpn_head.anchor_deltas": "rpn_bbox_pred_fpn2",
        "roi_heads.box_head.fc1": "fc6",
        "roi_heads.box_head.fc2": "fc7",
        "roi_heads.box_predictor.cls_score": "cls_score",
        "roi_heads.box_predictor.bbox_pred": "bbox_pred",
        "roi_heads.mask_head.deconv": "conv5_mask",
        "roi_heads.mask_head.predictor": "mask_fcn_logits",
        "backbone.bottom_up.stem.conv1": "conv1",
        **{f"roi_heads.mask_head.mask_fcn{n}": f"_[mask]_fcn{n}" for n in range(1, 5)},
    }
    for stage, block in last.items():
        inner = "_lateral" if stage != "res5" else ""
        layers[f"backbone.fpn_lateral{stage[3:]}"] = f"fpn_inner_{stage}_{block}_sum{inner}"
        layers[f"backbone.fpn_output{stage[3:]}"] = f"fpn_{stage}_{block}_sum"
    for name, value in state.items():
        if name.endswith(("num_batches_tracked", "running_mean", "running_var")):
            continue
        layer, _, part = name.rpartition(".")
        short = {"weight": "w", "bias": "b"}[part]
        if layer.endswith(".norm"):
            layer = layer.removesuffix(".norm")
            short = {"w": "bn_s", "b": "bn_b"}[short]
        parts = layer.split(".")
        blob = layers.get(layer) or f"{parts[2]}_{parts[3]}_{blocks[parts[4]]}"
        if blob == "conv1" and short.startswith("bn"):
            blob = "res_conv1"
        array = value.numpy()
        if blob == "cls_score":
            array = np.concatenate([array[-1:], array[:-1]])
        elif blob in ("bbox_pred", "mask_fcn_logits"):
            rows = 4 if blob == "bbox_pred" else 1
            array = np.concatenate([np.full_like(array[:rows], 7), array])
        blobs[f"{blob}_{short}"] = array
        blobs[f"{blob}_{short}_momentum"] = array * 0
    return blobs


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_a_model_of_detectron_in_caffe2_gets_detectron2s_names(
    is_wrapped: bool, state: State, tmp_path: Path
) -> None:
    blobs = _in_caffe2(state)
    content = {"blobs": blobs, "cfg": "MODEL: {}"} if is_wrapped else blobs
    weights = read_weights(_pickled(tmp_path / "model_final.pkl", content))
    model = MaskRCNN(small_settings(3))
    load_into(model, weights)
    for name, value in model.state_dict().items():
        if name.endswith("running_mean"):
            assert not value.any()
        elif name.endswith("running_var"):
            assert bool((value == 1).all())
        elif not name.endswith("num_batches_tracked"):
            assert torch.equal(value, state[name]), name
    assert guessed_settings(weights.state).backbone_norm == "FrozenBN"


@pytest.mark.parametrize(
    ("start", "place"),
    [
        ("stem.conv1", "backbone.bottom_up."),
        ("res2.0.conv1", "backbone.bottom_up."),
        ("bottom_up.stem.conv1", "backbone."),
        ("fpn_lateral2", "backbone."),
        ("rpn_head.conv", "proposal_generator."),
        ("box_head.fc1", "roi_heads."),
        ("cls_score", "roi_heads.box_predictor."),
    ],
)
def test_parameters_without_the_beginning_of_their_names_get_it(
    start: str, place: str, tmp_path: Path
) -> None:
    file = _saved(tmp_path / "a.pth", {f"{start}.weight": torch.ones(1)})
    assert list(read_weights(file).state) == [f"{place}{start}.weight"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "Keras"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        ((60).to_bytes(8, "little") + b'{"__metadata__":{}}' + bytes(99), "safetensors"),
        (b"\x1f\x8b\x08" + bytes(99), "unpack it first"),
        (b"a" * 257 + b"ustar" + bytes(99), "an archive"),
        (b"\x93NUMPY" + bytes(99), "a single array"),
    ],
)
def test_what_is_no_file_of_weights_is_told_by_its_kind(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(AppError, match=said):
        read_weights(tmp_path / "a.pth")
