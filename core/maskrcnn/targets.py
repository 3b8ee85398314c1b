"""What an image teaches, and the masks of its instances as the mask head should see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pycocotools.mask as coco_mask
import torch
from torch import Tensor
from torchvision.ops import roi_align

from core.geometry import mask_from_rle, masks_from_rles
from core.types import Json

Polygons: TypeAlias = Sequence[npt.NDArray[np.float64]]
"""Polygons of one instance, each flat x0 y0 x1 y1 ...; their union is the mask."""
Bitmap: TypeAlias = npt.NDArray[np.bool_]
"""(H, W) bool, the whole image."""
Rle: TypeAlias = Mapping[str, Json]
"""COCO's run lengths: size (height, width), counts as compressed text, bytes or a list."""
InstanceMask: TypeAlias = Polygons | Bitmap | Rle
"""Polygons where there are no holes; a bitmap or its run lengths where there are."""


def _no_boxes() -> npt.NDArray[np.float32]:
    return np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What an image teaches, in pixels of the image as the network gets it."""

    boxes: npt.NDArray[np.float32]
    """(N, 4) x0 y0 x1 y1, none of them empty."""
    classes: npt.NDArray[np.int64]
    """(N,) index of the class."""
    masks: Sequence[InstanceMask] = ()
    """N of them; a model without masks needs none."""
    ignored: npt.NDArray[np.float32] = field(default_factory=_no_boxes)
    """(K, 4) boxes in which nothing is taken for background."""
    hard_negatives: npt.NDArray[np.float32] = field(default_factory=_no_boxes)
    """(K, 4) boxes of what a model took for an instance and is none: background, and looked at
    first."""
    seed: int | None = None
    """Of the samples that are drawn for it; None: torch's random numbers go on as they come."""


def mask_targets(masks: Sequence[InstanceMask], boxes: Tensor, side: int) -> Tensor:
    """Each mask as seen in its box, (N, side, side) float32 of 0 and 1, on the CPU.

    Args:
        masks: N of them, one for each box; the same one may occur many times.
        boxes: (N, 4) float32.
        side: cells of the mask head's output.
    """
    result = torch.zeros(len(boxes), side, side)
    # Boxes of one bitmap go together: decoding it costs more than sampling it.
    of_bitmap: dict[int, list[int]] = {}
    outlined: list[int] = []
    outlines: list[Polygons] = []
    corners = boxes.detach().cpu()
    for index, mask in enumerate(masks):
        if isinstance(mask, Mapping | np.ndarray):
            of_bitmap.setdefault(id(mask), []).append(index)
        elif len(mask):
            outlined.append(index)
            outlines.append(mask)
    if outlined:
        result[outlined] = _rasterised(outlines, corners[outlined].numpy(), side)
    for indices in of_bitmap.values():
        result[indices] = _sampled(masks[indices[0]], corners[indices], side)
    return result


def _rasterised(outlines: Sequence[Polygons], boxes: npt.NDArray[np.float32], side: int) -> Tensor:
    """COCO's rasteriser, run in the grid of each box; in one go, as a call for each takes longer.

    Args:
        outlines: N of them, with at least one polygon each.
        boxes: (N, 4).
        side: cells of the grids.
    """
    # In float32 like the box, and never below a tenth of a pixel: targets are detectron2's bits.
    scales_xy = side / np.maximum(boxes[:, 2:] - boxes[:, :2], np.float32(0.1))
    moved = [
        ((np.asarray(ring, np.float64).reshape(-1, 2) - box[:2]) * scale_xy).ravel()
        for rings, box, scale_xy in zip(outlines, boxes, scales_xy, strict=True)
        for ring in rings
    ]
    regions = iter(coco_mask.frPyObjects(moved, side, side))
    of_each = [list(islice(regions, len(rings))) for rings in outlines]
    merged = [own[0] if len(own) == 1 else coco_mask.merge(own) for own in of_each]
    pixels = masks_from_rles([one["counts"] for one in merged], (side, side))
    return torch.from_numpy(pixels).float()


def _sampled(mask: InstanceMask, boxes: Tensor, side: int) -> Tensor:
    """The mean of the pixels under each cell, at least a half of which are in the mask."""
    pixels = mask if isinstance(mask, np.ndarray) else mask_from_rle(mask)
    bitmap = torch.from_numpy(np.ascontiguousarray(pixels, dtype=np.float32))
    rois = torch.cat([torch.zeros(len(boxes), 1), boxes], dim=1)
    cells: Tensor = roi_align(
        bitmap[None, None], rois, (side, side), spatial_scale=1.0, sampling_ratio=0, aligned=True
    )
    return (cells[:, 0] >= 0.5).float()
