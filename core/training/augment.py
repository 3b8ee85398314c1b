"""How an image is shown to the model in one iteration: size, crop, side, colours, company."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Look:
    """One way to show an image."""

    scale: float
    """Factor on the model's usual input size."""
    mirrored: bool
    """Left and right swapped."""
    crop_at: tuple[float, float] = (0.0, 0.0)
    """Where the crop lies of an image that is shown larger than usual: 0 0 at the left and at the
    top, 1 1 at the right and at the bottom."""
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Factors on brightness, contrast and saturation."""
    is_pasted_on: bool = False
    """Instances of another image are pasted on it."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The ways that are drawn from."""

    scale_range: tuple[float, float]
    """Factors on the model's usual input size. What is larger than usual is cropped to the usual
    size, so that the memory it takes is bounded: scale jitter as Ghiasi et al. 2021 have it, where
    0.8 to 1.25 is the standard one and 0.1 to 2 the large one."""
    flip: bool
    colour: float = 0.0
    """Brightness, contrast and saturation change by this share at most."""
    paste_share: float = 0.0
    """Share of images that get instances of another one pasted on."""

    def draw(self, rng: np.random.Generator) -> Look:
        """A way to show an image; the same number of draws whatever the settings."""
        scale, side = rng.uniform(*self.scale_range), rng.random()
        across, down, paste = rng.random(3).tolist()
        brightness, contrast, saturation = (1 + self.colour * rng.uniform(-1, 1, 3)).tolist()
        return Look(
            float(scale),
            mirrored=self.flip and side < 0.5,
            crop_at=(across, down),
            colour=(brightness, contrast, saturation),
            is_pasted_on=paste < self.paste_share,
        )
