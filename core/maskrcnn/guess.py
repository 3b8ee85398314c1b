"""How a model is built that no config goes with, from the names and shapes of its weights."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from core.errors import AppError
from core.maskrcnn.fit import kind_of_model, norm_in
from core.maskrcnn.settings import ModelSettings, standard_settings
from core.wording import listed

_BLOCKS_OF_RES4 = {(False, 2): 18, (False, 6): 34, (True, 6): 50, (True, 23): 101, (True, 36): 152}
"""(whether blocks are bottlenecks, blocks in res4) to ResNet's depth."""
_BOTTOM = "backbone.bottom_up."
_CLASSES = "roi_heads.box_predictor.cls_score.weight"
_BOXES = "roi_heads.box_predictor.bbox_pred.weight"
_MASKS = "roi_heads.mask_head.predictor.weight"
_ANCHORS = "proposal_generator.rpn_head.objectness_logits.weight"
_USUAL_ANCHORS = 3


class HasShape(Protocol):
    """A tensor or an array."""

    @property
    def shape(self) -> tuple[int, ...]: ...


def guessed_settings(state: Mapping[str, HasShape]) -> ModelSettings:
    """The profile of detectron2's published models, with the sizes that these weights have.

    Where the stride sits, the order and mean of the colours, the anchors and the test size cannot
    be told from weights: they are as in the published ResNet models, or, with groups, ResNeXt's.
    Published models with group norms have the stride in the 3x3, as ResNeXt's do.

    Raises:
        AppError: the weights are not of a Mask R-CNN or Faster R-CNN with FPN.
    """
    kind = kind_of_model(list(state))
    if kind:
        raise AppError(
            "These weights are not of a Mask R-CNN or Faster R-CNN with FPN as detectron2 names"
            f" its parameters: they are of {kind}. Choose other weights."
        )
    try:
        return _guessed(state)
    except (KeyError, IndexError, ZeroDivisionError) as error:
        asked_for = error.args[0] if isinstance(error, KeyError) else None
        missing = asked_for if isinstance(asked_for, str) else f"a ResNet ({_BOTTOM}res2 to res5)"
        raise AppError(
            "These weights are not of a Mask R-CNN or Faster R-CNN with FPN as detectron2 names"
            f" its parameters: {missing} is missing. They have {listed(tuple(state))}."
            " Choose other weights, or give their config.yaml."
        ) from error


def _guessed(state: Mapping[str, HasShape]) -> ModelSettings:
    is_bottleneck = f"{_BOTTOM}res2.0.conv3.weight" in state
    last_conv = "conv3" if is_bottleneck else "conv2"
    n_blocks = _count(state, r"backbone\.bottom_up\.res4\.\d+\.conv1\.weight")
    depth = _BLOCKS_OF_RES4[is_bottleneck, n_blocks]
    classes = state[_CLASSES].shape[0] - 1
    middle = state[f"{_BOTTOM}res2.0.conv2.weight"].shape
    groups = middle[0] // middle[1] if is_bottleneck else 1
    norm = _norm(state, _BOTTOM)
    fpn_channels = state["backbone.fpn_output2.weight"].shape[0]
    _check_anchors(state)
    settings = replace(
        standard_settings(depth, num_classes=classes, mask_on=_MASKS in state),
        stem_channels=state[f"{_BOTTOM}stem.conv1.weight"].shape[0],
        res2_channels=state[f"{_BOTTOM}res2.0.{last_conv}.weight"].shape[0],
        groups=groups,
        width_per_group=middle[1] if is_bottleneck else 64,
        backbone_norm=norm,
        stride_in_1x1=groups == 1 and norm != "GN",
        fpn_channels=fpn_channels,
        fpn_norm=_norm(state, "backbone.fpn_"),
        rpn_conv_dims=_rpn_convs(state, fpn_channels),
        **_box_head(state, fpn_channels, classes),
    )
    if _MASKS in state:
        settings = replace(settings, **_mask_head(state, classes))
    if groups > 1:
        # detectron2's X101: trained with Caffe2 in PyTorch's layout of strides.
        settings = replace(settings, pixel_std=(57.375, 57.12, 58.395))
    return settings


