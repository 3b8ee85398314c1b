"""What a network in ONNX computes with: floats, or 8 bits where it was calibrated.

In 8 bits a value is `scale * (byte - zero)`: activations by their range on calibration images,
weights by output channel. Nodes that quantise and dequantise stand round each layer, and the
runtime makes whole-number arithmetic of them (Jacob 2018; ONNX's QDQ form).
"""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from core.maskrcnn.rounding import rounded
from core.onnx_file import Graph, Value

Floats: TypeAlias = npt.NDArray[np.float32]
Ranges: TypeAlias = Mapping[str, tuple[float, float]]
"""Lowest and highest of each activation, under the names that Observing gave out."""

_LARGEST = 63
"""Of weights. Processors without VNNI add two products in 16 bits, where 127 * 255 * 2 has no room;
measured on two small models, 7 bits find boxes as near to those in floats as 8 do."""


_FIRST = ("pixels", "backbone.bottom_up.stem.", "backbone.bottom_up.res2.")
"""Layers that compute in floats, their weights kept as halves: what goes wrong there goes through
all others. Measured on three trained models: boxes are nearer to those in floats by 44 % of an R50,
by 7 and 26 % of tiny ones. An R50 takes a tenth longer by it and is 0.2 MB larger."""
_LARGEST_HALF = 65_000.0


class Precision(Protocol):
    """How weights and activations are put into a graph."""

    def activation(self, value: Value, name: str) -> Value:
        """What a layer gives, as later layers see it. The name is that of the layer."""

    def same(self, value: Value, of: Value) -> Value:
        """What was only moved about and has the range of another activation."""

    def weights(self, values: Floats, name: str, *, axis: int) -> Value:
        """Numbers of a layer; axis is that of its outputs."""

    def bias(self, values: Floats, name: str, *, source: Value, of_layer: str) -> Value:
        """What a layer adds to its outputs."""


class InFloats:
    """32 bits a number, throughout."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kept: dict[str, Value] = {}

    def activation(self, value: Value, name: str) -> Value:
        """The value as it is."""
        return value

    def same(self, value: Value, of: Value) -> Value:
        """The value as it is."""
        return value

    def weights(self, values: Floats, name: str, *, axis: int) -> Value:
        """A constant of this name, kept once for all pyramid levels."""
        return self._constant(values, name)

    def bias(self, values: Floats, name: str, *, source: Value, of_layer: str) -> Value:
        """A constant of this name."""
        return self._constant(values, name)

    def _constant(self, values: Floats, name: str) -> Value:
        if name not in self._kept:
            self._kept[name] = self._graph.constant(values, "float32", name=name)
        return self._kept[name]


class Observing(InFloats):
    """Floats, and the range of every activation is let out: what calibration runs."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.names: list[str] = []
        """Of activations, in the order of the extra outputs: each has a lowest and a highest."""

    def activation(self, value: Value, name: str) -> Value:
        """The value as it is; its lowest and highest go out too."""
        graph = self._graph
        for end, kind in (("low", "ReduceMin"), ("high", "ReduceMax")):
            found = graph.node(kind, graph.node("Reshape", value, graph.constant([-1])), keepdims=0)
            graph.add_output(found, f"{end}:{name}", "float32", ())
        self.names.append(name)
        return value


class InEightBits(InFloats):
    """8 bits in all layers but the first."""

    def __init__(self, graph: Graph, ranges: Ranges) -> None:
        super().__init__(graph)
        self._ranges = ranges
        self._scales: dict[Value, tuple[float, int]] = {}
        self._weight_scales: dict[str, Floats] = {}

    def activation(self, value: Value, name: str) -> Value:
        """The value in 256 steps over its range, to which 0 belongs; of first layers as it is."""
        if name.startswith(_FIRST):
            return value
        low, high = (float(end) for end in self._ranges[name])
        low, high = min(low, 0.0), max(high, 0.0)
        scale = float(np.float32(max(high - low, 1e-6) / 255))
        return self._stepped(value, scale, round(-low / scale))

    def same(self, value: Value, of: Value) -> Value:
        """The value in the steps of the other, if it has some."""
        return self._stepped(value, *self._scales[of]) if of in self._scales else value

    def weights(self, values: Floats, name: str, *, axis: int) -> Value:
        """Whole numbers from -63 to 63 and a scale for each output; halves in first layers."""
        if name.startswith(_FIRST) and np.abs(values).max() < _LARGEST_HALF:
            return self._half(values, name)
        if name not in self._kept:
            steps, scales = _stepped_weights(values, axis)
            graph = self._graph
            self._weight_scales[name] = scales
            self._kept[name] = graph.node(
                "DequantizeLinear",
                graph.constant(steps, "int8", name=f"{name}.int8"),
                graph.constant(scales, "float32", name=f"{name}.scale"),
                graph.constant(np.zeros(len(scales)), "int8"),
                axis=axis,
            )
        return self._kept[name]

    def bias(self, values: Floats, name: str, *, source: Value, of_layer: str) -> Value:
        """Whole numbers in the steps of input times weights, as the runtime adds them up."""
        if source not in self._scales or of_layer not in self._weight_scales:
            return super().bias(values, name, source=source, of_layer=of_layer)
        scales = self._weight_scales[of_layer] * np.float32(self._scales[source][0])
        largest = np.iinfo(np.int32).max
        steps = np.clip(np.rint(values.astype(np.float64) / scales), -largest, largest)
        graph = self._graph
        return graph.node(
            "DequantizeLinear",
            graph.constant(steps, "int32"),
            graph.constant(scales, "float32"),
            graph.constant(np.zeros(len(scales)), "int32"),
            axis=0,
        )

    def _half(self, values: Floats, name: str) -> Value:
        if name not in self._kept:
            kept = self._graph.constant(values, "float16", name=name)
            self._kept[name] = self._graph.node("Cast", kept, to=1)
        return self._kept[name]

    def _stepped(self, value: Value, scale: float, zero: int) -> Value:
        graph = self._graph
        steps = (graph.constant(scale, "float32"), graph.constant(zero, "uint8"))
        whole = graph.node("QuantizeLinear", value, *steps)
        found = graph.node("DequantizeLinear", whole, *steps)
        self._scales[found] = (scale, zero)
        return found


def _stepped_weights(values: Floats, axis: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Whole numbers of a layer, and a scale for each of its outputs (axis)."""
    by_output = torch.from_numpy(values).transpose(0, axis)
    rows = by_output.flatten(1)
    scales = rows.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / _LARGEST
    kernel = int(np.prod(values.shape[2:]))
    whole = rounded(rows / scales, most=_LARGEST, kernel=kernel).view(by_output.shape)
    steps = whole.transpose(0, axis).contiguous().to(torch.int8)
    return steps.numpy(), scales.flatten().numpy()
