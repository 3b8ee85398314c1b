"""Images as the network takes them: resized, in the config's channel order, normalised, padded."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.maskrcnn.settings import SIZE_DIVISIBILITY, ModelSettings

Pixels = npt.NDArray[np.uint8]


def resized_hw(size_hw: tuple[int, int], settings: ModelSettings) -> tuple[int, int]:
    """Height and width after the shorter side became MIN_SIZE_TEST, the longer at most MAX_SIZE."""
    if settings.min_size_test == 0:
        return size_hw
    height, width = size_hw
    shortest = settings.min_size_test * 1.0
    scale = shortest / min(height, width)
    # Step by step as detectron2 does it: another order of roundings is a pixel off at times.
    new_h, new_w = (shortest, scale * width) if height < width else (scale * height, shortest)
    if max(new_h, new_w) > settings.max_size_test:
        scale = settings.max_size_test * 1.0 / max(new_h, new_w)
        new_h, new_w = new_h * scale, new_w * scale
    # A photo a thousand times as wide as high would vanish otherwise.
    return max(1, int(new_h + 0.5)), max(1, int(new_w + 0.5))


def resized(image: Pixels, size_hw: tuple[int, int]) -> Pixels:
    """The image (H, W, 3) in another size: PIL's bilinear with antialiasing, on 8 bits."""
    if image.shape[:2] == size_hw:
        return image
    height, width = size_hw
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def network_pixels(image: Pixels, settings: ModelSettings) -> Tensor:
    """(3, H, W) float32 0 to 255 of an RGB image (H, W, 3), in the config's channel order."""
    ordered = image[:, :, ::-1] if settings.input_format == "BGR" else image
    return torch.from_numpy(np.ascontiguousarray(ordered.transpose(2, 0, 1), dtype=np.float32))


def padded_hw(sizes_hw: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The size that holds them all and is a multiple of 32 both ways."""
    height, width = (max(size[axis] for size in sizes_hw) for axis in (0, 1))
    return -(-height // SIZE_DIVISIBILITY) * SIZE_DIVISIBILITY, -(
        -width // SIZE_DIVISIBILITY
    ) * SIZE_DIVISIBILITY


def normalised_batch(images: Sequence[Tensor], mean: Tensor, std: Tensor) -> Tensor:
    """(N, 3, H, W): normalised first, then padded with zeros to the right and at the bottom."""
    height, width = padded_hw([(image.shape[1], image.shape[2]) for image in images])
    batch = images[0].new_zeros(len(images), 3, height, width)
    for place, image in enumerate(images):
        batch[place, :, : image.shape[1], : image.shape[2]] = (image - mean) / std
    return batch
