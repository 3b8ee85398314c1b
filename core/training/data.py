"""The images and instances of each iteration, as a function of the seed and the iteration alone."""

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask
from torch import Tensor

from core.geometry import bounds_of, rle_of
from core.images import read_image
from core.maskrcnn.model import InstanceMask, Target
from core.maskrcnn.preprocess import network_pixels, resized, resized_hw
from core.maskrcnn.settings import ModelSettings
from core.run_folder import Snapshot, SnapshotImage
from core.training.augment import Augmentation, mirrored, moved
from core.types import ImageLabels, Instance, Json, Part, Split

Pixels: TypeAlias = npt.NDArray[np.uint8]
_CACHE_BYTES = 1 << 30
_BORDERS_MEET_IOU = 0.02
"""Up to this IoU two instances that lie side by side share no more than their borders."""
_SMALLEST_SIDE_PX = 1.0  # of an instance as shown; the RoI of a smaller one holds no pixel's centre


@dataclass(frozen=True, slots=True)
class TaughtInstance:
    """An instance that a person vouches for."""

    class_index: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TrainingImage:
    """A done image as a lesson. Without instances it teaches what is none."""

    file: Path
    taught: tuple[TaughtInstance, ...]
    ignored: tuple[tuple[Part, ...], ...]
    """What teaches nothing, neither positive nor background: crowds, and predictions that nobody
    looked at."""
    rejected: tuple[tuple[Part, ...], ...] = ()
    """Predictions that a person turned down where no instance of their class is: background."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one iteration learns from."""

    images: tuple[Tensor, ...]
    """(3, H, W) float32 each, as the network takes them."""
    targets: tuple[Target, ...]


def training_images(snapshot: Snapshot, split: Split) -> tuple[TrainingImage, ...]:
    """The images of a split, in the snapshot's order."""
    index_of = {one.id: index for index, one in enumerate(snapshot.classes)}
    return tuple(_lesson(image, index_of) for image in snapshot.images if image.split is split)


def _lesson(image: SnapshotImage, index_of: Mapping[int, int]) -> TrainingImage:
    def teaches(instance: Instance) -> bool:
        return instance.is_of_person and not instance.crowd and instance.class_id in index_of

    instances = image.labels.instances
    return TrainingImage(
        file=Path(image.file),
        taught=tuple(
            TaughtInstance(index_of[one.class_id], one.parts) for one in instances if teaches(one)
        ),
        ignored=tuple(one.parts for one in instances if not teaches(one)),
        rejected=_hard_negatives(image.labels),
    )


def _hard_negatives(labels: ImageLabels) -> tuple[tuple[Part, ...], ...]:
    """The rejected predictions that lie on no instance of their class.

    One that does may have been turned down for its border, or as a second one of the same thing.
    """
    rejected, instances = labels.rejected, labels.instances
    if not rejected or not instances:
        return tuple(one.parts for one in rejected)
    ious = coco_mask.iou(
        [rle_of(one.parts, labels.size_hw) for one in rejected],
        [rle_of(one.parts, labels.size_hw) for one in instances],
        [0] * len(instances),
    )
    classes = np.array([one.class_id for one in instances])
    own = np.array([one.class_id for one in rejected])[:, None]
    is_on_own = ((np.asarray(ious) > _BORDERS_MEET_IOU) & (classes == own)).any(axis=1)
    return tuple(one.parts for one, on in zip(rejected, is_on_own, strict=True) if not on)


class PixelCache:
    """Images as they are decoded, in memory up to a number of bytes.

    Photos are kept no larger than twice what is ever shown: shrinking 12 megapixels anew in every
    iteration costs more than the rest of loading.
    """

    def __init__(
        self, settings: ModelSettings, largest_scale: float, *, max_bytes: int = _CACHE_BYTES
    ) -> None:
        self._settings = scaled_settings(settings, 2 * largest_scale)
        self._left_bytes = max_bytes
        self._kept: dict[Path, tuple[Pixels, tuple[int, int]]] = {}

    def read(self, file: Path) -> tuple[Pixels, tuple[int, int]]:
        """The image, possibly smaller than its file, and the size of the file's own.

        Raises:
            AppError: the file cannot be read.
        """
        if file in self._kept:
            return self._kept[file]
        pixels = read_image(file)
        size_hw = (pixels.shape[0], pixels.shape[1])
        enough_hw = resized_hw(size_hw, self._settings)
        if enough_hw[0] < size_hw[0]:
            pixels = resized(pixels, enough_hw)
        if pixels.nbytes <= self._left_bytes:
            self._left_bytes -= pixels.nbytes
            self._kept[file] = (pixels, size_hw)
        return pixels, size_hw


