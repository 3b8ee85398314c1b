"""Boxes as (N, 4) tensors x0 y0 x1 y1: coding, matching, sampling, overlap."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_LARGEST_LOG_SCALE = math.log(1000 / 16)


@dataclass(frozen=True, slots=True)
class BoxCoder:
    """Boxes as four numbers relative to other boxes (Girshick 2014, appendix C), weighted."""

    weights: tuple[float, ...]

    def encode(self, anchors: Tensor, boxes: Tensor) -> Tensor:
        """(N, 4) numbers that move anchors (N, 4) to boxes (N, 4)."""
        anchor_xy, anchor_wh = _centres_and_sizes(anchors)
        box_xy, box_wh = _centres_and_sizes(boxes)
        weights = anchors.new_tensor(self.weights)
        shifts = weights[:2] * (box_xy - anchor_xy) / anchor_wh
        scales = weights[2:] * torch.log(box_wh / anchor_wh)
        return torch.cat([shifts, scales], dim=1)

    def decode(self, deltas: Tensor, anchors: Tensor) -> Tensor:
        """Boxes of deltas (N, 4 k), k for each of the anchors (N, 4); not clipped."""
        weights = torch.tensor(self.weights, dtype=torch.float32, device=deltas.device)
        return decoded(deltas, anchors, weights)


def decoded(deltas: Tensor, anchors: Tensor, weights: Tensor) -> Tensor:
    """Boxes (N, 4 k) of deltas (N, 4 k), k for each of the anchors (N, 4), by weights (4,)."""
    deltas = deltas.float().view(len(anchors), deltas.shape[1] // 4, 4)
    anchor_xy, anchor_wh = _centres_and_sizes(anchors.float())
    centres = deltas[..., :2] / weights[:2] * anchor_wh[:, None] + anchor_xy[:, None]
    scales = torch.clamp(deltas[..., 2:] / weights[2:], max=_LARGEST_LOG_SCALE)
    halves = 0.5 * (torch.exp(scales) * anchor_wh[:, None])
    return torch.cat([centres - halves, centres + halves], dim=2).flatten(1)


def _centres_and_sizes(boxes: Tensor) -> tuple[Tensor, Tensor]:
    sizes = boxes[:, 2:] - boxes[:, :2]
    return boxes[:, :2] + 0.5 * sizes, sizes


def clipped(boxes: Tensor, size_hw: tuple[int, int]) -> Tensor:
    """Boxes (..., 4) cut at the border of an image."""
    height, width = size_hw
    xs = boxes[..., 0::2].clamp(min=0, max=width)
    ys = boxes[..., 1::2].clamp(min=0, max=height)
    return torch.stack([xs[..., 0], ys[..., 0], xs[..., 1], ys[..., 1]], dim=-1)


def is_larger(boxes: Tensor, side_px: float) -> Tensor:
    """(...) bool of boxes (..., 4): both sides are longer than that, not merely as long."""
    return ((boxes[..., 2:] - boxes[..., :2]) > side_px).all(dim=-1)


def areas(boxes: Tensor) -> Tensor:
    """(N,) of boxes (N, 4)."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def intersections(first: Tensor, second: Tensor) -> Tensor:
    """(N, M) areas that boxes (N, 4) share with boxes (M, 4)."""
    low = torch.max(first[:, None, :2], second[:, :2])
    high = torch.min(first[:, None, 2:], second[:, 2:])
    return (high - low).clamp(min=0).prod(dim=2)


def ious(first: Tensor, second: Tensor) -> Tensor:
    """(N, M) intersection over union; 0 where nothing is shared, empty boxes included."""
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second) - shared
    return torch.where(shared > 0, shared / union, shared.new_zeros(()))


def is_mostly_inside(boxes: Tensor, regions: Tensor) -> Tensor:
    """(N,) bool: half or more of the box's own area lies in one of the regions (M, 4)."""
    if len(regions) == 0:
        return torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    covered = intersections(boxes, regions).max(dim=1).values
    return (covered > 0) & (covered >= 0.5 * areas(boxes))


def matched(
    overlaps: Tensor, thresholds: Sequence[float], *, keeps_best_of_each: bool
) -> tuple[Tensor, Tensor]:
    """Which of the truth each box stands for, and whether it does.

    Args:
        overlaps: (M, N) IoU of M boxes of the truth with N others.
        thresholds: one: 0 below, 1 from it on. Two: 0 below the first, 1 from the second, -1
            between.
        keeps_best_of_each: every box of the truth also makes those 1 that overlap it most, however
            little; they still stand for the one they overlap most themselves.

    Returns:
        (N,) int64 index into the truth, and (N,) int8 label.
    """
    if overlaps.numel() == 0:
        zeros = torch.zeros(overlaps.shape[1], dtype=torch.int64, device=overlaps.device)
        return zeros, zeros.to(torch.int8)
    best, index = overlaps.max(dim=0)
    labels = torch.full_like(index, -1, dtype=torch.int8)
    labels[best < thresholds[0]] = 0
    labels[best >= thresholds[-1]] = 1
    if keeps_best_of_each:
        best_of_truth = overlaps.max(dim=1, keepdim=True).values
        labels[(overlaps == best_of_truth).any(dim=0)] = 1
    return index, labels


def sampled(
    labels: Tensor,
    count: int,
    *,
    positive_fraction: float,
    background: int,
    is_preferred: Tensor | None = None,
    seed: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Random indices of positives and of negatives, at most count together.

    Draws from torch's random numbers in detectron2's order, also where nothing is left to choose.

    Args:
        labels: (N,) -1 for neither, background for negatives, anything else for positives.
        count: how many are wanted.
        positive_fraction: of count, at most so many are positives; negatives fill up the rest.
        background: the label of negatives.
        is_preferred: (N,) bool, the negatives that are taken before others, but for no more than a
            half of the places that negatives have; None: none.
        seed: of torch's random numbers from here on; None: they go on as they come.
    """
    if seed is not None:
        _seed(seed, labels.device)
    positives = torch.nonzero((labels != -1) & (labels != background)).squeeze(1)
    negatives = torch.nonzero(labels == background).squeeze(1)
    n_positive = min(len(positives), int(count * positive_fraction))
    n_negative = min(len(negatives), count - n_positive)
    first = torch.randperm(len(positives), device=labels.device)[:n_positive]
    shuffled = negatives[torch.randperm(len(negatives), device=labels.device)]
    if is_preferred is not None:
        preferred = torch.nonzero(is_preferred[shuffled]).squeeze(1)[: (n_negative + 1) // 2]
        comes_later = torch.ones_like(shuffled, dtype=torch.bool)
        comes_later[preferred] = False
        shuffled = torch.cat([shuffled[preferred], shuffled[comes_later]])
    return positives[first], shuffled[:n_negative]


def _seed(seed: int, device: torch.device) -> None:
    """As torch.manual_seed, which on a CPU spends milliseconds on noting where it was called, for
    the case that CUDA begins later."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


def box_loss(predicted: Tensor, target: Tensor, beta: float) -> Tensor:
    """The sum of smooth L1 over (N, 4); plain L1 where beta is next to 0."""
    if beta < 1e-5:
        return torch.abs(predicted - target).sum()
    return F.smooth_l1_loss(predicted, target, beta=beta, reduction="sum")
