"""torchvision's own models, with its own conventions and its own published weights."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.maskrcnn.device import leave_a_core_free, told_of_memory, usable_device, why_not
from core.maskrcnn.glance import has_names_of_torchvision
from core.maskrcnn.last_look import LastLook
from core.maskrcnn.zoo import COCO_CLASSES
from core.torchvision_models.published import (
    ENTRIES,
    NO_LICENCE,
    Entry,
    entry_of,
    fetched,
    path_of,
    published,
)
from core.types import Detections
from core.weights import WeightsDescription, title_of_model

if TYPE_CHECKING:
    from core.torchvision_models.model import Detector

_NO_CONFIG = "A config.yaml is detectron2's; torchvision's models need none, so it was not read."


class TorchvisionEngine:
    """A loaded Mask R-CNN or Faster R-CNN of torchvision's."""

    def __init__(
        self, detector: "Detector", *, device: str, class_names: Sequence[str], notes: Sequence[str]
    ) -> None:
        from core.maskrcnn.memory import WithinMemory

        self._detector = detector
        self._within_memory = WithinMemory(
            lambda some, scale: [detector.detect(image, scale=scale) for image in some],
            device=device,
        )
        self.device = device
        self.class_names = class_names
        self.notes = tuple(notes)
        self._last_look = LastLook(detector.looked_at)

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size.

        Where the memory is too small it looks at smaller images from then on, and `notes` grow by
        that.

        Raises:
            AppError: the GPU has too little memory.
        """
        self._last_look.forget()
        found: list[Detections] = []
        with told_of_memory(self.device):
            for image in images:  # one by one as they are computed: fewer at once would save none
                some, said = self._within_memory.detect([image])
                found += some
                self.notes += (said,) if said else ()
        return found

    def in_boxes(
        self,
        image: npt.NDArray[np.uint8],
        boxes_xyxy: npt.NDArray[np.float32],
        among: Sequence[int] = (),
    ) -> Detections:
        """What stands in given boxes of an image, (H, W, 3) uint8 RGB, in their order: the
        likeliest class, `among` these if any are given.

        What was made of the image is kept until `predict`: the next box in it is quick.

        Raises:
            AppError: the GPU has too little memory.
        """
        with told_of_memory(self.device):
            look = self._last_look.of(image)
            if look is None:
                return self._detector.detect(image)  # nothing
            return self._detector.in_boxes(look, boxes_xyxy, among)


def load(config: EngineConfig) -> TorchvisionEngine:
    """The engine with its weights, on its device.

    Raises:
        AppError: weights and class names are not there, do not fit each other, or the device cannot
            be used.
    """
    from core.torchvision_models.loading import loaded, model_of
    from core.torchvision_models.model import Detector

    leave_a_core_free(os.environ)
    device, notes = usable_device(config.device)
    found = loaded(config.weights, config.class_names)
    model = model_of(found, score=config.score)
    if config.model_config:
        notes.append(_NO_CONFIG)
    return TorchvisionEngine(
        Detector(model.to(device), labels=found.classes.labels),
        device=device,
        class_names=found.classes.names,
        notes=(*notes, *found.notes),
    )


def described(config: EngineConfig) -> WeightsDescription:
    """What is known of the weights of this config; nothing is downloaded.

    Raises:
        AppError: there is no such file, it cannot be read, or the names do not fit.
    """
    path, entry = path_of(config.weights), entry_of(config.weights)
    if config.weights in ENTRIES and not path.is_file():
        return _awaited(ENTRIES[config.weights], config)
    from core.torchvision_models.loading import loaded

    found = loaded(config.weights, config.class_names)
    title = title_of_model(
        found.builder, has_masks=found.has_masks, n_classes=len(found.classes.names)
    )
    return WeightsDescription(
        title=entry.title if entry else f"torchvision's {title}",
        class_names=found.classes.names,
        are_named=found.classes.are_named,
        has_masks=found.has_masks,
        n_bytes=path.stat().st_size,
        notes=(*((NO_LICENCE,) if entry else ()), *found.notes),
    )


def _awaited(entry: Entry, config: EngineConfig) -> WeightsDescription:
    """Of published weights that are not here."""
    return WeightsDescription(
        title=entry.title,
        class_names=config.class_names or COCO_CLASSES,
        are_named=True,
        has_masks=entry.mask_ap is not None,
        is_here=False,
        n_bytes=entry.n_bytes,
        notes=(NO_LICENCE,),
    )


SPEC = EngineSpec(
    name="torchvision",
    title="torchvision's own models",
    why_not=why_not,
    prepare=fetched,
    load=load,
    describe=described,
    published=published,
    segments_boxes=True,
    takes_file=has_names_of_torchvision,
)
