"""RoIAlign on features with channels last: what torchvision computes, in a fifth of its time.

torchvision's code for CPUs goes through each channel anew, and first copies what has channels last.
What a cell of a box takes from which feature pixel is the same for all channels: a weighted sum of
a few rows of the features. It is added in another order, so the last bits differ.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from core.maskrcnn.roi_align import along_axis


def gathered(
    features: Sequence[Tensor],
    boxes: Tensor,
    *,
    images: Tensor,
    levels: Tensor,
    strides: Sequence[int],
    resolution: int,
    sampling_ratio: int,
) -> Tensor:
    """RoIAlign with half-pixel alignment.

    Args:
        features: of the levels, each (images, C, H, W) float32 with channels last.
        boxes: (N, 4) pixels of the input.
        images: (N,) int64, the image of each box.
        levels: (N,) int64, index of each box's features.
        strides: pixels of the input a feature pixel, of each level.
        resolution: cells a side.
        sampling_ratio: samples a cell and axis; 0: as many as it has feature pixels, rounded up.

    Returns:
        (N, C, resolution, resolution), channels last.
    """
    result = boxes.new_empty(len(boxes), resolution, resolution, features[0].shape[1])
    for level, stride in enumerate(strides):
        own = torch.nonzero(levels == level).squeeze(1)
        starts = boxes[own, :2] / stride - 0.5
        cells = (boxes[own, 2:] / stride - 0.5 - starts) / resolution
        counts = torch.ceil(cells).long().clamp(min=0)
        if sampling_ratio > 0:
            counts = torch.full_like(counts, sampling_ratio)
        for count in torch.unique(counts, dim=0):
            alike = torch.nonzero((counts == count).all(dim=1)).squeeze(1)
            if not count.all():  # nothing is taken for boxes without an area
                result[own[alike]] = 0
                continue
            result[own[alike]] = _summed(
                features[level], starts[alike], cells[alike],
                images=images[own[alike]], count=count.tolist(), resolution=resolution,
            )  # fmt: skip
    return result.permute(0, 3, 1, 2)


def _summed(
    features: Tensor,
    starts: Tensor,
    cells: Tensor,
    *,
    images: Tensor,
    count: list[int],
    resolution: int,
) -> Tensor:
    """(N, resolution, resolution, C) of boxes with as many samples a cell across and down."""
    rows = features.permute(0, 2, 3, 1)
    _, height, width, channels = rows.shape
    x, of_x = along_axis(starts[:, 0], cells[:, 0], resolution, count[0], width)
    y, of_y = along_axis(starts[:, 1], cells[:, 1], resolution, count[1], height)
    row = (images * height)[:, None, None] + y
    pixel = (row * width)[:, :, None, :, None] + x[:, None, :, None, :]
    share = of_y[:, :, None, :, None] * of_x[:, None, :, None, :]
    n_cells = len(starts) * resolution**2
    sums = F.embedding_bag(
        pixel.view(n_cells, -1), rows.reshape(-1, channels), mode="sum",
        per_sample_weights=share.view(n_cells, -1),
    )  # fmt: skip
    return sums.view(len(starts), resolution, resolution, channels)
