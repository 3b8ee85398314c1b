"""Convolutions on a CPU that add their bias, a sum and a ReLU while they write their outputs.

torch has these operators of oneDNN for its compiler. On one thread they spare another thing, too:
torch's usual convolution then goes a slow way in most layers.
"""

import torch
from torch import Tensor, nn

_NAME = "_convolution_pointwise"


def can_be_fused() -> bool:
    """Whether this torch has such operators."""
    return torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, _NAME)


class FusedConv(nn.Module):
    """What a convolution computes in float32 on a CPU, for detection only."""

    def __init__(self, conv: nn.Conv2d, *, relu: bool) -> None:
        super().__init__()
        weight = conv.weight.detach().contiguous(memory_format=torch.channels_last)
        self._weights = weight, None if conv.bias is None else conv.bias.detach()
        self._geometry = conv.padding, conv.stride, conv.dilation, conv.groups
        self._relu = relu

    def forward(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """x (N, C, H, W), best with channels last, convolved; what is added to it, of the result's
        shape, is overwritten with the result."""
        one_dnn, relu = torch.ops.mkldnn, "relu" if self._relu else None
        result: Tensor
        if added is None:
            result = one_dnn._convolution_pointwise(
                x, *self._weights, *self._geometry, relu or "none", [], ""
            )
        else:
            result = one_dnn._convolution_pointwise_.binary(
                added, x, *self._weights, *self._geometry, "add", 1.0, relu, [], ""
            )
        return result
