"""Colours as another light or camera would have given them."""

import cv2
import numpy as np
import numpy.typing as npt

_LUMA = np.array([0.299, 0.587, 0.114])
"""What red, green and blue give to the grey of a pixel (ITU-R BT.601)."""


def recoloured(
    pixels: npt.NDArray[np.uint8], factors: tuple[float, float, float]
) -> npt.NDArray[np.uint8]:
    """The image (H, W, 3) uint8 RGB with another brightness, contrast and saturation.

    As detectron2's RandomBrightness, RandomContrast and RandomSaturation in this order, rounded and
    clipped once at the end. Contrast is kept around the image's mean grey.

    Args:
        pixels: RGB.
        factors: on brightness, contrast and saturation; 1 changes nothing.
    """
    if factors == (1.0, 1.0, 1.0):
        return pixels
    brightness, contrast, saturation = factors
    mean_grey = brightness * float(_LUMA @ cv2.mean(pixels)[:3])
    mixing = saturation * np.eye(3) + (1 - saturation) * _LUMA
    # grey stays grey when colours are mixed, so the shift is the same for all three
    shift = np.full((3, 1), (1 - contrast) * mean_grey)
    matrix = np.hstack([brightness * contrast * mixing, shift])
    return np.asarray(cv2.transform(pixels, matrix), dtype=np.uint8)