def _norm(state: Mapping[str, HasShape], part: str) -> str:
    """The norm of a part. A frozen one and one that learns have the same names, but for a count."""
    norm = norm_in(state, part) or ""
    is_counted = any(
        name.startswith(part) and name.endswith(".num_batches_tracked") for name in state
    )
    return "FrozenBN" if norm == "BN" and not is_counted else norm


def _check_anchors(state: Mapping[str, HasShape]) -> None:
    n_anchors = state[_ANCHORS].shape[0]
    if n_anchors != _USUAL_ANCHORS:
        raise AppError(
            f"These weights have {n_anchors} anchors a place, where the published models have"
            f" {_USUAL_ANCHORS}, and weights do not tell their sizes. Give their config.yaml, or"
            " put it beside them."
        )


def _rpn_convs(state: Mapping[str, HasShape], channels: int) -> tuple[int, ...]:
    start = "proposal_generator.rpn_head.conv"
    names = [f"{start}.weight"]
    if names[0] not in state:
        n_convs = _count(state, rf"{re.escape(start)}\.conv\d+\.weight")
        names = [f"{start}.conv{place}.weight" for place in range(max(n_convs, 1))]
    widths = [state[name].shape[0] for name in names]
    before = [channels, *widths]
    # -1: as many as come in
    return tuple(-1 if w == b else w for w, b in zip(widths, before, strict=False))


def _box_head(state: Mapping[str, HasShape], channels: int, classes: int) -> dict[str, Any]:
    start = "roi_heads.box_head."
    n_convs = _count(state, r"roi_heads\.box_head\.conv\d+\.weight")
    n_fcs = _count(state, r"roi_heads\.box_head\.fc\d+\.weight")
    found: dict[str, Any] = {
        "box_num_conv": n_convs,
        "box_num_fc": n_fcs,
        "box_norm": _norm(state, start),
        "box_is_class_agnostic": state[_BOXES].shape[0] == 4 and classes != 1,
    }
    if n_convs:
        channels = found["box_conv_dim"] = state[f"{start}conv{n_convs}.weight"].shape[0]
    # what the first layer takes that has no place any more: all places of all channels
    first = f"{start}fc1.weight" if n_fcs else _CLASSES
    found["box_pooler_resolution"] = round((state[first].shape[1] / channels) ** 0.5)
    if n_fcs:
        found["box_fc_dim"] = state[f"{start}fc1.weight"].shape[0]
    return found


def _mask_head(state: Mapping[str, HasShape], classes: int) -> dict[str, Any]:
    masks = state[_MASKS].shape
    return {
        "mask_conv_dim": masks[1],
        "mask_num_conv": _count(state, r"roi_heads\.mask_head\.mask_fcn\d+\.weight"),
        "mask_norm": _norm(state, "roi_heads.mask_head."),
        "mask_is_class_agnostic": masks[0] == 1 and classes != 1,
    }


def _count(state: Mapping[str, HasShape], pattern: str) -> int:
    return sum(1 for key in state if re.fullmatch(pattern, key))


def sentence_about_guess(file_name: str, settings: ModelSettings) -> str:
    """What guessed_settings assumed of the weights in this file, for the user."""
    profile = f"{'X' if settings.groups > 1 else 'R'}{settings.depth}"
    return (
        f"No config.yaml goes with {file_name}, and weights alone do not tell everything:"
        f" detectron2's {profile}-FPN profile is assumed (short side 800, anchors 32 to 512, BGR,"
        f" stride in the {'1x1' if settings.stride_in_1x1 else '3x3'} convolution). If they were"
        " trained otherwise, name their config.yaml, or put it beside them."
    )
