"""The batch of each iteration, as a function of the seed and the iteration alone."""

import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.maskrcnn.model import Target
from core.maskrcnn.preprocess import network_pixels
from core.maskrcnn.settings import ModelSettings
from core.training.augment import Augmentation
from core.training.colour import recoloured
from core.training.cropping import crop_of
from core.training.lesson import TrainingImage, target_of, training_images
from core.training.pasting import Group, Scene, chosen, groups_of, pasted, patch_of
from core.training.pixel_cache import PixelCache, cache_bytes
from core.training.sampling import Stream, repeat_factors

__all__ = ["Batch", "Lessons", "training_images"]

_MOST_LOADERS = 8
"""Threads: more take turns, because what is between decoding and scaling is Python."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one iteration learns from."""

    images: tuple[Tensor, ...]
    """(3, H, W) float32 each, as the network takes them."""
    targets: tuple[Target, ...]


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
        repeat_threshold: float = 0.0,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        """Lessons of images.

        Args:
            images: at least one.
            settings: of the model that learns.
            augmentation: how the images vary.
            batch_size: images an iteration, of all processes together.
            seed: of the order and of the variations.
            repeat_threshold: images of classes in a smaller share of the images come more often; 0:
                all come once each time round.
            part: of each batch that this process gets: its rank, and how many processes share it,
                in their order.
        """
        self._images = images
        self._settings = settings
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._seed = seed
        rank, n_ranks = part
        self._share = range(batch_size * rank // n_ranks, batch_size * (rank + 1) // n_ranks)
        max_bytes = cache_bytes() // n_ranks
        self._cache = PixelCache(settings, augmentation.scale_range[1], max_bytes=max_bytes)
        classes = [frozenset(one.class_index for one in image.taught) for image in images]
        self._factors = repeat_factors(classes, threshold=repeat_threshold)
        self._stream = Stream(self._factors, seed=seed)
        self._teaches = np.array([bool(image.taught) for image in images])
        self._groups: dict[int, tuple[Group, ...]] = {}

    @property
    def epoch_length(self) -> int:
        """How many images one pass shows; the first one, where passes differ by a few."""
        return self._stream.length(0)

    def batch(self, iteration: int) -> Batch:
        """The batch of an iteration, counted from 0.

        Raises:
            AppError: an image cannot be read.
        """
        return _batch([self._shown(place) for place in self._places(iteration)])

    def batches(self, first: int, last: int) -> Generator[Batch, None, None]:
        """The batches of iterations first to last - 1, in order, made ready ahead by threads.

        Raises:
            AppError: an image cannot be read.
        """
        n_loaders = min(_MOST_LOADERS, max(2, _n_cores()))
        n_ahead = 1 + -(-n_loaders // max(1, len(self._share)))
        waiting: deque[list[Future[tuple[Tensor, Target]]]] = deque()
        pool = ThreadPoolExecutor(n_loaders, thread_name_prefix="lessons")
        try:
            for iteration in range(first, last + n_ahead):
                if iteration < last:
                    places = self._places(iteration)
                    waiting.append([pool.submit(self._shown, place) for place in places])
                if iteration >= first + n_ahead and waiting:
                    yield _batch([one.result() for one in waiting.popleft()])
        finally:
            pool.shutdown(cancel_futures=True)

    def _places(self, iteration: int) -> range:
        first = iteration * self._batch_size
        return range(first + self._share.start, first + self._share.stop)

    def _shown(self, place: int) -> tuple[Tensor, Target]:
        """The image at a place of the endless stream, as it is shown there."""
        index = self._stream.index_at(place)
        image = self._images[index]
        look = self._augmentation.draw(np.random.default_rng((self._seed, 1, place)))
        pixels, size_hw = self._cache.read(image.file)
        crop = crop_of(size_hw, self._settings, look)
        scene = Scene(crop.pixels(pixels), crop.lesson(image))
        if look.is_pasted_on:
            scene = self._with_company(scene, index, place)
        shown = recoloured(scene.pixels, look.colour)
        return network_pixels(shown, self._settings), target_of(scene.lesson, crop.crop_hw)

    def _with_company(self, scene: Scene, index: int, place: int) -> Scene:
        """The scene with instances of another image, which is shown in a way of its own."""
        chances = self._factors * self._teaches
        chances[index] = 0
        if not chances.any():
            return scene
        rng = np.random.default_rng((self._seed, 2, place))
        other = int(rng.choice(len(chances), p=chances / chances.sum()))
        pixels, size_hw = self._cache.read(self._images[other].file)
        if other not in self._groups:
            self._groups[other] = groups_of(self._images[other], size_hw)
        crop = crop_of(size_hw, self._settings, self._augmentation.draw(rng))
        instances = chosen(self._groups[other], rng)
        patch = patch_of(instances, pixels, crop) if instances else None
        return pasted(scene, patch, rng) if patch else scene


def _batch(shown: Sequence[tuple[Tensor, Target]]) -> Batch:
    return Batch(tuple(pixels for pixels, _ in shown), tuple(target for _, target in shown))


def _n_cores() -> int:
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
