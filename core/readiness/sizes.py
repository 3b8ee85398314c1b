"""What is too small for the model to see, or too much for it to tell apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.readiness.done import DoneImage, in_split
from core.readiness.finding import Finding, warning
from core.types import LabelClass, Split
from core.wording import counted, listed

LEAST_SIDE_PX = 16
"""Of the model's input. Half the side below which COCO calls an object small (32 x 32); four pixels
on the finest map that it looks at."""


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """What a model is shown and gives; the values are detectron2's, by its names."""

    min_size_px: int = 800
    """INPUT.MIN_SIZE_TEST: what the shorter side of an image becomes; 0: it stays."""
    max_size_px: int = 1333
    """INPUT.MAX_SIZE_TEST: what the longer one is at most."""
    detections_per_image: int = 100
    """TEST.DETECTIONS_PER_IMAGE; below 0: no limit."""


SMALL_LIMITS = ModelLimits(400, 667)
"""Those of the small model that learns from scratch where no config is named."""


def of_sizes(
    images: Sequence[DoneImage], classes: Sequence[LabelClass], *, limits: ModelLimits
) -> tuple[Finding, ...]:
    """What a model with these limits does not see."""
    return (*_too_small(images, classes, limits), *_too_many(images, limits))


def _too_small(
    images: Sequence[DoneImage], classes: Sequence[LabelClass], limits: ModelLimits
) -> tuple[Finding, ...]:
    largest: dict[int, float] = {}
    train = in_split(images, Split.TRAIN)
    for image in train:
        # where nobody knows the size of an image, nothing can be said of its classes
        scale = _scale(image.size_hw, limits) if image.size_hw else math.inf
        for class_id in image.class_counts:
            side = math.sqrt(image.largest_px2.get(class_id, math.inf)) * scale
            largest[class_id] = max(side, largest.get(class_id, 0.0))
    small = [one for one in classes if 0 < largest.get(one.id, math.inf) < LEAST_SIDE_PX]
    if not small:
        return ()
    ids = {one.id for one in small}
    return (
        warning(
            f"Every instance of {listed([one.name for one in small])} is smaller than"
            f" {LEAST_SIDE_PX} pixels on what the model is shown, so it will hardly see any.",
            "Cut the images into pieces, or learn with a model whose input is larger"
            f" (INPUT.MIN_SIZE_TEST is {limits.min_size_px}).",
            keys=tuple(one.key for one in train if ids & one.class_counts.keys()),
        ),
    )


def _too_many(images: Sequence[DoneImage], limits: ModelLimits) -> tuple[Finding, ...]:
    most = limits.detections_per_image
    full = [one for one in images if 0 <= most < sum(one.class_counts.values())]
    if not full:
        return ()
    have = "has" if len(full) == 1 else "have"
    return (
        warning(
            f"{counted(len(full), 'image')} {have} more than {most} instances, and the model gives"
            f" the best {most} of an image only.",
            "Set TEST.DETECTIONS_PER_IMAGE in the model's config higher, or cut the images into"
            " pieces.",
            keys=tuple(one.key for one in full),
        ),
    )


def _scale(size_hw: tuple[int, int], limits: ModelLimits) -> float:
    """What an image's sides are multiplied by before the model sees it (ResizeShortestEdge)."""
    if not limits.min_size_px:
        return 1.0
    return min(limits.min_size_px / min(size_hw), limits.max_size_px / max(size_hw))
