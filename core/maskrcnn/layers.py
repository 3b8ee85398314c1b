"""Convolutions with a norm, the norms themselves, and how detectron2 initialises them."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.maskrcnn.settings import BATCH_NORMS


class FrozenBatchNorm(nn.Module):
    """A batch norm that never changes: its four vectors are buffers, not parameters."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        # So that a fresh one is the identity, eps included.
        self.register_buffer("running_var", torch.ones(channels) - eps)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, H, W), normalised."""
        if not x.requires_grad:
            return F.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        # F.batch_norm would keep what it needs for gradients of weight and bias; nobody wants them.
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.view(1, -1, 1, 1).to(x.dtype) + shift.view(1, -1, 1, 1).to(x.dtype)


BatchNorm = FrozenBatchNorm | nn.BatchNorm2d
"""What can be folded into the convolution before it, once it does not learn."""


def norm_of(name: str, channels: int) -> nn.Module | None:
    """The norm that detectron2 calls this; None for the empty name."""
    if name == "":
        return None
    if name == "GN":
        return nn.GroupNorm(32, channels)
    return nn.BatchNorm2d(channels) if name in BATCH_NORMS else FrozenBatchNorm(channels)


class Conv(nn.Conv2d):
    """A convolution, its norm (a child named norm, as in detectron2), and a ReLU where wanted."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        norm: str = "",
        bias: bool | None = None,
        relu: bool = False,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=groups,
            bias=norm == "" if bias is None else bias,
        )
        self.norm = norm_of(norm, out_channels)
        self.relu = relu

    def forward(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """x (N, C, H, W) convolved and normed, something of the same shape added, rectified."""
        x = super().forward(x)
        if self.norm is not None:
            x = self.norm(x)
        if added is not None:
            x += added
        return F.relu_(x) if self.relu else x


def fill_msra(layer: nn.Conv2d | nn.ConvTranspose2d) -> None:
    """He et al. 2015: normal, by the number of outputs. Bias 0."""
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    _zero(layer.bias)


def fill_xavier(layer: nn.Conv2d | nn.Linear) -> None:
    """What Caffe2 calls Xavier: uniform, by the number of inputs alone. Bias 0."""
    nn.init.kaiming_uniform_(layer.weight, a=1)
    _zero(layer.bias)


def fill_normal(layer: nn.Conv2d | nn.Linear, std: float) -> None:
    """Normal with this deviation. Bias 0."""
    nn.init.normal_(layer.weight, std=std)
    _zero(layer.bias)


def _zero(bias: Tensor | None) -> None:
    if bias is not None:
        nn.init.zeros_(bias)


def freeze(module: nn.Module) -> None:
    """Nothing in the module learns any more; batch norms become frozen ones."""
    for parameter in module.parameters():
        parameter.requires_grad = False
    for child in module.modules():
        norm = getattr(child, "norm", None)
        if isinstance(child, Conv) and isinstance(norm, nn.BatchNorm2d):
            child.norm = frozen(norm)


def frozen(norm: nn.BatchNorm2d) -> FrozenBatchNorm:
    """The frozen norm that computes what this one does when it does not learn."""
    result = FrozenBatchNorm(norm.num_features, norm.eps)
    result.weight = norm.weight.detach().clone()
    result.bias = norm.bias.detach().clone()
    result.running_mean = cast(Tensor, norm.running_mean).clone()
    result.running_var = cast(Tensor, norm.running_var).clone()
    # detectron2 keeps it too: a checkpoint has it wherever a batch norm was
    result.register_buffer("num_batches_tracked", cast(Tensor, norm.num_batches_tracked).clone())
    return result
