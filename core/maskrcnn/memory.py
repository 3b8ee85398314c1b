"""Predicting where memory is short: less at a time, then smaller, and saying so."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from core.types import Detections

Pixels = npt.NDArray[np.uint8]

_SCALES = (1.0, 0.75, 0.5)
"""Of the size that the network is usually given: half of it takes a quarter of the memory."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or the machine, had too little memory."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    # the CPU's allocator and Apple's GPU raise nothing more precise
    said = str(error).casefold()
    return isinstance(error, RuntimeError) and any(
        words in said for words in ("out of memory", "not enough memory", "can't allocate memory")
    )


class WithinMemory:
    """Detects in as many images at a time, and at such a size, as fits.

    What did not fit once is not tried again: an image that follows would only fail, too.
    """

    def __init__(
        self, detect: Callable[[Sequence[Pixels], float], list[Detections]], *, device: str
    ) -> None:
        self._detect = detect
        self._device = device
        self._most: int | None = None
        self._rung = 0

    def detect(self, images: Sequence[Pixels]) -> tuple[list[Detections], str]:
        """Detections of images, and what has to be said of it: a sentence, empty if nothing.

        Raises:
            RuntimeError or MemoryError: the memory is too small for a single image at half size.
        """
        results: list[Detections] = []
        had_to_take_less = False
        while len(results) < len(images):
            some = images[len(results) :][: self._most]
            error = self._tried(some, results)
            if error is not None:
                # only now, as the error's own frames held what is to be freed
                self._take_less(len(some), error)
                had_to_take_less = True
        return results, self._sentence() if had_to_take_less else ""

    def _tried(self, some: Sequence[Pixels], results: list[Detections]) -> BaseException | None:
        try:
            results += self._detect(some, _SCALES[self._rung])
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return error.with_traceback(None)
        return None

    def _take_less(self, n_tried: int, error: BaseException) -> None:
        empty_cache(self._device)
        if n_tried > 1:
            self._most = n_tried // 2
        elif self._rung + 1 < len(_SCALES):
            self._rung += 1
        else:
            raise error

    def _sentence(self) -> str:
        ways = [] if self._most is None else [f"{self._most} at a time"]
        if self._rung:
            ways.append(f"at {100 * _SCALES[self._rung]:.0f} % of the usual size")
        return (
            f"The device {self._device} had too little memory: from here on it looks at images"
            f" {', and '.join(ways)}. Close what else uses it and begin again to have it all."
        )


def empty_cache(device: str) -> None:
    """Gives back the memory that a GPU's allocator keeps for later."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device.startswith("mps"):
        torch.mps.empty_cache()
