"""Anchors, coded boxes and suppression as nodes of a graph; core/maskrcnn says what they compute.

Boxes are (N, 4) float32 x0 y0 x1 y1, pixels of the network's input, before it was padded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.maskrcnn.rpn import cell_anchors
from core.onnx_file import Graph, Value

_LARGEST_LOG_SCALE = math.log(1000 / 16)
_LOWEST = -3.4e38
_NO_LIMIT = 1 << 31


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is done with boxes, on one graph."""

    graph: Graph
    width_height: Value
    """(2,) float32 of the image."""

    def anchors(
        self, index: Value, grid_width: Value, *, sizes: Sequence[float], ratios: Sequence[float],
        stride: int, offset: float,
    ) -> Value:  # fmt: skip
        """(N, 4) the anchors of a level that are at these places (N,) int64, row by row."""
        graph = self.graph
        cells = cell_anchors(sizes, ratios).numpy()
        count = graph.constant(len(cells), "int64")
        # Whole numbers below zero do not occur, so Mod and Div are what they are in Python.
        cell = graph.node("Mod", index, count)
        place = graph.node("Div", index, count)
        columns = graph.node("Mod", place, grid_width)
        rows = graph.node("Div", place, grid_width)
        xy = graph.node("Concat", self._column(columns), self._column(rows), axis=1)
        xy = graph.node("Cast", xy, to=1)
        xy = graph.node("Mul", xy, graph.constant(stride, "float32"))
        xy = graph.node("Add", xy, graph.constant(offset * stride, "float32"))
        shifts = graph.node("Concat", xy, xy, axis=1)
        return graph.node("Add", shifts, graph.node("Gather", graph.constant(cells), cell, axis=0))

    def decoded(self, deltas: Value, boxes: Value, weights: Sequence[float]) -> Value:
        """(N, K, 4) boxes of deltas (N, K, 4) for boxes (N, 1, 4); not clipped."""
        graph = self.graph
        low, high = graph.nodes("Split", boxes, self._halves(), count=2, axis=-1)
        sizes = graph.node("Sub", high, low)
        half = graph.constant(0.5, "float32")
        centres = graph.node("Add", low, graph.node("Mul", half, sizes))
        moves, scales = graph.nodes("Split", deltas, self._halves(), count=2, axis=-1)
        moves = graph.node("Div", moves, graph.constant(weights[:2], "float32"))
        centres = graph.node("Add", graph.node("Mul", moves, sizes), centres)
        scales = graph.node("Div", scales, graph.constant(weights[2:], "float32"))
        scales = graph.node("Min", scales, graph.constant(_LARGEST_LOG_SCALE, "float32"))
        sizes = graph.node("Mul", graph.node("Exp", scales), sizes)
        sizes = graph.node("Mul", half, sizes)
        ends = (graph.node("Sub", centres, sizes), graph.node("Add", centres, sizes))
        return graph.node("Concat", *ends, axis=-1)

    def clipped(self, boxes: Value) -> Value:
        """Boxes (..., 4) cut at the border of the image."""
        graph = self.graph
        most = graph.node("Concat", self.width_height, self.width_height, axis=0)
        return graph.node("Min", graph.node("Max", boxes, graph.constant(0, "float32")), most)

    def are_finite(self, values: Value) -> Value:
        """(...) bool of values (..., C): none of them is infinite or no number."""
        graph = self.graph
        finite = graph.node("Less", graph.node("Abs", values), graph.constant(math.inf, "float32"))
        as_numbers = graph.node("Cast", finite, to=1)
        return graph.node("Cast", graph.node("ReduceMin", as_numbers, axes=(-1,), keepdims=0), to=9)

    def are_larger(self, boxes: Value, side_px: float) -> Value:
        """(N,) bool: both sides are longer than that."""
        graph = self.graph
        low, high = graph.nodes("Split", boxes, self._halves(), count=2, axis=-1)
        sizes = graph.node("Sub", high, low)
        shorter = graph.node("ReduceMin", sizes, axes=(-1,), keepdims=0)
        return graph.node("Greater", shorter, graph.constant(side_px, "float32"))

    def places(self, are: Value) -> Value:
        """(M,) int64 where a (N,) bool says yes."""
        graph = self.graph
        return graph.node("Reshape", graph.node("NonZero", are), graph.constant([-1]))

    def suppressed(
        self, boxes: Value, scores: Value, *, iou: float, above: Value | None, most: int
    ) -> tuple[Value, Value, Value]:
        """Indices of boxes that no better one of their batch and class overlaps.

        Args:
            boxes: (B, N, 4).
            scores: (B, C, N).
            iou: from more than that on boxes are the same.
            above: scores must be more than this number; None: any number.
            most: for each batch and class; below 0: all.

        Returns:
            (M,) int64 each: of the batch, the class, the box.
        """
        graph = self.graph
        chosen = graph.node(
            "NonMaxSuppression", boxes, scores,
            graph.constant(most if most >= 0 else _NO_LIMIT, "int64"),
            graph.constant(iou, "float32"),
            graph.constant(_LOWEST, "float32") if above is None else above,
        )  # fmt: skip
        columns = graph.nodes("Split", chosen, graph.constant([1, 1, 1]), count=3, axis=1)
        batch, of_class, box = (
            graph.node("Reshape", column, graph.constant([-1])) for column in columns
        )
        return batch, of_class, box

    def best(self, scores: Value, most: int) -> tuple[Value, Value]:
        """The best so many of scores (N,), best first, and their places; below 0: all."""
        graph = self.graph
        count = graph.node("Shape", scores)
        if most >= 0:
            count = graph.node("Min", count, graph.constant([most]))
        best, places = graph.nodes("TopK", scores, count, count=2, axis=0)
        return best, places

    def _column(self, values: Value) -> Value:
        return self.graph.node("Reshape", values, self.graph.constant([-1, 1]))

    def _halves(self) -> Value:
        return self.graph.constant([2, 2])
