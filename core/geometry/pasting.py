"""The pixels that a soft mask covers, as detectron2 pastes it.

Value i of an M x M crop is centred at x0 + (i + 0.5) * w / M of its box; between centres the mask
is bilinear, outside it falls to zero (detectron2's paste_masks_in_image, which samples that surface
at the centres of pixels).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.geometry.raster import Mask

Crop: TypeAlias = npt.NDArray[np.float32]

LEVEL = 0.5
"""From it on a value is on."""


def paste(
    mask_crop: Crop, box_xyxy: npt.ArrayLike, size_hw: tuple[int, int]
) -> tuple[int, int, Mask]:
    """The pixels that a soft mask covers, as detectron2 pastes it: values of at least 0.5.

    Args:
        mask_crop: (M, M) float32, 0 to 1.
        box_xyxy: the box that it is stretched over, pixels of the image.
        size_hw: of the image.

    Returns:
        x0, y0 and (h, w) bool: the mask's place in the image, and its pixels there. All others are
        off; h or w is 0 where the box lies outside the image or is empty.
    """
    box = np.asarray(box_xyxy, dtype=np.float32)
    left, top, right, bottom = pixel_range(box, size_hw)
    xs, ys = (np.arange(a, b, dtype=np.float32) + 0.5 for a, b in ((left, right), (top, bottom)))
    return left, top, _sampled(mask_crop, box, xs, ys)


def pixel_range(
    box: npt.NDArray[np.float32], size_hw: tuple[int, int]
) -> tuple[int, int, int, int]:
    """left, top, right, bottom of the pixels that detectron2 looks at."""
    x0, y0 = np.maximum(np.floor(box[:2]) - 1, 0)
    x1, y1 = np.minimum(np.ceil(box[2:]) + 1, size_hw[::-1])
    return int(x0), int(y0), max(int(x1), int(x0)), max(int(y1), int(y0))


def _sampled(
    crop: Crop,
    box: npt.NDArray[np.float32],
    xs: npt.NDArray[np.float32],
    ys: npt.NDArray[np.float32],
) -> Mask:
    """Whether the surface is at least 0.5 at each (y, x): (len(ys), len(xs)) bool."""
    if not len(xs) or not len(ys) or box[2] <= box[0] or box[3] <= box[1]:
        return np.zeros((len(ys), len(xs)), dtype=np.bool_)
    height, width = crop.shape
    at_x = _index(xs, box[0], box[2], width)
    at_y = _index(ys, box[1], box[3], height)
    # axis by axis, and no matrix product: BLAS would start threads, which wait for each other when
    # the cores are busy
    padded = np.pad(crop.astype(np.float32, copy=False), ((1, 2), (1, 2)))
    values = _between(_between(padded.T, at_x).T, at_y)
    mask: Mask = values >= LEVEL
    # this rounds otherwise than torch's grid_sample: settle what is close
    close_y, close_x = np.nonzero(np.abs(values - np.float32(LEVEL)) < 1e-5)
    if len(close_y):
        mask[close_y, close_x] = _bilinear(crop, at_y[close_y], at_x[close_x]) >= LEVEL
    return mask


def _index(
    at: npt.NDArray[np.float32], low: np.float32, high: np.float32, n: int
) -> npt.NDArray[np.float32]:
    """Pixel positions as positions in the crop, with the roundings of detectron2 and torch."""
    unit = (at - low) / (high - low) * np.float32(2) - np.float32(1)
    # torch multiplies and subtracts with one rounding, as does double precision rounded once
    index = (unit + np.float32(1)).astype(np.float64) * (n / 2) - 0.5
    return index.astype(np.float32)


def _between(
    padded: npt.NDArray[np.float32], index: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Rows between the rows of an array with one row of zeros before and two behind."""
    at = np.clip(index, -1, len(padded) - 3) + np.float32(1)
    before = at.astype(np.intp)
    share = (at - before.astype(np.float32))[:, None]
    rows: npt.NDArray[np.float32] = padded[before]
    return rows + share * (padded[before + 1] - rows)


def _bilinear(
    crop: Crop, at_y: npt.NDArray[np.float32], at_x: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The surface at points, in the order of operations of torch's grid_sample: (n,)."""
    padded = np.pad(crop.astype(np.float32, copy=False), 2)
    y0, x0 = np.floor(at_y), np.floor(at_x)
    west, north = at_x - x0, at_y - y0
    east, south = np.float32(1) - west, np.float32(1) - north
    row = np.clip(y0.astype(np.int64) + 2, 0, padded.shape[0] - 2)
    column = np.clip(x0.astype(np.int64) + 2, 0, padded.shape[1] - 2)
    total: npt.NDArray[np.float32] = (
        padded[row, column] * (east * south)
        + padded[row, column + 1] * (west * south)
        + padded[row + 1, column] * (east * north)
        + padded[row + 1, column + 1] * (west * north)
    )
    return total
