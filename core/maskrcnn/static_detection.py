"""Detecting on a GPU without the host waiting for it, but once: for all that was found.

Everything has a fixed number of places, filled up with what is marked as not valid. Where these do
not suffice, or the suppression of near-duplicates did not come to its end in time, an image is told
to go the usual way, with the features that are there.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from core.maskrcnn.cuda_graphs import CudaRecorder, RecordedByShape, Recorder
from core.maskrcnn.memory import empty_cache, is_out_of_memory
from core.maskrcnn.roi_heads import RawDetections
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.static_heads import (
    MOST_CANDIDATES,
    StaticDetections,
    static_detections,
    static_masks,
)
from core.maskrcnn.static_proposals import static_proposals

if TYPE_CHECKING:
    from core.maskrcnn.model import MaskRCNN


_PATIENCE = 16
"""Images that may go the usual way beyond as many as were found at once, before it is given up: a
few crowded ones in a row tell little of those that follow."""


class Layers(NamedTuple):
    """What backbone, pyramid and the head of the proposals make of a batch of N images."""

    features: tuple[Tensor, ...]
    """p2 to p5, each (N, C, H, W) contiguous."""
    logits: tuple[Tensor, ...]
    """Of each level, (N, A)."""
    deltas: tuple[Tensor, ...]
    """Of each level, (N, A, 4)."""
    anchors: tuple[Tensor, ...]
    """Of each level, (A, 4)."""

    def of_image(self, place: int) -> "Layers":
        """Of one image of the batch."""
        own = slice(place, place + 1)
        return Layers(
            tuple(level[own] for level in self.features),
            tuple(level[own] for level in self.logits),
            tuple(level[own] for level in self.deltas),
            self.anchors,
        )


def without_waiting(model: "MaskRCNN") -> "MaskRCNN":
    """The model itself, which from now on detects this way where it is on a GPU of NVIDIA's or
    AMD's, and stays there, and where its settings suit."""
    if model.device.type == "cuda" and suits(model.settings):
        model.static = StaticDetection(model)
    return model


def suits(settings: ModelSettings) -> bool:
    """Whether the places are bounded, and few enough for the overlaps of all pairs."""
    return (
        0 < settings.detections_per_image <= MOST_CANDIDATES
        and 0 < settings.rpn_pre_nms_test <= MOST_CANDIDATES
        and settings.rpn_post_nms_test > 0
    )


class StaticDetection:
    """Finds what the model finds, in its order and through its filters; see `suits`."""

    def __init__(self, model: "MaskRCNN", *, record: Recorder | None = None) -> None:
        """Of a model that stays on its device from now on.

        Args:
            model: in eval mode.
            record: of the layers; None: CUDA graphs.
        """
        settings = model.settings
        self._model = model
        self._layers = RecordedByShape(self._computed, record or CudaRecorder())
        self._rpn_weights, self._box_weights = (
            torch.tensor(weights, dtype=torch.float32, device=model.device)
            for weights in (settings.rpn_box_weights, settings.box_weights)
        )
        self._balance = _PATIENCE

    def found(self, batch: Tensor, sizes_hw: Sequence[tuple[int, int]]) -> list[RawDetections]:
        """What is in each image, on the CPU.

        Args:
            batch: (N, 3, H, W) normalised and padded.
            sizes_hw: of each image before it was padded.

        Raises:
            RuntimeError: the memory is too small, without recordings too.
        """
        try:
            return self._found(batch, sizes_hw)
        except RuntimeError as error:
            if not (is_out_of_memory(error) and self._layers.holds_memory):
                raise
        # only now, as the error's own frames held what is to be freed
        self._layers.give_up()
        empty_cache(str(batch.device))
        return self._found(batch, sizes_hw)

    def _found(self, batch: Tensor, sizes_hw: Sequence[tuple[int, int]]) -> list[RawDetections]:
        limits = torch.tensor(
            [(width, height, width, height) for height, width in sizes_hw], dtype=torch.float32
        ).to(batch.device, non_blocking=True)
        layers = self._layers(batch)
        results, are_settled = _unpacked(self._packed(layers, limits).cpu(), self._model.settings)
        for place, is_settled in enumerate(are_settled):
            self._balance += 1 if is_settled else -1
            if not is_settled:
                results[place] = self._usual(layers.of_image(place), sizes_hw[place])
        if not self.is_worth_it:
            self._layers.give_up()
        return results

    @property
    def is_worth_it(self) -> bool:
        """False once most images had to go the usual way as well."""
        return self._balance > 0

    def _computed(self, batch: Tensor) -> Layers:
        rpn = self._model.proposal_generator
        features: list[Tensor] = self._model.backbone(batch)
        logits, deltas = rpn.rpn_head(features)
        return Layers(
            # RoIAlign wants channels first; p6 is for proposals alone.
            tuple(level.contiguous() for level in features[:-1]),
            tuple(logits),
            tuple(deltas),
            tuple(rpn.anchors(features)),
        )

    def _packed(self, layers: Layers, limits: Tensor) -> Tensor:
        """(N, ...) float32, all that is to be known of each image in one row."""
        settings, heads = self._model.settings, self._model.roi_heads
        proposals = static_proposals(
            layers.anchors,
            layers.logits,
            layers.deltas,
            limits,
            weights=self._rpn_weights,
            settings=settings,
        )
        found = static_detections(
            heads, layers.features, proposals, limits, weights=self._box_weights, settings=settings
        )
        masks = static_masks(heads, layers.features, found, settings) if settings.mask_on else None
        return _rows(found, masks)

    def _usual(self, layers: Layers, size_hw: tuple[int, int]) -> RawDetections:
        proposals = self._model.proposal_generator.chosen(
            layers.anchors, layers.logits, layers.deltas, [size_hw]
        )
        found: list[RawDetections] = self._model.roi_heads(layers.features, proposals, [size_hw])
        return found[0]


def _rows(found: StaticDetections, masks: Tensor | None) -> Tensor:
    columns = [
        found.is_settled[:, None].float(),
        found.is_valid.sum(dim=1, keepdim=True).float(),
        found.scores,
        found.classes.float(),  # whole numbers up to 2 ** 24
        found.boxes.flatten(1),
    ]
    return torch.cat(columns if masks is None else [*columns, masks.flatten(1)], dim=1)


def _unpacked(rows: Tensor, settings: ModelSettings) -> tuple[list[RawDetections], list[bool]]:
    """Detections of each image and whether that is settled, of what `_rows` made."""
    head, rest = rows[:, :2].long().tolist(), rows[:, 2:]
    side = _mask_side(settings)
    places = rest.shape[1] // (6 + side * side)
    scores, classes, boxes, masks = torch.split(
        rest, [places, places, 4 * places, side * side * places], dim=1
    )
    results = [
        RawDetections(
            boxes[place].view(-1, 4)[:count],
            scores[place, :count],
            classes[place, :count].long(),
            masks[place].view(-1, side, side)[:count] if settings.mask_on else None,
        )
        for place, (_, count) in enumerate(head)
    ]
    return results, [bool(is_settled) for is_settled, _ in head]


def _mask_side(settings: ModelSettings) -> int:
    return 2 * settings.mask_pooler_resolution if settings.mask_on else 0
