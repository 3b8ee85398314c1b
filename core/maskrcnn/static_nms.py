"""Non-maximum suppression whose shapes do not depend on what it finds, for many sets at once.

What torchvision's does, without the host ever asking the device how much is left: nothing is left
out, but marked; and the greedy choice, one box after the other, is reached as a fixed point.
"""

import torch
from torch import Tensor

PASSES = 16
"""Of the fixed point: one for each link of a chain of boxes in which every one suppresses the next.
Longer chains are told, not guessed (docs/decisions/0022)."""

_MOST_TEMPORARY = 1 << 28
"""Bytes of the overlaps that are computed at once; what stays of a pair of boxes is one byte."""
_BYTES_A_PAIR = 12
"""Three float32 matrices live at a time."""
_FEW_ON_A_CPU, _FEW_ON_A_GPU = 4_000, 100_000
"""Numbers of boxes (four each) up to which torchvision's batched_nms moves them apart."""


def moved_apart(boxes: Tensor, groups: Tensor, is_valid: Tensor) -> Tensor:
    """Boxes as torchvision.ops.batched_nms compares them: each group beside the one before.

    It loses digits, and with them decisions where an overlap is at the threshold: the same ones.

    Args:
        boxes: (N, K, 4) of N images, none below 0; zeros where they are not valid.
        groups: (K,) or (N, K) numbers from 0 on; those of different ones leave each other alone.
        is_valid: (N, K) bool.
    """
    few = _FEW_ON_A_CPU if boxes.device.type == "cpu" else _FEW_ON_A_GPU
    is_few = is_valid.sum(dim=1) * 4 <= few
    step = (boxes.flatten(1).amax(dim=1) + 1) * is_few
    return boxes + (groups.to(boxes) * step[:, None])[..., None]


def overlapping(boxes: Tensor, threshold: float) -> Tensor:
    """(N, K, K) bool of boxes (N, K, 4): [i, j] where i < j and their IoU is over the threshold.

    Rounded as in torchvision's nms, of which the threshold on a GPU is a float32.
    """
    count = boxes.shape[1]
    at_once = max(1, _MOST_TEMPORARY // (_BYTES_A_PAIR * max(1, count) ** 2))
    over = [_are_over(some, threshold) for some in torch.split(boxes, at_once)]
    pairs = over[0] if len(over) == 1 else torch.cat(over)
    return pairs.triu_(diagonal=1)


def kept_greedily(
    overlaps: Tensor, is_valid: Tensor, *, passes: int = PASSES
) -> tuple[Tensor, Tensor]:
    """Which boxes greedy suppression keeps, going through them in their order.

    A box is kept unless a kept one before it overlaps it. After one pass this holds for the first
    of each chain, after two for the second; where a pass changes nothing it holds for all.

    Args:
        overlaps: (N, K, K) bool, [i, j] where i comes before j and overlaps it.
        is_valid: (N, K) bool; others neither stay nor suppress.
        passes: so many.

    Returns:
        (N, K) bool; and (N,) bool, False where there were too few passes to say.
    """
    before = kept = is_valid
    for _ in range(passes):
        before = kept
        is_suppressed = (overlaps & kept[:, :, None]).any(dim=1)
        kept = is_valid > is_suppressed  # one kernel for "and not"
    return kept, (kept == before).all(dim=1)


def best_of(scores: Tensor, is_kept: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The best so many of each row, equal ones in their order.

    Args:
        scores: (N, K) finite.
        is_kept: (N, K) bool; the others come last.
        count: at most so many.

    Returns:
        (N, min(K, count)) int64 places, and float32 scores, -inf for those that are not kept.
    """
    ranked = scores.masked_fill(~is_kept, -torch.inf).sort(dim=1, descending=True, stable=True)
    return ranked.indices[:, :count], ranked.values[:, :count]


def _are_over(boxes: Tensor, threshold: float) -> Tensor:
    left, top, right, bottom = boxes.unbind(dim=2)
    areas = (right - left) * (bottom - top)
    shared = _common(left, right).mul_(_common(top, bottom))
    union = (areas[:, :, None] + areas[:, None, :]).sub_(shared)
    return shared.div_(union) > threshold  # 0 / 0 is over nothing


def _common(low: Tensor, high: Tensor) -> Tensor:
    """(N, K, K) how much of an axis pairs share."""
    first_end = torch.minimum(high[:, :, None], high[:, None, :])
    return first_end.sub_(torch.maximum(low[:, :, None], low[:, None, :])).clamp_(min=0)
