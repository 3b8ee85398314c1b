"""Images as the network takes them: resized, in the config's channel order, normalised, padded."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.maskrcnn.resizing import Pixels, input_hw, resized
from core.maskrcnn.settings import SIZE_DIVISIBILITY, ModelSettings

__all__ = [
    "network_pixels",
    "network_pixels_on",
    "normalised_batch",
    "padded_hw",
    "resized",
    "resized_hw",
]


def resized_hw(size_hw: tuple[int, int], settings: ModelSettings) -> tuple[int, int]:
    """Height and width after the shorter side became MIN_SIZE_TEST, the longer at most MAX_SIZE."""
    return input_hw(size_hw, min_size=settings.min_size_test, max_size=settings.max_size_test)


def network_pixels(image: Pixels, settings: ModelSettings) -> Tensor:
    """(3, H, W) float32 0 to 255 of an RGB image (H, W, 3), in the config's channel order."""
    ordered = image[:, :, ::-1] if settings.input_format == "BGR" else image
    return torch.from_numpy(np.ascontiguousarray(ordered.transpose(2, 0, 1), dtype=np.float32))


def network_pixels_on(device: torch.device, image: Pixels, settings: ModelSettings) -> Tensor:
    """The same tensor on a device, where it is made of bytes: a quarter of it has to go there."""
    there = torch.from_numpy(np.array(image)).to(device)  # a copy: torch warns of read-only arrays
    planes = there.permute(2, 0, 1)
    return (planes.flip(0) if settings.input_format == "BGR" else planes).float().contiguous()


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
