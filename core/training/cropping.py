"""What is shown of an image, and where its pixels and its instances come to lie there."""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.geometry import clip, parts_area
from core.maskrcnn.preprocess import resized_hw
from core.maskrcnn.settings import ModelSettings
from core.training.augment import Look
from core.training.lesson import SLIVER_SHARE, TaughtInstance, TrainingImage
from core.types import Part, Ring

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Crop:
    """What is shown of an image: scaled, cropped, mirrored."""

    size_hw: tuple[int, int]
    """Of the image."""
    scaled_hw: tuple[int, int]
    """Of the whole image as scaled."""
    crop_hw: tuple[int, int]
    """Of what is shown of it."""
    corner_xy: tuple[int, int] = (0, 0)
    """Of the crop, in pixels of the image as scaled."""
    mirrored: bool = False
    """Left and right of the crop are swapped."""

    @property
    def is_cut(self) -> bool:
        """Whether something of the image lies outside of the crop."""
        return self.crop_hw != self.scaled_hw

    def moved(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """Parts in pixels of the crop, of parts in pixels of the image; not clipped."""
        scale_xy = np.array(self.scaled_hw[::-1]) / self.size_hw[::-1]

        def ring(points: Ring) -> Ring:
            there: Ring = points * scale_xy - self.corner_xy
            if self.mirrored:
                there[:, 0] = self.crop_hw[1] - there[:, 0]
            return there

        return tuple(Part(ring(part.outer), tuple(map(ring, part.holes))) for part in parts)

    def pixels(self, image: Pixels) -> Pixels:
        """The pixels of the crop, (H, W, 3) uint8, contiguous.

        Args:
            image: (H, W, 3), all of it, in its own size or another.
        """
        shown = _resized_crop(image, self.scaled_hw, self.corner_xy, self.crop_hw)
        return np.ascontiguousarray(shown[:, ::-1]) if self.mirrored else shown

    def lesson(self, image: TrainingImage) -> TrainingImage:
        """What the image teaches, in pixels of the crop."""
        taught = [replace(one, parts=self.moved(one.parts)) for one in image.taught]
        ignored = [self.moved(parts) for parts in image.ignored]
        rejected = [self.moved(parts) for parts in image.rejected]
        moved = replace(
            image, taught=tuple(taught), ignored=tuple(ignored), rejected=tuple(rejected)
        )
        if not self.is_cut:
            return moved
        return reduced(moved, lambda parts: clip(parts, self.crop_hw))


def reduced(
    image: TrainingImage, left_of: Callable[[tuple[Part, ...]], tuple[Part, ...]]
) -> TrainingImage:
    """What the image teaches where less of everything is to be seen.

    Args:
        image: what it teaches so far.
        left_of: what is left of parts; the very same parts where that is all of them.
    """
    taught = [with_parts(one, left_of(one.parts)) for one in image.taught]
    rejected = [(left_of(parts), parts) for parts in image.rejected]
    return replace(
        image,
        taught=tuple(one for one in taught if one.parts),
        ignored=tuple(parts for parts in map(left_of, image.ignored) if parts),
        # a sliver of what is no instance may look like one
        rejected=tuple(
            left for left, all_of in rejected if _share_of(left, all_of) >= SLIVER_SHARE
        ),
    )


def with_parts(instance: TaughtInstance, left: tuple[Part, ...]) -> TaughtInstance:
    """The instance with what is left of its parts, which may be nothing."""
    share = _share_of(left, instance.parts)
    return replace(instance, parts=left, visible_share=instance.visible_share * share)


def _share_of(left: Sequence[Part], parts: Sequence[Part]) -> float:
    if len(left) == len(parts) and all(map(operator.is_, left, parts)):
        return 1.0
    before = parts_area(parts)
    return parts_area(left) / before if before else 0.0


def crop_of(size_hw: tuple[int, int], settings: ModelSettings, look: Look) -> Crop:
    """How an image of this size is shown: no larger than the model usually takes it."""
    usual_hw = resized_hw(size_hw, settings)
    scaled_hw = resized_hw(size_hw, scaled_settings(settings, look.scale))
    height, width = min(scaled_hw[0], usual_hw[0]), min(scaled_hw[1], usual_hw[1])
    left, top = (
        min(int(share * (whole - shown + 1)), whole - shown)
        for share, whole, shown in zip(look.crop_at, scaled_hw[::-1], (width, height), strict=True)
    )
    return Crop(size_hw, scaled_hw, (height, width), (left, top), look.mirrored)


def scaled_settings(settings: ModelSettings, factor: float) -> ModelSettings:
    """The settings of a model that takes its images larger or smaller by a factor."""
    return replace(
        settings,
        min_size_test=round(settings.min_size_test * factor),
        max_size_test=max(1, round(settings.max_size_test * factor)),
    )


def _resized_crop(
    image: Pixels, scaled_hw: tuple[int, int], corner_xy: tuple[int, int], crop_hw: tuple[int, int]
) -> Pixels:
    """A patch of the image as `resized` would scale it, without scaling the rest."""
    if image.shape[:2] == scaled_hw:
        left, top = corner_xy
        return np.ascontiguousarray(image[top : top + crop_hw[0], left : left + crop_hw[1]])
    rows, y0, y1 = _source(image.shape[0], scaled_hw[0], corner_xy[1], crop_hw[0])
    columns, x0, x1 = _source(image.shape[1], scaled_hw[1], corner_xy[0], crop_hw[1])
    source = Image.fromarray(np.ascontiguousarray(image[rows, columns]))
    height, width = crop_hw
    return np.asarray(source.resize((width, height), Image.Resampling.BILINEAR, (x0, y0, x1, y1)))


def _source(side: int, scaled: int, start: int, length: int) -> tuple[slice, float, float]:
    """The pixels along one side that a patch is made of, and where in them it begins and ends."""
    step = side / scaled
    begin, end = start * step, min((start + length) * step, float(side))
    # the filter reaches as far as one step, or one pixel, over the ends
    reach = math.ceil(max(step, 1.0)) + 1
    low, high = max(0, math.floor(begin) - reach), min(side, math.ceil(end) + reach)
    return slice(low, high), begin - low, end - low
