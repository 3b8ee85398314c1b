"""A whole Mask R-CNN or Faster R-CNN as one graph: pixels of one image in, detections out.

It computes what core/maskrcnn's folded model computes, in its order. Images may have any size.
"""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from torch import nn

from core.compact.boxes import Boxes
from core.compact.layers import Layers
from core.compact.precision import Precision
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import SIZE_DIVISIBILITY, STRIDES
from core.onnx_file import Graph, Value

IMAGE, SCORE = "image", "score_threshold"
BOXES, SCORES, CLASS_IDS, MASKS = "boxes", "scores", "class_ids", "masks"

_CANONICAL_SIDES_PX = (112, 224, 448)
"""From each of them on a box is looked at one level coarser, from p2 on (Lin 2017, equation 1)."""


def add_network(graph: Graph, model: MaskRCNN, precision: Precision) -> None:
    """Puts a model into the graph.

    Goes in: image (H, W, 3) uint8 RGB, already in the size that the network takes, and
    score_threshold () float32. Comes out, best first: boxes (N, 4) float32, pixels of that image;
    scores (N,) float32; class_ids (N,) int64; masks (N, M, M) float32, 0 to 1, where it has masks.

    Args:
        graph: an empty one.
        model: any, on the CPU; its batch norms are folded here.
        precision: how its numbers are written.
    """
    _Network(graph, model, precision).add()


