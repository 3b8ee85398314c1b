"""An engine without a model: finds blobs that stand out from the background. For tests.

What it finds is a function of the pixels alone, and torch is not needed. Its weights are a word:
`fake`, or `fake:slow`, `fake:broken` (does not load), `fake:fail` (cannot predict), `fake:die`
(takes its process with it), so that whoever uses an engine can be tested against each.
"""

import os
import time
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.errors import AppError
from core.events import Progress
from core.types import Detections
from core.weights import WeightsDescription

_CLASS_NAMES = ("red", "green", "blue")
_KINDS = ("", "slow", "broken", "fail", "die")
_CONTRAST = 40  # grey levels from the background, in the channel that differs most
_SMALLEST_AREA = 25  # pixels
_MOST = 100
_MASK_SIDE = 28
_SLOW_S = 0.05


class FakeEngine:
    """Finds blobs; their classes go by hue, their scores by contrast."""

    device = "cpu"
    notes: Sequence[str] = ()

    def __init__(self, config: EngineConfig) -> None:
        name, _, self._kind = config.weights.partition(":")
        if name != "fake" or self._kind not in _KINDS:
            raise AppError(f"The fake engine has no weights named {config.weights}.")
        if self._kind == "broken":
            raise AppError("These weights were told not to load.")
        self.class_names: Sequence[str] = config.class_names or _CLASS_NAMES
        self._score = 0.05 if config.score is None else config.score

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Blobs of images, (H, W, 3) uint8 RGB each.

        Raises:
            AppError: it was told to fail.
        """
        if self._kind == "fail":
            raise AppError("The fake engine was told to fail.")
        if self._kind == "die":
            os._exit(3)
        if self._kind == "slow":
            time.sleep(_SLOW_S * len(images))
        return [self._blobs(image) for image in images]

    def in_boxes(
        self,
        image: npt.NDArray[np.uint8],
        boxes_xyxy: npt.NDArray[np.float32],
        among: Sequence[int] = (),
    ) -> Detections:
        """The largest blob that reaches into each box, as far as it lies there; nothing where there
        is none. Where its class is not `among` these, it is given the first of them."""
        found = []
        for x0, y0, x1, y1 in np.clip(boxes_xyxy.round(), 0, image.shape[1::-1] * 2).astype(int):
            window = np.full_like(image, image[0, 0])
            window[y0:y1, x0:x1] = image[y0:y1, x0:x1]
            blobs = self._found(window)
            found += sorted(blobs, key=lambda one: -_area(one))[:1]
        if among:
            found = [
                (box, score, one if one in among else among[0], mask)
                for box, score, one, mask in found
            ]
        return _detections(found, image.shape[:2])

    def _blobs(self, image: npt.NDArray[np.uint8]) -> Detections:
        kept = sorted(self._found(image), key=lambda one: -one[1])
        return _detections(kept[:_MOST], image.shape[:2])

    def _found(self, image: npt.NDArray[np.uint8]) -> list["_Blob"]:
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        background = np.median(border, axis=0).astype(np.int16)
        contrast = np.abs(image.astype(np.int16) - background).max(axis=2).astype(np.uint8)
        foreground = (contrast > _CONTRAST).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(foreground)
        found = [
            self._blob(image, contrast, labels == label, stats[label])
            for label in range(1, len(stats))
            if stats[label, cv2.CC_STAT_AREA] >= _SMALLEST_AREA
        ]
        return [one for one in found if one[1] >= self._score]

    def _blob(
        self,
        image: npt.NDArray[np.uint8],
        contrast: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.bool_],
        stats: npt.NDArray[np.int32],
    ) -> "_Blob":
        x, y, w, h = (int(value) for value in stats[:4])
        crop = mask[y : y + h, x : x + w].astype(np.float32)
        soft = cv2.resize(crop, (_MASK_SIDE, _MASK_SIDE), interpolation=cv2.INTER_AREA)
        colour = image[mask].mean(axis=0)[None, None].astype(np.uint8)
        hue = int(cv2.cvtColor(colour, cv2.COLOR_RGB2HSV)[0, 0, 0])  # 0 to 179
        class_id = round(hue / 180 * len(self.class_names)) % len(self.class_names)
        score = 0.5 + float(contrast[mask].mean()) / 512
        return (x, y, x + w, y + h), score, class_id, soft.astype(np.float32)


_Blob = tuple[tuple[int, int, int, int], float, int, npt.NDArray[np.float32]]


def _area(blob: _Blob) -> float:
    x0, y0, x1, y1 = blob[0]
    return (x1 - x0) * (y1 - y0) * float(blob[3].mean())


def _detections(blobs: Sequence[_Blob], size_hw: tuple[int, ...]) -> Detections:
    return Detections(
        size_hw=(size_hw[0], size_hw[1]),
        boxes=np.array([one[0] for one in blobs], np.float32).reshape(-1, 4),
        scores=np.array([one[1] for one in blobs], np.float32),
        class_ids=np.array([one[2] for one in blobs], np.int64),
        masks=np.array([one[3] for one in blobs], np.float32).reshape(-1, _MASK_SIDE, _MASK_SIDE),
    )


def _described(config: EngineConfig) -> WeightsDescription:
    engine = FakeEngine(config)
    return WeightsDescription("Coloured blobs", tuple(engine.class_names), are_named=True)


def _nothing_to_fetch(_config: EngineConfig) -> Iterator[Progress]:
    return iter(())


SPEC = EngineSpec(
    name="fake",
    title="No model (finds coloured blobs)",
    why_not=str,
    prepare=_nothing_to_fetch,
    load=FakeEngine,
    describe=_described,
    segments_boxes=True,
)
