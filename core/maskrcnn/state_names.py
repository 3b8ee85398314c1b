"""Names of parameters as files have them, brought to those that they have in detectron2."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

_WRAPPERS = ("module.", "model.", "_orig_mod.", "_model.", "net.", "detector.", "model_ema.")
_TEACHER, _STUDENT = "modelTeacher.", "modelStudent."
"""Of semi-supervised training: the teacher is the one that predicts."""
_MOST_WRAPPERS = 8
"""One in another; without a bound a long name would be shortened without end."""
_WHOLE = ("backbone.", "proposal_generator.", "roi_heads.")
_PLACES = (
    (re.compile(r"(stem|res[2-5])\."), "backbone.bottom_up."),
    (re.compile(r"bottom_up\.|fpn_(lateral|output)[2-5]\."), "backbone."),
    (re.compile(r"rpn_head\."), "proposal_generator."),
    (re.compile(r"(box_head|box_predictor|mask_head|keypoint_head)\."), "roi_heads."),
    (re.compile(r"(cls_score|bbox_pred)\."), "roi_heads.box_predictor."),
)
"""How names begin that lack their beginning, and what they lack."""
_CAFFE2 = re.compile(
    r"res\d+_\d+_branch\d[abc]?_|(res_)?conv1_(w|b|bn_|gn_)|fpn_(inner_)?res\d|fc6_w$"
)
_OF_BLOCK = {"branch1": "shortcut", "branch2a": "conv1", "branch2b": "conv2", "branch2c": "conv3"}
_LAYERS = (
    (re.compile(r"(?:res_)?conv1"), "backbone.bottom_up.stem.conv1"),
    (re.compile(r"fpn_inner_res(\d)_\d+_sum(?:_lateral)?"), r"backbone.fpn_lateral\1"),
    (re.compile(r"fpn_res(\d)_\d+_sum"), r"backbone.fpn_output\1"),
    (re.compile(r"conv_rpn(?:_fpn2)?"), "proposal_generator.rpn_head.conv"),
    (re.compile(r"rpn_cls_logits(?:_fpn2)?"), "proposal_generator.rpn_head.objectness_logits"),
    (re.compile(r"rpn_bbox_pred(?:_fpn2)?"), "proposal_generator.rpn_head.anchor_deltas"),
    (re.compile(r"fc6"), "roi_heads.box_head.fc1"),
    (re.compile(r"fc7"), "roi_heads.box_head.fc2"),
    (re.compile(r"head_conv(\d)"), r"roi_heads.box_head.conv\1"),
    (re.compile(r"cls_score"), "roi_heads.box_predictor.cls_score"),
    (re.compile(r"bbox_pred"), "roi_heads.box_predictor.bbox_pred"),
    (re.compile(r"_\[mask\]_fcn(\d)"), r"roi_heads.mask_head.mask_fcn\1"),
    (re.compile(r"conv5_mask"), "roi_heads.mask_head.deconv"),
    (re.compile(r"mask_fcn_logits"), "roi_heads.mask_head.predictor"),
    (re.compile(r"conv_fcn(\d)"), r"roi_heads.keypoint_head.conv_fcn\1"),
    (re.compile(r"kps_score(_lowres)?"), r"roi_heads.keypoint_head.score\1"),
)
"""Layers of Detectron, in Caffe2, and of detectron2."""
_PARTS = {
    "w": "weight", "b": "bias",
    "bn_s": "norm.weight", "bn_b": "norm.bias", "gn_s": "norm.weight", "gn_b": "norm.bias",
    "bn_rm": "norm.running_mean", "bn_riv": "norm.running_var",
    "bn_gamma": "norm.weight", "bn_beta": "norm.bias",
    "bn_running_mean": "norm.running_mean", "bn_running_var": "norm.running_var",
}  # fmt: skip
_PART = re.compile(rf"(.+?)_({'|'.join(sorted(_PARTS, key=len, reverse=True))})")
_BLOCK = re.compile(r"res(\d)_(\d+)_(branch\d[abc]?)")
_BACKGROUND_FIRST = {
    "roi_heads.box_predictor.cls_score": 1,
    "roi_heads.box_predictor.bbox_pred": 4,
    "roi_heads.mask_head.predictor": 1,
}
"""Layers of Detectron's whose first rows are the background's, and how many."""


T = TypeVar("T")


def without_wrappers(state: Mapping[str, T]) -> dict[str, T]:
    """The same without what training wrapped the model in: module., model., _orig_mod. ..."""
    for _ in range(_MOST_WRAPPERS):
        inner = _without_one(state)
        if inner is None:
            break
        state = inner
    return dict(state)


def _without_one(state: Mapping[str, T]) -> dict[str, T] | None:
    """The same without the outermost wrapper; None where there is none."""
    if any(name.startswith(_TEACHER) for name in state):
        taught = {name: value for name, value in state.items() if name.startswith(_TEACHER)}
        return {name.removeprefix(_TEACHER): value for name, value in taught.items()}
    if any(name.startswith(_WHOLE) for name in state):
        return None
    for wrapper in _WRAPPERS:
        inner = {
            name.removeprefix(wrapper): value
            for name, value in state.items()
            if name.startswith(wrapper)
        }
        is_all = len(inner) == len(state)
        if inner and (is_all or any(name.startswith((*_WHOLE, *_WRAPPERS)) for name in inner)):
            return inner
    return None


def is_caffe2(names: Iterable[str]) -> bool:
    """Whether these are names of Detectron's, in Caffe2."""
    return any(_CAFFE2.match(name) for name in names)


def from_caffe2(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of Detectron's names with detectron2's; what only its training needs is left out.

    The names of layers are those of Detectron's own files (detectron/modeling); a layer that is
    not known keeps its name.
    """
    for name in names:
        if name.endswith("_momentum"):
            continue
        found = _PART.fullmatch(name)
        layer = _layer(found[1]) if found else ""
        yield name, f"{layer}.{_PARTS[found[2]]}" if found and layer else name


def _layer(name: str) -> str:
    if block := _BLOCK.fullmatch(name):
        return f"backbone.bottom_up.res{block[1]}.{block[2]}.{_OF_BLOCK[block[3]]}"
    for pattern, wanted in _LAYERS:
        if found := pattern.fullmatch(name):
            return found.expand(wanted)
    return ""


def rows_of_background(name: str) -> int:
    """How many rows of the background come first in this parameter of Detectron's."""
    return _BACKGROUND_FIRST.get(name.rpartition(".")[0], 0)


def in_place(state: Mapping[str, T]) -> dict[str, T]:
    """The same with the beginnings that names lack where a file holds a bare ResNet, or FPN."""
    if any(name.startswith(_WHOLE) for name in state):
        return dict(state)
    return {_place_of(name) + name: value for name, value in state.items()}


def _place_of(name: str) -> str:
    return next((place for start, place in _PLACES if start.match(name)), "")
