"""Images as they are decoded, kept in memory as far as it goes."""

import threading
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.devices import cpu_device
from core.images import read_image
from core.maskrcnn.preprocess import resized, resized_hw
from core.maskrcnn.settings import ModelSettings
from core.training.cropping import scaled_settings

Pixels: TypeAlias = npt.NDArray[np.uint8]

_SHARE_OF_FREE = 0.5
"""The other half is left to the model, to what is made ready ahead, and to other programs."""
_BYTES_WHERE_NOBODY_TELLS = 1 << 30


def cache_bytes() -> int:
    """The memory that images may take: half of what programs can still have."""
    device = cpu_device()
    if device.n_bytes_total is None or device.n_bytes_used is None:
        return _BYTES_WHERE_NOBODY_TELLS
    return int(_SHARE_OF_FREE * (device.n_bytes_total - device.n_bytes_used))


class PixelCache:
    """Images as they are decoded, in memory up to a number of bytes.

    Photos are kept no larger than twice what the model usually takes, or as large as they are ever
    shown: shrinking 12 megapixels anew in every iteration costs more than the rest of loading.
    Several threads may read at a time.
    """

    def __init__(self, settings: ModelSettings, largest_scale: float, *, max_bytes: int) -> None:
        factor = max(largest_scale, 2 * min(largest_scale, 1.0))
        self._settings = scaled_settings(settings, factor)
        self._left_bytes = max_bytes
        self._kept: dict[Path, tuple[Pixels, tuple[int, int]]] = {}
        self._lock = threading.Lock()

    def read(self, file: Path) -> tuple[Pixels, tuple[int, int]]:
        """The image, possibly smaller than its file, and the size of the file's own.

        Raises:
            AppError: the file cannot be read.
        """
        kept = self._kept.get(file)
        if kept is not None:
            return kept
        pixels = read_image(file)
        size_hw = (pixels.shape[0], pixels.shape[1])
        enough_hw = resized_hw(size_hw, self._settings)
        if enough_hw[0] < size_hw[0]:
            pixels = resized(pixels, enough_hw)
        pixels.setflags(write=False)  # it is lent to all who ask
        with self._lock:
            # another thread may have been quicker
            if file not in self._kept and pixels.nbytes <= self._left_bytes:
                self._left_bytes -= pixels.nbytes
                self._kept[file] = (pixels, size_hw)
        return pixels, size_hw
