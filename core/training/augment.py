"""How an image is shown to the model in one iteration: its size, and whether it is mirrored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import Part, Ring


@dataclass(frozen=True, slots=True)
class Look:
    """One way to show an image."""

    scale: float
    """Factor on the model's usual input size."""
    mirrored: bool
    """Left and right swapped."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The ways that are drawn from."""

    scale_range: tuple[float, float]
    flip: bool

    def draw(self, rng: np.random.Generator) -> Look:
        """A way to show an image; the same number of draws whatever the settings."""
        scale, side = rng.uniform(*self.scale_range), rng.random()
        return Look(float(scale), mirrored=self.flip and side < 0.5)


def mirrored(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The (H, W, 3) image with left and right swapped, contiguous."""
    return np.ascontiguousarray(pixels[:, ::-1])


def moved(
    parts: Sequence[Part], *, scale_xy: tuple[float, float], mirrored_in: int | None
) -> tuple[Part, ...]:
    """Parts in pixels of the image as shown.

    Args:
        parts: in pixels of the image.
        scale_xy: width and height as shown by width and height of the image.
        mirrored_in: the width as shown, where it is shown mirrored.
    """

    def ring(points: Ring) -> Ring:
        scaled: Ring = points * np.asarray(scale_xy)
        if mirrored_in is not None:
            scaled[:, 0] = mirrored_in - scaled[:, 0]
        return scaled

    return tuple(Part(ring(part.outer), tuple(map(ring, part.holes))) for part in parts)
