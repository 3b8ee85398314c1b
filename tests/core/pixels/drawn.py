"""Pictures with an object of which every pixel is known."""

import cv2
import numpy as np
import numpy.typing as npt

from core.geometry import mask_of
from core.types import Part

SIZE_HW = (300, 400)
DARK, LIGHT = (60, 70, 80), (200, 170, 60)


def disc(
    size_hw: tuple[int, int] = SIZE_HW,
    centre: tuple[int, int] = (200, 150),
    radius: int = 90,
    *,
    hole: int = 0,
) -> npt.NDArray[np.bool_]:
    """A disc, with a hole of a radius in its middle."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]] + 0.5
    away = np.hypot(x - centre[0], y - centre[1])
    return (away <= radius) & (away >= hole)


def picture(mask: npt.NDArray[np.bool_], *, grain: int = 6) -> npt.NDArray[np.uint8]:
    """A light object on dark ground, slightly soft and grained as photos are."""
    pixels = np.where(mask[..., None], np.array(LIGHT), np.array(DARK)).astype(np.uint8)
    soft = cv2.GaussianBlur(pixels, (3, 3), 0).astype(int)
    noise = np.random.default_rng(0).integers(-grain, grain + 1, soft.shape)
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


def iou(parts: tuple[Part, ...], mask: npt.NDArray[np.bool_]) -> float:
    """Of what the parts cover to the mask."""
    covered = mask_of(parts, mask.shape)
    return float((covered & mask).sum() / (covered | mask).sum())


def n_vertices(parts: tuple[Part, ...]) -> int:
    return sum(len(ring) for part in parts for ring in part.rings)
