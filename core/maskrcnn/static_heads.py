"""Class, box and mask of a fixed number of proposals, without the host waiting for the device."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.maskrcnn.boxes import decoded
from core.maskrcnn.pooler import pooled_without_waiting
from core.maskrcnn.roi_heads import RoiHeads, of_class
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.static_nms import best_of, kept_greedily, moved_apart, overlapping
from core.maskrcnn.static_proposals import Proposals, clipped_to

MOST_CANDIDATES = 1024
"""Pairs of box and class over the score threshold, of an image; an image with more goes the usual
way. Their overlaps take a byte a pair of them, as much as those of one level's proposals."""


@dataclass(frozen=True, slots=True, eq=False)
class StaticDetections:
    """Of N images, D each, best first; what is not valid fills up, behind what is."""

    boxes: Tensor
    """(N, D, 4) pixels of the network's input, clipped."""
    scores: Tensor
    """(N, D)"""
    classes: Tensor
    """(N, D) int64."""
    is_valid: Tensor
    """(N, D) bool."""
    is_settled: Tensor
    """(N,) bool, False where it takes the usual way to say what is there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Pairs of a box and a class, C of each of N images, the likeliest first."""

    boxes: Tensor
    """(N, C, 4) clipped; zeros where not valid."""
    scores: Tensor
    """(N, C)"""
    classes: Tensor
    """(N, C) int64."""
    is_valid: Tensor
    """(N, C) bool."""
    are_all: Tensor
    """(N,) bool, whether no pair was left out for want of places."""


def static_detections(
    heads: RoiHeads,
    features: Sequence[Tensor],
    proposals: Proposals,
    limits: Tensor,
    *,
    weights: Tensor,
    settings: ModelSettings,
) -> StaticDetections:
    """What `RoiHeads` finds, but its masks.

    Args:
        heads: of the model.
        features: p2, p3 ..., each (N, C, H, W) contiguous.
        proposals: to look at.
        limits: (N, 4) float32 x y x y, where images end.
        weights: (4,) of the box deltas.
        settings: of the model.
    """
    cells = pooled_without_waiting(
        features,
        proposals.boxes,
        resolution=settings.box_pooler_resolution,
        sampling_ratio=settings.box_sampling_ratio,
    )
    logits, deltas = heads.box_predictor(heads.box_head(cells))
    found = _candidates(
        proposals,
        F.softmax(logits.float(), dim=-1),
        decoded(deltas, proposals.boxes.flatten(0, 1), weights),
        limits,
        settings,
    )
    compared = moved_apart(found.boxes, found.classes, found.is_valid)
    overlaps = overlapping(compared, settings.nms_threshold)
    overlaps &= found.classes[:, :, None] == found.classes[:, None, :]
    kept, is_settled = kept_greedily(overlaps, found.is_valid)
    places, scores = best_of(found.scores, kept, settings.detections_per_image)
    is_valid = scores > -torch.inf
    boxes = found.boxes.gather(1, places[..., None].expand(-1, -1, 4))
    return StaticDetections(
        boxes=boxes.masked_fill(~is_valid[..., None], 0),
        scores=scores.masked_fill(~is_valid, 0),
        classes=found.classes.gather(1, places).masked_fill(~is_valid, 0),
        is_valid=is_valid,
        is_settled=is_settled & found.are_all & proposals.is_settled,
    )


def static_masks(
    heads: RoiHeads, features: Sequence[Tensor], found: StaticDetections, settings: ModelSettings
) -> Tensor:
    """(N, D, M, M) float32 0 to 1 of all detections; of those not valid it means nothing."""
    cells = pooled_without_waiting(
        features,
        found.boxes,
        resolution=settings.mask_pooler_resolution,
        sampling_ratio=settings.mask_sampling_ratio,
    )
    masks = of_class(heads.mask_head(cells), found.classes.flatten()).float().sigmoid()
    return masks.view(*found.classes.shape, *masks.shape[1:])


def _candidates(
    proposals: Proposals,
    probabilities: Tensor,
    boxes: Tensor,
    limits: Tensor,
    settings: ModelSettings,
) -> _Candidates:
    n_images, per_image = proposals.is_valid.shape
    is_finite = torch.isfinite(boxes).all(dim=1) & torch.isfinite(probabilities).all(dim=1)
    is_usable = is_finite.view(n_images, per_image) & proposals.is_valid
    scores = probabilities[:, :-1].view(n_images, per_image, -1)  # background is the last
    n_classes = scores.shape[2]
    is_likely = ((scores > settings.score_threshold) & is_usable[..., None]).flatten(1)
    masked = scores.flatten(1).masked_fill(~is_likely, -torch.inf)
    # topk gives equal ones in any order: back to that of the proposals, then the best first.
    pairs = masked.topk(min(MOST_CANDIDATES, masked.shape[1]), dim=1).indices.sort(dim=1).values
    best = masked.gather(1, pairs).sort(dim=1, descending=True, stable=True)
    pairs = pairs.gather(1, best.indices)
    is_valid = best.values > -torch.inf
    rows, classes = pairs // n_classes, pairs % n_classes
    columns = torch.zeros_like(classes) if settings.box_is_class_agnostic else classes
    places = rows * settings.box_classes + columns
    all_boxes = boxes.view(n_images, per_image * settings.box_classes, 4)
    own = all_boxes.gather(1, places[..., None].expand(-1, -1, 4))
    return _Candidates(
        boxes=clipped_to(own, limits).masked_fill(~is_valid[..., None], 0),
        scores=best.values,
        classes=classes,
        is_valid=is_valid,
        are_all=is_likely.sum(dim=1) <= pairs.shape[1],
    )
