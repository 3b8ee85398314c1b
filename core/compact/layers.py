"""Convolutions, norms and linear layers as nodes of a graph."""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from core.compact.precision import Floats, InFloats, Precision
from core.maskrcnn.layers import Conv, FrozenBatchNorm
from core.onnx_file import Graph, Value


class Layers:
    """Puts layers of a model into a graph.

    Names are those of the model; a layer that is used on several levels is there once.
    """

    def __init__(self, graph: Graph, precision: Precision) -> None:
        self.graph = graph
        self.precision = precision
        self._exact = InFloats(graph)

    def conv(
        self, x: Value, conv: nn.Conv2d, name: str, *, level: str = "", relu: bool = True
    ) -> Value:
        """A convolution, its norm and its ReLU.

        Args:
            x: (N, C, H, W).
            conv: one whose norm, if it is a batch norm, is folded into its weights here.
            name: of its parameters.
            level: tells its uses apart, where there are several.
            relu: False leaves out its ReLU: it comes after a sum.
        """
        out = self._convolved(x, conv, name, self.precision)
        norm = getattr(conv, "norm", None)
        if isinstance(norm, nn.GroupNorm):
            out = self._group_norm(out, norm)
        if relu and isinstance(conv, Conv) and conv.relu:
            out = self.graph.node("Relu", out)
        return self.precision.activation(out, f"{name}{level}")

    def last_conv(self, x: Value, conv: nn.Conv2d, name: str) -> Value:
        """A convolution that answers: it always computes in floats."""
        return self._convolved(x, conv, name, self._exact)

    def deconv(self, x: Value, deconv: nn.ConvTranspose2d, name: str) -> Value:
        """A transposed convolution and a ReLU; in floats, as runtimes have none in 8 bits."""
        weight, bias = _floats(deconv.weight), _floats(_there(deconv.bias))
        constants = (
            self.precision.weights(weight, f"{name}.weight", axis=1),
            self._exact.weights(bias, f"{name}.bias", axis=0),
        )
        (stride, _), (kernel_h, kernel_w) = deconv.stride, deconv.kernel_size
        out = self.graph.node(
            "ConvTranspose", x, *constants,
            kernel_shape=(kernel_h, kernel_w), strides=(stride, stride),
        )  # fmt: skip
        return self.graph.node("Relu", out)

    def linear(self, x: Value, layer: nn.Linear, name: str) -> Value:
        """A linear layer and a ReLU."""
        out = self._linear(x, layer, name, self.precision)
        return self.precision.activation(self.graph.node("Relu", out), name)

    def last_linear(self, x: Value, layer: nn.Linear, name: str) -> Value:
        """A linear layer that answers: it always computes in floats."""
        return self._linear(x, layer, name, self._exact)

    def sum_of(self, first: Value, second: Value, name: str, *, relu: bool) -> Value:
        """Two activations added."""
        out = self.graph.node("Add", first, second)
        out = self.graph.node("Relu", out) if relu else out
        return self.precision.activation(out, name)

    def _convolved(self, x: Value, conv: nn.Conv2d, name: str, precision: Precision) -> Value:
        weight, bias = _folded(conv)
        of_layer = f"{name}.weight"
        constants = [precision.weights(weight, of_layer, axis=0)]
        if bias is not None:
            constants.append(precision.bias(bias, f"{name}.bias", source=x, of_layer=of_layer))
        (down, across), (pad_h, pad_w) = conv.stride, _pair(conv.padding)
        return self.graph.node(
            "Conv", x, *constants,
            kernel_shape=tuple(conv.kernel_size), strides=(down, across),
            pads=(pad_h, pad_w, pad_h, pad_w), group=conv.groups,
        )  # fmt: skip

    def _linear(self, x: Value, layer: nn.Linear, name: str, precision: Precision) -> Value:
        of_layer = f"{name}.weight"
        # One row an input, as then it needs no turning where it computes in 8 bits.
        weight = precision.weights(_floats(layer.weight).T, of_layer, axis=1)
        bias = precision.bias(_floats(layer.bias), f"{name}.bias", source=x, of_layer=of_layer)
        return self.graph.node("Gemm", x, weight, bias)

    def _group_norm(self, x: Value, norm: nn.GroupNorm) -> Value:
        """Wu 2018, as an instance norm of the groups: what the opset has."""
        graph, groups = self.graph, norm.num_groups
        shape = graph.node("Shape", x)
        grouped = graph.node("Reshape", x, graph.constant([0, groups, -1]))
        ones, zeros = np.ones(groups), np.zeros(groups)
        normed = graph.node(
            "InstanceNormalization", grouped, graph.constant(ones, "float32"),
            graph.constant(zeros, "float32"), epsilon=float(norm.eps),
        )  # fmt: skip
        normed = graph.node("Reshape", normed, shape)
        by_channel = (1, -1, 1, 1)
        scaled = graph.node("Mul", normed, graph.constant(_floats(norm.weight).reshape(by_channel)))
        return graph.node("Add", scaled, graph.constant(_floats(norm.bias).reshape(by_channel)))


def _folded(conv: nn.Conv2d) -> tuple[Floats, Floats | None]:
    """Weights and bias of a convolution and the batch norm behind it, if there is one."""
    weight = conv.weight.detach().cpu().double()
    bias = None if conv.bias is None else conv.bias.detach().cpu().double()
    norm = getattr(conv, "norm", None)
    if isinstance(norm, FrozenBatchNorm | nn.BatchNorm2d):
        # In float64, as two roundings would be a third.
        gain, shift, mean, variance = (
            cast(Tensor, value).detach().cpu().double()
            for value in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        )
        scale = gain / torch.sqrt(variance + norm.eps)
        bias = shift - mean * scale if bias is None else shift + (bias - mean) * scale
        weight = weight * scale.view(-1, 1, 1, 1)
    return _floats(weight), None if bias is None else _floats(bias)


def _floats(value: Tensor) -> Floats:
    found: Floats = value.detach().cpu().float().contiguous().numpy()
    return found


def _there(value: Tensor | None) -> Tensor:
    assert value is not None
    return value


def _pair(padding: str | tuple[int, ...]) -> tuple[int, int]:
    assert isinstance(padding, tuple)
    return padding[0], padding[1]
