"""Features of boxes, from the pyramid's level that suits their size."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.maskrcnn.boxes import areas
from core.maskrcnn.roi_align import roi_align
from core.maskrcnn.roi_gather import gathered

_CANONICAL_PX = 224
_CANONICAL_LEVEL = 4
_FINEST, _COARSEST = 2, 5
_STRIDES = (4, 8, 16, 32)


def levels_of(boxes: Tensor) -> Tensor:
    """(N,) int64, 0 for p2 to 3 for p5: equation 1 of the FPN paper (Lin 2017)."""
    sides = torch.sqrt(areas(boxes))
    # The 1e-8 decides where a box is exactly 224, 112 ... wide, and keeps log2 finite.
    levels = torch.floor(_CANONICAL_LEVEL + torch.log2(sides / _CANONICAL_PX + 1e-8))
    return torch.clamp(levels, min=_FINEST, max=_COARSEST).to(torch.int64) - _FINEST


def pooled(
    features: Sequence[Tensor], boxes: Sequence[Tensor], *, resolution: int, sampling_ratio: int
) -> Tensor:
    """RoIAlign with half-pixel alignment.

    Args:
        features: p2, p3 ..., each (images, C, H, W); those after p5 are not used.
        boxes: (N, 4) float32 of each image, pixels of the input, whatever the features are.
        resolution: cells a side.
        sampling_ratio: samples a cell and axis; 0: as many as it has feature pixels, rounded up.

    Returns:
        (boxes of all images, C, resolution, resolution), of the features' dtype.
    """
    counts = torch.tensor([len(box) for box in boxes])
    joined = torch.cat(list(boxes))
    images = torch.repeat_interleave(torch.arange(len(boxes)), counts).to(joined.device)
    levels = levels_of(joined)
    if _are_gathered(features[0]):
        return gathered(
            features,
            joined,
            images=images,
            levels=levels,
            strides=_STRIDES,
            resolution=resolution,
            sampling_ratio=sampling_ratio,
        )
    rois = torch.cat([images[:, None].to(joined), joined], dim=1)
    result = features[0].new_zeros(len(rois), features[0].shape[1], resolution, resolution)
    for level, stride in enumerate(_STRIDES):
        index = torch.nonzero(levels == level).squeeze(1)
        cells = roi_align(
            features[level],
            rois[index],
            resolution,
            spatial_scale=1 / stride,
            sampling_ratio=sampling_ratio,
        )
        result.index_put_((index,), cells)
    return result


def pooled_without_waiting(
    features: Sequence[Tensor], boxes: Tensor, *, resolution: int, sampling_ratio: int
) -> Tensor:
    """RoIAlign as `pooled`, without asking the device how many boxes belong to which level.

    Each level is given all boxes, those of other levels with no area. Of these RoIAlign takes no
    sample where their number goes by the size, and the same pixel over and over where it is fixed:
    what is computed in vain is the writing of their cells. To give each level all boxes as they
    are would take 58 times the samples on p2 alone where a box spans an image of 800 x 1344.

    Args:
        features: p2, p3 ..., each (images, C, H, W) contiguous; those after p5 are not used.
        boxes: (images, N, 4) float32, pixels of the input; finite.
        resolution: cells a side.
        sampling_ratio: samples a cell and axis; 0: as many as it has feature pixels, rounded up.

    Returns:
        (images x N, C, resolution, resolution), of the features' dtype.
    """
    n_images, per_image = boxes.shape[:2]
    images = torch.arange(n_images, device=boxes.device)[:, None].expand(n_images, per_image)
    rois = torch.cat([images.reshape(-1, 1).to(boxes), boxes.flatten(0, 1)], dim=1)
    levels = levels_of(rois[:, 1:])

    def aligned(level: int) -> Tensor:
        return roi_align(
            features[level],
            rois.masked_fill((levels != level)[:, None], 0),
            resolution,
            spatial_scale=1 / _STRIDES[level],
            sampling_ratio=sampling_ratio,
        )

    result = aligned(0)
    for level in range(1, len(_STRIDES)):
        result = aligned(level).where((levels == level)[:, None, None, None], result)
    return result


def _are_gathered(features: Tensor) -> bool:
    is_plain = features.device.type == "cpu" and features.dtype == torch.float32
    has_channels_last = features.shape[1] > 1 and not features.is_contiguous()
    return is_plain and has_channels_last and not features.requires_grad
