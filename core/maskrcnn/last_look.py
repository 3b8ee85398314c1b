"""What a model made of the image that it was shown last, so that the next box in it is quick."""

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
_Look = TypeVar("_Look")


class LastLook(Generic[_Look]):
    """Looks at an image once, as long as it is asked about no other."""

    def __init__(self, looked_at: Callable[[Pixels], _Look]) -> None:
        """Keeps nothing yet.

        Args:
            looked_at: what is made of an image, (H, W, 3) uint8 RGB.
        """
        self._looked_at = looked_at
        self._kept: tuple[tuple[tuple[int, ...], bytes], _Look] | None = None
        self._image: Pixels | None = None
        """The one that was looked at, where nobody can write to it."""

    def of(self, image: Pixels) -> _Look:
        """What was made of an image, (H, W, 3) uint8 RGB; whether it is the same its pixels say.

        To hash them takes longer than to answer: the same array again, if it is read-only, is not.
        """
        if self._kept is not None and image is self._image:
            return self._kept[1]
        stamp = image.shape, hashlib.blake2b(np.ascontiguousarray(image).data).digest()
        if self._kept is None or self._kept[0] != stamp:
            self.forget()  # two of them need not fit in the memory
            self._kept = stamp, self._looked_at(image)
        self._image = None if image.flags.writeable else image
        return self._kept[1]

    def forget(self) -> None:
        """Frees its memory."""
        self._kept = self._image = None
