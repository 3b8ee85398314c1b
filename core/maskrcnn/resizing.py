"""Sizes of images as networks take them, and images brought to them; torch is not needed."""

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


def input_hw(size_hw: tuple[int, int], *, min_size: int, max_size: int) -> tuple[int, int]:
    """Height and width after the shorter side became min_size, the longer at most max_size.

    Args:
        size_hw: of the image.
        min_size: in pixels; 0: nothing is resized.
        max_size: in pixels.
    """
    if min_size == 0:
        return size_hw
    height, width = size_hw
    shortest = min_size * 1.0
    scale = shortest / min(height, width)
    # Step by step as detectron2 does it: another order of roundings is a pixel off at times.
    new_h, new_w = (shortest, scale * width) if height < width else (scale * height, shortest)
    if max(new_h, new_w) > max_size:
        scale = max_size * 1.0 / max(new_h, new_w)
        new_h, new_w = new_h * scale, new_w * scale
    # A photo a thousand times as wide as high would vanish otherwise.
    return max(1, int(new_h + 0.5)), max(1, int(new_w + 0.5))


def resized(image: Pixels, size_hw: tuple[int, int]) -> Pixels:
    """The image (H, W, 3) in another size: PIL's bilinear with antialiasing, on 8 bits."""
    if image.shape[:2] == size_hw:
        return image
    height, width = size_hw
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
