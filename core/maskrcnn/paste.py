"""Whole-image masks from mask crops, to the pixel as detectron2 pastes them."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

_THRESHOLD = 0.5


def pasted(
    crop: npt.NDArray[np.float32], box: npt.NDArray[np.float32], size_hw: tuple[int, int]
) -> tuple[int, int, npt.NDArray[np.bool_]]:
    """The part of a mask that can be anything but empty.

    The crop is stretched over its box, zero outside it, and read bilinearly at the centres of
    pixels; at least 0.5 is inside.

    Args:
        crop: (M, M) 0 to 1.
        box: (4,) x0 y0 x1 y1, not empty.
        size_hw: of the image.

    Returns:
        The left column and upper row of the part, and the part (h, w).
    """
    # A pixel more on each side: the crop fades out half a cell beyond its box.
    x0, y0 = (max(0, math.floor(low) - 1) for low in box[:2].tolist())
    x1 = min(size_hw[1], math.ceil(box[2].item()) + 1)
    y1 = min(size_hw[0], math.ceil(box[3].item()) + 1)
    corners = torch.from_numpy(np.ascontiguousarray(box, dtype=np.float32))
    xs = torch.arange(x0, x1, dtype=torch.float32) + 0.5
    ys = torch.arange(y0, y1, dtype=torch.float32) + 0.5
    xs = (xs - corners[0]) / (corners[2] - corners[0]) * 2 - 1
    ys = (ys - corners[1]) / (corners[3] - corners[1]) * 2 - 1
    grid = torch.stack(
        [xs[None, :].expand(len(ys), len(xs)), ys[:, None].expand(len(ys), len(xs))], dim=2
    )
    values = torch.from_numpy(np.ascontiguousarray(crop, dtype=np.float32))[None, None]
    soft = F.grid_sample(values, grid[None], align_corners=False)[0, 0]
    return x0, y0, (soft >= _THRESHOLD).numpy()


def whole_mask(
    crop: npt.NDArray[np.float32], box: npt.NDArray[np.float32], size_hw: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """The mask in the whole image, (H, W)."""
    mask = np.zeros(size_hw, np.bool_)
    x0, y0, part = pasted(crop, box, size_hw)
    mask[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part
    return mask