class Lessons:
    """Batches by iteration. Any iteration's can be asked for, and is the same every time."""

    def __init__(
        self,
        images: Sequence[TrainingImage],
        *,
        settings: ModelSettings,
        augmentation: Augmentation,
        batch_size: int,
        seed: int,
    ) -> None:
        self._images = images
        self._settings = settings
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._seed = seed
        self._cache = PixelCache(settings, augmentation.scale_range[1])

    def batch(self, iteration: int) -> Batch:
        """The batch of an iteration, counted from 0.

        Raises:
            AppError: an image cannot be read.
        """
        first = iteration * self._batch_size
        shown = [self._shown(place) for place in range(first, first + self._batch_size)]
        return Batch(tuple(pixels for pixels, _ in shown), tuple(target for _, target in shown))

    def batches(self, first: int, last: int) -> Generator[Batch, None, None]:
        """The batches of iterations first to last - 1, each made ready during the one before it."""
        with ThreadPoolExecutor(1, thread_name_prefix="lessons") as pool:
            ahead: Future[Batch] | None = None
            for iteration in range(first, last):
                ready = ahead or pool.submit(self.batch, iteration)
                more = iteration + 1 < last
                ahead = pool.submit(self.batch, iteration + 1) if more else None
                yield ready.result()

    def _shown(self, place: int) -> tuple[Tensor, Target]:
        """The image at a place of the endless stream: a new shuffle each time round."""
        turn, index = divmod(place, len(self._images))
        order = np.random.default_rng((self._seed, 0, turn)).permutation(len(self._images))
        image = self._images[order[index]]
        look = self._augmentation.draw(np.random.default_rng((self._seed, 1, place)))
        pixels, size_hw = self._cache.read(image.file)
        shown_hw = resized_hw(size_hw, scaled_settings(self._settings, look.scale))
        shown = resized(pixels, shown_hw)
        target = target_of(image, size_hw, shown_hw, mirrored=look.mirrored)
        return network_pixels(mirrored(shown) if look.mirrored else shown, self._settings), target


def scaled_settings(settings: ModelSettings, factor: float) -> ModelSettings:
    """The settings of a model that takes its images larger or smaller by a factor."""
    return replace(
        settings,
        min_size_test=round(settings.min_size_test * factor),
        max_size_test=max(1, round(settings.max_size_test * factor)),
    )


def target_of(
    image: TrainingImage, size_hw: tuple[int, int], shown_hw: tuple[int, int], *, mirrored: bool
) -> Target:
    """What is to be learnt of an image, in pixels of the image as shown.

    Instances of which less than a pixel is shown are left out.

    Args:
        image: with its instances in pixels of its file.
        size_hw: of the file's image.
        shown_hw: of the image as shown.
        mirrored: it is shown with left and right swapped.
    """
    scale_xy = (shown_hw[1] / size_hw[1], shown_hw[0] / size_hw[0])
    mirrored_in = shown_hw[1] if mirrored else None

    def as_shown(parts: Sequence[Part]) -> tuple[Part, ...]:
        return moved(parts, scale_xy=scale_xy, mirrored_in=mirrored_in)

    taught = [(one.class_index, as_shown(one.parts)) for one in image.taught]
    boxes = _boxes([parts for _, parts in taught], shown_hw)
    ignored = _boxes([as_shown(parts) for parts in image.ignored], shown_hw)
    rejected = _boxes([as_shown(parts) for parts in image.rejected], shown_hw)
    is_shown = _is_shown(boxes)
    kept = [one for one, keep in zip(taught, is_shown, strict=True) if keep]
    return Target(
        boxes=boxes[is_shown],
        classes=np.array([index for index, _ in kept], np.int64),
        masks=tuple(_mask(parts, shown_hw) for _, parts in kept),
        ignored=ignored[_is_shown(ignored)],
        hard_negatives=rejected[_is_shown(rejected)],
    )


def _boxes(regions: Sequence[Sequence[Part]], size_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """(N, 4) x0 y0 x1 y1 of each region, cut at the border of the image."""
    height, width = size_hw
    boxes = np.array([bounds_of(parts) for parts in regions], np.float32).reshape(-1, 4)
    return np.clip(boxes, 0, np.array([width, height, width, height], np.float32))


def _is_shown(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    shown: npt.NDArray[np.bool_] = np.all(boxes[:, 2:] - boxes[:, :2] >= _SMALLEST_SIDE_PX, axis=1)
    return shown


def _mask(parts: Sequence[Part], size_hw: tuple[int, int]) -> InstanceMask:
    """Polygons, which are exact in any box; run lengths where holes cannot be said otherwise."""
    if any(part.holes for part in parts):
        rle: dict[str, Json] = rle_of(parts, size_hw)
        return rle
    return [part.outer.ravel() for part in parts]
