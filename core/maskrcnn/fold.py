"""A model that detects faster: batch norms folded into convolutions, channels last in memory."""

import copy
from typing import cast

import torch
from torch import Tensor, nn

from core.maskrcnn.fused_conv import FusedConv, can_be_fused
from core.maskrcnn.layers import Conv, FrozenBatchNorm
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.winograd import WinogradConv

_FEWEST_CHANNELS = 128  # fewer are as quick the plain way


def folded(model: MaskRCNN) -> MaskRCNN:
    """A copy for detection only, quicker on every device; boxes move by 0.02 px at most.

    Its norms are those of a model that does not learn; group norms stay. It is neither for
    training nor for writing.
    """
    copied = copy.deepcopy(model).eval()
    for module in copied.modules():
        if isinstance(module, Conv) and isinstance(module.norm, FrozenBatchNorm | nn.BatchNorm2d):
            _fold(module, module.norm)
    for parameter in copied.parameters():
        parameter.requires_grad = False
    copied.memory_format = torch.channels_last
    return copied.to(memory_format=torch.channels_last)


def quickened(model: MaskRCNN, device: str) -> MaskRCNN:
    """The folded copy as this kind of device computes it quickest; it is still on its own."""
    copied = folded(model)
    if device != "cpu":
        return copied
    for module in list(copied.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Conv2d):
                setattr(module, name, _quick_on_cpu(child))
    _flatten_as_it_lies(copied.roi_heads.box_head, copied.settings.box_pooler_resolution)
    return copied


def halved(model: MaskRCNN, dtype: torch.dtype = torch.float16) -> MaskRCNN:
    """This model with layers that compute in half precision; it is changed itself.

    What is near a decision stays in float32: pixels, anchors, boxes, probabilities, RoIAlign.
    """
    for part in (model.backbone, model.proposal_generator.rpn_head, model.roi_heads):
        part.to(dtype)
    model.precision = dtype
    return model


def _quick_on_cpu(conv: nn.Conv2d) -> nn.Module:
    if getattr(conv, "norm", None) is not None:
        return conv
    relu = isinstance(conv, Conv) and conv.relu
    is_plain = conv.kernel_size == (3, 3) and conv.stride == (1, 1) and conv.groups == 1
    if is_plain and conv.in_channels >= _FEWEST_CHANNELS:
        return WinogradConv(conv, relu=relu)
    return FusedConv(conv, relu=relu) if can_be_fused() else conv


class _FlattenChannelsLast(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


def _flatten_as_it_lies(box_head: nn.Module, side: int) -> None:
    """Has the first linear layer take features with channels last, so that none are moved."""
    first = getattr(box_head, "fc1", None)
    if isinstance(first, nn.Linear):
        weight = first.weight.view(first.out_features, -1, side, side)
        weight = weight.permute(0, 2, 3, 1).flatten(1).contiguous()
        first.weight = nn.Parameter(weight, requires_grad=False)
        box_head.flatten = _FlattenChannelsLast()


def _fold(conv: Conv, norm: FrozenBatchNorm | nn.BatchNorm2d) -> None:
    # In float64, as two roundings would be a third; on the CPU, as not every device has float64.
    def exact(value: Tensor) -> Tensor:
        return value.detach().cpu().double()

    mean, variance = exact(cast(Tensor, norm.running_mean)), exact(cast(Tensor, norm.running_var))
    scale = exact(norm.weight) / torch.sqrt(variance + norm.eps)
    bias = torch.zeros_like(mean) if conv.bias is None else exact(conv.bias)
    shift = exact(norm.bias) + (bias - mean) * scale
    conv.bias = nn.Parameter(shift.to(conv.weight))
    conv.weight = nn.Parameter((exact(conv.weight) * scale.view(-1, 1, 1, 1)).to(conv.weight))
    conv.norm = None
