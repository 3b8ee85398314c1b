"""What a model saw to parts of few vertices, without the specks that such models leave."""

import cv2
import numpy as np
import numpy.typing as npt

from core.assist.library import Sighting
from core.geometry import parts_from_crop, rounded
from core.types import Part

_SMALL_SHARE = 0.02
"""A piece of less than this share of the largest one is a speck, not a part of the instance."""
_HOLE_SHARE = 0.005
"""A hole of less than this share of the whole is a speck."""

Mask = npt.NDArray[np.bool_]


def parts_of_sighting(
    sighting: Sighting,
    picture_hw: tuple[int, int],
    size_hw: tuple[int, int],
    *,
    on: npt.NDArray[np.float64],
    beside: npt.NDArray[np.float64],
) -> tuple[Part, ...]:
    """Parts of what was seen, in pixels of the image and inside it.

    Args:
        sighting: with a mask, in pixels of the picture.
        picture_hw: of the picture that the model was shown.
        size_hw: of the image that the picture is a smaller one of.
        on: (n, 2) x y in pixels of the picture; pieces under them are kept.
        beside: (n, 2) the same; other pieces under them are dropped.

    Returns:
        Empty where nothing was seen.
    """
    if sighting.mask is None or not sighting.mask.any():
        return ()
    corner = np.array(sighting.box_xyxy[:2], dtype=np.float64)
    mask, smallest_px = _without_specks(sighting.mask, on - corner, beside - corner)
    scale = np.array(size_hw[::-1]) / np.array(picture_hw[::-1])
    box = (np.array(sighting.box_xyxy, dtype=np.float64).reshape(2, 2) * scale).ravel()
    speck_px = min(_HOLE_SHARE * int(mask.sum()), 0.5 * smallest_px)
    parts = parts_from_crop(
        mask.astype(np.float32), box, size_hw, speck_px2=speck_px * float(scale.prod())
    )
    return tuple(map(rounded, parts))


def _without_specks(
    mask: Mask, on: npt.NDArray[np.float64], beside: npt.NDArray[np.float64]
) -> tuple[Mask, int]:
    """The pieces of a mask that count, and the pixels of the smallest of them."""
    _, found, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels, areas = np.asarray(found, dtype=np.int32), stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0  # what is not of the mask
    is_kept = areas >= _SMALL_SHARE * areas.max()
    is_kept[_labels_at(labels, beside)] = False
    is_kept[_labels_at(labels, on)] = True
    is_kept[0] = False
    if not is_kept.any():
        is_kept[areas.argmax()] = True
    return is_kept[labels], int(areas[is_kept].min())


def _labels_at(labels: npt.NDArray[np.int32], points: npt.NDArray[np.float64]) -> list[int]:
    height, width = labels.shape
    places = np.floor(points).astype(np.int64)
    return [int(labels[y, x]) for x, y in places if 0 <= x < width and 0 <= y < height]
