"""Proposals of a fixed number, of a batch of images, without the host waiting for the device."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.maskrcnn.boxes import decoded, is_larger
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.static_nms import best_of, kept_greedily, moved_apart, overlapping


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """Of N images, R each; what is not valid fills up."""

    boxes: Tensor
    """(N, R, 4) pixels of the network's input, best first; zeros where not valid."""
    is_valid: Tensor
    """(N, R) bool."""
    is_settled: Tensor
    """(N,) bool, False where it takes the usual way to say which they are."""


def static_proposals(
    anchors: Sequence[Tensor],
    logits: Sequence[Tensor],
    deltas: Sequence[Tensor],
    limits: Tensor,
    *,
    weights: Tensor,
    settings: ModelSettings,
) -> Proposals:
    """What `Rpn.chosen` gives: the best of each level, without near-duplicates, then of all.

    Args:
        anchors: of each level, (A, 4).
        logits: of each level, (N, A).
        deltas: of each level, (N, A, 4).
        limits: (N, 4) float32 x y x y, where images end.
        weights: (4,) of the deltas.
        settings: of the model.
    """
    scores, own_deltas, own_anchors = _best_of_levels(
        anchors, logits, deltas, settings.rpn_pre_nms_test
    )
    n_images, n_levels, count = scores.shape
    boxes = decoded(own_deltas.reshape(-1, 4), own_anchors.reshape(-1, 4), weights)
    boxes = boxes.view(n_images, n_levels * count, 4)
    scores = scores.flatten(1)
    is_finite = torch.isfinite(boxes).all(dim=2) & torch.isfinite(scores)
    boxes = clipped_to(boxes, limits)
    is_valid = is_finite & is_larger(boxes, settings.rpn_min_box_px)
    boxes = boxes.masked_fill(~is_valid[..., None], 0)
    levels = torch.arange(n_levels, device=boxes.device)[:, None].expand(n_levels, count)
    compared = moved_apart(boxes, levels.reshape(-1), is_valid)
    kept, is_settled = kept_greedily(
        overlapping(compared.view(-1, count, 4), settings.rpn_nms_threshold),
        is_valid.view(-1, count),
    )
    places, best = best_of(scores, kept.view(n_images, -1), settings.rpn_post_nms_test)
    is_kept = best > -torch.inf
    chosen = boxes.gather(1, places[..., None].expand(-1, -1, 4))
    return Proposals(
        boxes=chosen.masked_fill(~is_kept[..., None], 0),
        is_valid=is_kept,
        is_settled=is_settled.view(n_images, n_levels).all(dim=1),
    )


def clipped_to(boxes: Tensor, limits: Tensor) -> Tensor:
    """Boxes (N, K, 4) of N images cut at their borders, limits (N, 4) x y x y."""
    return torch.minimum(boxes.clamp(min=0), limits[:, None])


def _best_of_levels(
    anchors: Sequence[Tensor], logits: Sequence[Tensor], deltas: Sequence[Tensor], most: int
) -> tuple[Tensor, Tensor, Tensor]:
    """(N, levels, K) scores, best first, and (N, levels, K, 4) deltas and anchors; a level with
    fewer is filled up with scores of -inf."""
    count = min(most, max(level.shape[1] for level in logits))
    scores, own_deltas, own_anchors = [], [], []
    for anchor, logit, delta in zip(anchors, logits, deltas, strict=True):
        best, index = logit.float().topk(min(most, logit.shape[1]), dim=1)
        missing = count - index.shape[1]
        scores.append(F.pad(best, (0, missing), value=-torch.inf))
        chosen = delta.gather(1, index[..., None].expand(-1, -1, 4))
        own_deltas.append(F.pad(chosen, (0, 0, 0, missing)))
        own_anchors.append(F.pad(anchor[index], (0, 0, 0, missing)))
    return torch.stack(scores, 1), torch.stack(own_deltas, 1), torch.stack(own_anchors, 1)
