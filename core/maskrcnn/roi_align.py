"""RoIAlign as torchvision computes it, with gradients that take a tenth of its time on a CPU.

torchvision's gradients on a CPU go through each channel anew, and are a third of a training step.
What a box takes from each feature pixel is the same for all channels: a sparse matrix, whose
transpose times the gradients is the same sum, in another order of adding.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torchvision.ops import roi_align as roi_align_of_torchvision


def roi_align(
    features: Tensor, rois: Tensor, resolution: int, *, spatial_scale: float, sampling_ratio: int
) -> Tensor:
    """(N, C, resolution, resolution): each box's features, aligned by half a pixel.

    It is computed in float32 where the features are of half precision, and rounded at the end:
    bfloat16 knows a corner at 1000 pixels to four pixels only. While it lasts this takes twice the
    memory of the half-precision features of the level, in which nothing of it is kept.

    Args:
        features: (images, C, H, W).
        rois: (N, 5) float32, index of the image and x0 y0 x1 y1 in pixels of the input; no
            gradients go there.
        resolution: cells a side.
        spatial_scale: feature pixels a pixel of the input.
        sampling_ratio: samples a cell and axis; 0: as many as it has feature pixels, rounded up.
    """
    dtype = torch.promote_types(features.dtype, torch.float32)
    exact, rois = features.to(dtype), rois.detach().to(dtype)
    is_slow = features.device.type == "cpu" and dtype == torch.float32
    aligned = (
        _Aligned.apply
        if is_slow and features.requires_grad and torch.is_grad_enabled()
        else _forward
    )
    result: Tensor = aligned(exact, rois, resolution, spatial_scale, sampling_ratio)
    return result.to(features.dtype)


def _forward(
    features: Tensor, rois: Tensor, resolution: int, scale: float, sampling_ratio: int
) -> Tensor:
    result: Tensor = roi_align_of_torchvision(
        features, rois, (resolution, resolution), scale, sampling_ratio, aligned=True
    )
    return result


class _Aligned(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, features: Tensor, rois: Tensor, resolution: int, scale: float, sampling_ratio: int
    ) -> Tensor:
        ctx.save_for_backward(rois)
        ctx.told = features.shape, resolution, scale, sampling_ratio
        return _forward(features, rois, resolution, scale, sampling_ratio)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradients: Tensor) -> tuple[Tensor | None, ...]:
        (rois,) = ctx.saved_tensors
        shape, resolution, scale, sampling_ratio = ctx.told
        images, channels, height, width = shape
        pixels, cells, shares = _shares(
            rois, (height, width), resolution, scale=scale, sampling_ratio=sampling_ratio
        )
        of_cells = gradients.permute(0, 2, 3, 1).reshape(-1, channels).contiguous()
        taken = torch.sparse_coo_tensor(
            torch.stack([pixels, cells]),
            shares,
            (images * height * width, len(of_cells)),
            check_invariants=False,
        )
        result = torch.sparse.mm(taken, of_cells).view(images, height, width, channels)
        return result.permute(0, 3, 1, 2), None, None, None, None


def _shares(
    rois: Tensor, size_hw: tuple[int, int], resolution: int, *, scale: float, sampling_ratio: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What each cell of each box takes from which feature pixel: three tensors of equal length.

    Returns:
        Index of the pixel among those of all images, index of the cell among those of all boxes,
        and the share; a pair may occur several times.
    """
    height, width = size_hw
    starts = rois[:, 1:3] * scale - 0.5
    ends = rois[:, 3:5] * scale - 0.5
    cell_sizes = (ends - starts) / resolution
    counts = torch.ceil(cell_sizes).long().clamp(min=0)
    if sampling_ratio > 0:
        counts = torch.full_like(counts, sampling_ratio)
    places = torch.arange(resolution * resolution).view(resolution, resolution)
    nothing = torch.zeros(0, dtype=torch.int64)
    pixels, cells, shares = [nothing], [nothing], [rois.new_zeros(0)]
    for count in torch.unique(counts, dim=0) if len(rois) else ():
        n_across, n_down = count.tolist()
        own = torch.nonzero((counts == count).all(dim=1)).squeeze(1)
        x, of_x = along_axis(starts[own, 0], cell_sizes[own, 0], resolution, n_across, width)
        y, of_y = along_axis(starts[own, 1], cell_sizes[own, 1], resolution, n_down, height)
        share = of_y[:, :, None, :, None] * of_x[:, None, :, None, :]
        row = rois[own, 0].long()[:, None, None, None, None] * height + y[:, :, None, :, None]
        cell = own[:, None, None] * resolution**2 + places
        pixels.append((row * width + x[:, None, :, None, :]).flatten())
        cells.append(cell[..., None, None].expand(share.shape).flatten())
        shares.append(share.flatten())
    return torch.cat(pixels), torch.cat(cells), torch.cat(shares)


def along_axis(
    starts: Tensor, sizes: Tensor, resolution: int, count: int, limit: int
) -> tuple[Tensor, Tensor]:
    """Of one axis of boxes: the two pixels beside each sample, and their shares of the cell.

    Args:
        starts: (N,) where boxes begin, in feature pixels counted from centres.
        sizes: (N,) of a cell.
        resolution: cells along the axis.
        count: samples a cell.
        limit: pixels along the axis.

    Returns:
        (N, resolution, 2 * count) int64 and float32.
    """
    at_cells = starts[:, None] + torch.arange(resolution).to(sizes) * sizes[:, None]
    steps = (torch.arange(count).to(sizes) + 0.5) / max(count, 1)
    at = at_cells[:, :, None] + steps * sizes[:, None, None]
    is_outside = (at < -1) | (at > limit)
    at = at.clamp(0, limit - 1)
    low = at.floor()
    beyond = at - low
    share = torch.cat([1 - beyond, beyond], dim=2) / max(count, 1)
    share[torch.cat([is_outside, is_outside], dim=2)] = 0
    return torch.cat([low, (low + 1).clamp(max=limit - 1)], dim=2).long(), share