class _Network:
    def __init__(self, graph: Graph, model: MaskRCNN, precision: Precision) -> None:
        self._graph = graph
        self._model = model
        self._settings = model.settings
        self._precision = precision
        self._layers = Layers(graph, precision)
        image = graph.add_input(IMAGE, "uint8", ("height", "width", 3))
        self._threshold = graph.add_input(SCORE, "float32", ())
        self._height_width = graph.node(
            "Slice", graph.node("Shape", image), graph.constant([0]), graph.constant([2])
        )
        swapped = graph.node("Gather", self._height_width, graph.constant([1, 0]))
        self._boxes = Boxes(graph, graph.node("Cast", swapped, to=1))

    def add(self) -> None:
        """Puts the whole of it into the graph."""
        pyramid = self._pyramid(self._pixels())
        boxes, scores, classes = self._detections(pyramid, self._proposals(pyramid))
        graph = self._graph
        graph.add_output(boxes, BOXES, "float32", ("detections", 4))
        graph.add_output(scores, SCORES, "float32", ("detections",))
        graph.add_output(classes, CLASS_IDS, "int64", ("detections",))
        if self._settings.mask_on:
            side = 2 * self._settings.mask_pooler_resolution
            masks = self._masks(pyramid, boxes, classes)
            graph.add_output(masks, MASKS, "float32", ("detections", side, side))

    def _pixels(self) -> Value:
        """(1, 3, H, W) normalised, then padded with zeros to multiples of 32."""
        graph, settings = self._graph, self._settings
        pixels = graph.node("Transpose", graph.node("Cast", IMAGE, to=1), perm=(2, 0, 1))
        if settings.input_format == "BGR":
            pixels = graph.node("Gather", pixels, graph.constant([2, 1, 0]), axis=0)
        by_channel = (3, 1, 1)
        mean, std = np.reshape(settings.pixel_mean, by_channel), settings.pixel_std
        pixels = graph.node("Sub", pixels, graph.constant(mean, "float32"))
        std_of = graph.constant(np.reshape(std, by_channel), "float32")
        pixels = graph.node("Unsqueeze", graph.node("Div", pixels, std_of), graph.constant([0]))
        missing = graph.node(
            "Mod", graph.node("Neg", self._height_width), graph.constant(SIZE_DIVISIBILITY, "int64")
        )
        pads = graph.node("Concat", graph.constant([0] * 6), missing, axis=0)
        return self._precision.activation(graph.node("Pad", pixels, pads), "pixels")

    def _pyramid(self, pixels: Value) -> list[Value]:
        """p2 to p6, (1, C, H, W) each."""
        graph, backbone, layers = self._graph, self._model.backbone, self._layers
        pyramid: list[Value] = []
        above: Value | None = None
        for level, features in reversed(list(enumerate(self._bottom_up(pixels), start=2))):
            name = f"backbone.fpn_lateral{level}"
            merged = layers.conv(features, _conv(backbone, f"fpn_lateral{level}"), name)
            if above is not None:
                larger = graph.node(
                    "Resize", above, "", graph.constant([1, 1, 2, 2], "float32"),
                    mode="nearest", coordinate_transformation_mode="asymmetric",
                    nearest_mode="floor",
                )  # fmt: skip
                larger = self._precision.same(larger, above)
                merged = layers.sum_of(merged, larger, f"merged{level}", relu=False)
            output = _conv(backbone, f"fpn_output{level}")
            pyramid.insert(0, layers.conv(merged, output, f"backbone.fpn_output{level}"))
            above = merged
        coarsest = graph.node("MaxPool", pyramid[-1], kernel_shape=(1, 1), strides=(2, 2))
        return [*pyramid, self._precision.same(coarsest, pyramid[-1])]

    def _bottom_up(self, x: Value) -> list[Value]:
        """Features of res2 to res5."""
        bottom, start = self._model.backbone.bottom_up, "backbone.bottom_up"
        convolved = self._layers.conv(x, _conv(bottom, "stem.conv1"), f"{start}.stem.conv1")
        x = self._graph.node(
            "MaxPool", convolved, kernel_shape=(3, 3), strides=(2, 2), pads=(1, 1, 1, 1)
        )
        x = self._precision.same(x, convolved)
        features = []
        for stage in ("res2", "res3", "res4", "res5"):
            for place, block in bottom.get_submodule(stage).named_children():
                x = self._block(x, block, f"{start}.{stage}.{place}")
            features.append(x)
        return features

    def _block(self, x: Value, block: nn.Module, name: str) -> Value:
        out, around = x, x
        *_, last = (part for part, _ in block.named_children() if part != "shortcut")
        for part, conv in block.named_children():
            conv = cast(nn.Conv2d, conv)
            if part == "shortcut":
                around = self._layers.conv(x, conv, f"{name}.shortcut")
            else:
                out = self._layers.conv(out, conv, f"{name}.{part}", relu=part != last)
        return self._layers.sum_of(out, around, f"{name}.sum", relu=True)

    def _proposals(self, pyramid: Sequence[Value]) -> Value:
        """(N, 4) boxes that may hold something, best first."""
        graph, boxes, settings = self._graph, self._boxes, self._settings
        found, scores, levels = [], [], []
        for level, features in enumerate(pyramid):
            best, decoded = self._proposed(features, level)
            scores.append(best)
            found.append(decoded)
            levels.append(graph.node("Expand", graph.constant([level]), graph.node("Shape", best)))
        joined = graph.node("Concat", *found, axis=0)
        all_scores = graph.node("Concat", *scores, axis=0)
        all_levels = graph.node("Concat", *levels, axis=0)
        finite = boxes.are_finite(graph.node("Concat", joined, _column(graph, all_scores), axis=1))
        joined = boxes.clipped(joined)
        keep = graph.node("And", finite, boxes.are_larger(joined, settings.rpn_min_box_px))
        kept = boxes.places(keep)
        joined, all_scores, all_levels = (
            graph.node("Gather", values, kept, axis=0)
            for values in (joined, all_scores, all_levels)
        )
        numbers = graph.constant(np.arange(len(pyramid)).reshape(-1, 1), "int64")
        by_level = graph.node(
            "Where", graph.node("Equal", all_levels, numbers), all_scores,
            graph.constant(-np.inf, "float32"),
        )  # fmt: skip
        first = graph.constant([0])
        _, _, chosen = boxes.suppressed(
            graph.node("Unsqueeze", joined, first), graph.node("Unsqueeze", by_level, first),
            iou=settings.rpn_nms_threshold, above=None, most=settings.rpn_post_nms_test,
        )  # fmt: skip
        _, best = boxes.best(graph.node("Gather", all_scores, chosen), settings.rpn_post_nms_test)
        return graph.node("Gather", joined, graph.node("Gather", chosen, best), axis=0)

    def _proposed(self, features: Value, level: int) -> tuple[Value, Value]:
        """The best logits (k,) of a level and their boxes (k, 4)."""
        graph, boxes, settings = self._graph, self._boxes, self._settings
        head, start = self._model.proposal_generator.rpn_head, "proposal_generator.rpn_head"
        hidden = features
        convs = head.conv.named_children() if isinstance(head.conv, nn.Sequential) else ()
        named = [(f"conv.{name}", conv) for name, conv in convs] or [("conv", head.conv)]
        for name, conv in named:
            conv = cast(nn.Conv2d, conv)
            hidden = self._layers.conv(hidden, conv, f"{start}.{name}", level=f"@{level}")
        logits = self._layers.last_conv(
            hidden, head.objectness_logits, f"{start}.objectness_logits"
        )
        deltas = self._layers.last_conv(hidden, head.anchor_deltas, f"{start}.anchor_deltas")
        width = graph.node("Gather", graph.node("Shape", logits), graph.constant(3, "int64"))
        flat, coded = (
            graph.node(
                "Reshape", graph.node("Transpose", values, perm=(0, 2, 3, 1)),
                graph.constant(shape),
            )
            for values, shape in ((logits, [-1]), (deltas, [-1, 1, 4]))
        )  # fmt: skip
        best, index = boxes.best(flat, settings.rpn_pre_nms_test)
        sizes, ratios = settings.anchors_of_levels()[level]
        anchors = boxes.anchors(
            index, width, sizes=sizes, ratios=ratios, stride=STRIDES[level],
            offset=settings.anchor_offset,
        )  # fmt: skip
        coded = graph.node("Gather", coded, index, axis=0)
        rows = graph.node("Unsqueeze", anchors, graph.constant([1]))
        decoded = boxes.decoded(coded, rows, settings.rpn_box_weights)
        return best, graph.node("Reshape", decoded, graph.constant([-1, 4]))

    def _detections(self, pyramid: Sequence[Value], proposals: Value) -> tuple[Value, Value, Value]:
        """Boxes (N, 4), scores (N,) and classes (N,) of what is there, best first."""
        graph, boxes, settings = self._graph, self._boxes, self._settings
        logits, deltas = self._of_boxes(
            pyramid, proposals, self._box_head,
            resolution=settings.box_pooler_resolution, sampling=settings.box_sampling_ratio,
        )  # fmt: skip
        chances = graph.node("Softmax", logits, axis=-1)
        coded = graph.node("Reshape", deltas, graph.constant([-1, settings.box_classes, 4]))
        around = graph.node("Unsqueeze", proposals, graph.constant([1]))
        decoded = boxes.decoded(coded, around, settings.box_weights)
        count = settings.num_classes
        flat = graph.node("Reshape", decoded, graph.constant([-1, settings.box_classes * 4]))
        finite = boxes.are_finite(graph.node("Concat", flat, chances, axis=1))
        decoded = boxes.clipped(decoded)
        if settings.box_is_class_agnostic:
            decoded = graph.node("Expand", decoded, graph.constant([1, count, 1]))
        # Background is the last column.
        likely, _ = graph.nodes("Split", chances, graph.constant([count, 1]), count=2, axis=1)
        likely = graph.node("Where", _column(graph, finite), likely, graph.constant(-1, "float32"))
        of_classes = graph.node("Transpose", decoded, perm=(1, 0, 2))
        by_class = graph.node("Transpose", likely, perm=(1, 0))
        classes, _, rows = boxes.suppressed(
            of_classes, graph.node("Unsqueeze", by_class, graph.constant([1])),
            iou=settings.nms_threshold, above=self._threshold,
            most=settings.detections_per_image,
        )  # fmt: skip
        at = graph.node("Concat", _column(graph, classes), _column(graph, rows), axis=1)
        scores, best = boxes.best(
            graph.node("GatherND", by_class, at), settings.detections_per_image
        )
        found = graph.node("Gather", graph.node("GatherND", of_classes, at), best, axis=0)
        return found, scores, graph.node("Gather", classes, best)

    def _box_head(self, cells: Value) -> tuple[Value, Value]:
        """Logits of classes and deltas of boxes, of cells (N, C, M, M)."""
        heads, start = self._model.roi_heads, "roi_heads.box_head"
        x, layers = cells, self._layers
        for name, layer in heads.box_head.named_children():
            if isinstance(layer, nn.Conv2d):
                x = layers.conv(x, layer, f"{start}.{name}")
            elif isinstance(layer, nn.Flatten):
                x = self._precision.same(self._graph.node("Flatten", x), x)
            elif isinstance(layer, nn.Linear):
                x = layers.linear(x, layer, f"{start}.{name}")
        start, predictor = "roi_heads.box_predictor", heads.box_predictor
        return (
            layers.last_linear(x, predictor.cls_score, f"{start}.cls_score"),
            layers.last_linear(x, predictor.bbox_pred, f"{start}.bbox_pred"),
        )

    def _masks(self, pyramid: Sequence[Value], boxes: Value, classes: Value) -> Value:
        """(N, M, M) the mask of each box's class, 0 to 1."""
        graph, settings = self._graph, self._settings
        (logits,) = self._of_boxes(
            pyramid, boxes, self._mask_head,
            resolution=settings.mask_pooler_resolution, sampling=settings.mask_sampling_ratio,
        )  # fmt: skip
        if settings.mask_classes == 1:
            classes = graph.node("Mul", classes, graph.constant(0, "int64"))
        count = graph.node("Reshape", graph.node("Shape", classes), graph.constant([], "int64"))
        rows = graph.node("Range", graph.constant(0, "int64"), count, graph.constant(1, "int64"))
        at = graph.node("Concat", _column(graph, rows), _column(graph, classes), axis=1)
        return graph.node("Sigmoid", graph.node("GatherND", logits, at))

    def _mask_head(self, cells: Value) -> tuple[Value]:
        """Logits (N, K, M, M) of cells."""
        head, start = self._model.roi_heads.mask_head, "roi_heads.mask_head"
        x = cells
        for name, layer in head.named_children():
            if name == "predictor":
                x = self._layers.last_conv(x, cast(nn.Conv2d, layer), f"{start}.{name}")
            elif isinstance(layer, nn.ConvTranspose2d):
                x = self._layers.deconv(x, layer, f"{start}.{name}")
            elif isinstance(layer, nn.Conv2d):
                x = self._layers.conv(x, layer, f"{start}.{name}")
        return (x,)

    def _of_boxes(
        self,
        pyramid: Sequence[Value],
        boxes: Value,
        head: Callable[[Value], tuple[Value, ...]],
        *,
        resolution: int,
        sampling: int,
    ) -> tuple[Value, ...]:
        """What a head says of boxes (N, 4), in their order.

        A box more goes along, so that no layer ever sees none at all, which not all of them take.
        """
        graph = self._graph
        joined = graph.node("Concat", boxes, graph.constant([[0, 0, 1, 1]], "float32"), axis=0)
        low, high = graph.nodes("Split", joined, graph.constant([2, 2]), count=2, axis=1)
        areas = graph.node("ReduceProd", graph.node("Sub", high, low), axes=(1,), keepdims=0)
        sides = graph.node("Sqrt", areas)
        levels = graph.constant(0, "int64")
        for side in _CANONICAL_SIDES_PX:
            is_so = graph.node("GreaterOrEqual", sides, graph.constant(side, "float32"))
            levels = graph.node("Add", levels, graph.node("Cast", is_so, to=7))
        cells, places = [], []
        for level, stride in enumerate(STRIDES[:4]):
            own = self._boxes.places(graph.node("Equal", levels, graph.constant(level, "int64")))
            zeros = graph.node("Mul", own, graph.constant(0, "int64"))
            cells.append(
                graph.node(
                    "RoiAlign", pyramid[level], graph.node("Gather", joined, own, axis=0), zeros,
                    output_height=resolution, output_width=resolution, sampling_ratio=sampling,
                    spatial_scale=1 / stride, mode="avg",
                    coordinate_transformation_mode="half_pixel",
                )
            )  # fmt: skip
            places.append(own)
        order = graph.node("Concat", *places, axis=0)
        name = f"cells{resolution}{head.__name__}"
        outputs = head(self._precision.activation(graph.node("Concat", *cells, axis=0), name))
        back = self._order_back(order)
        return tuple(graph.node("Gather", output, back, axis=0) for output in outputs)

    def _order_back(self, order: Value) -> Value:
        """Where each box came to lie, without the one that went along."""
        graph = self._graph
        count = graph.node("Reshape", graph.node("Shape", order), graph.constant([], "int64"))
        one = graph.constant(1, "int64")
        numbers = graph.node("Range", graph.constant(0, "int64"), count, one)
        inverse = graph.node("ScatterElements", order, order, numbers)
        return graph.node("Slice", inverse, graph.constant([0]), graph.constant([-1]))


def _conv(module: nn.Module, name: str) -> nn.Conv2d:
    return cast(nn.Conv2d, module.get_submodule(name))


def _column(graph: Graph, values: Value) -> Value:
    return graph.node("Reshape", values, graph.constant([-1, 1]))
