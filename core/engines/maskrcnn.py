"""The default engine: detectron2's Mask R-CNN family, computed by core/maskrcnn."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.maskrcnn.describe import described, published
from core.maskrcnn.device import is_quick_in_half, leave_a_core_free, told_of_memory
from core.maskrcnn.device import usable_device as usable_device  # training asks for it here
from core.maskrcnn.device import why_not as why_not
from core.maskrcnn.glance import has_names_of_detectron2
from core.maskrcnn.last_look import LastLook
from core.maskrcnn.source import (
    class_names_of,
    fetched,
    guessed_settings,
    sentence_about_guess,
    source_of,
)
from core.types import Detections

if TYPE_CHECKING:
    from core.maskrcnn.model import MaskRCNN


class MaskRCNNEngine:
    """A loaded Mask R-CNN or Faster R-CNN."""

    def __init__(
        self, model: "MaskRCNN", *, device: str, class_names: Sequence[str], notes: Sequence[str]
    ) -> None:
        from core.maskrcnn.memory import WithinMemory

        self._model = model
        self._within_memory = WithinMemory(
            lambda some, scale: model.detect(some, scale=scale), device=device
        )
        self.device = device
        self.class_names = class_names
        self.notes = tuple(notes)
        self._last_look = LastLook(model.looked_at)

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size.

        Where the memory is too small it does with less from then on, and `notes` grow by that.

        Raises:
            AppError: the GPU has too little memory.
        """
        self._last_look.forget()  # a batch wants the memory, and is seldom of that image
        with told_of_memory(self.device):
            found, said = self._within_memory.detect(images)
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
            return self._model.in_boxes(self._last_look.of(image), boxes_xyxy, among)


def load(config: EngineConfig) -> MaskRCNNEngine:
    """The engine with its weights, on its device.

    Raises:
        AppError: weights, config and class names are not there, do not fit each other, or the
            device cannot be used.
    """
    from core.maskrcnn.checkpoint import fitting_model, read_weights
    from core.maskrcnn.fold import halved, quickened
    from core.maskrcnn.static_detection import without_waiting

    leave_a_core_free(os.environ)
    device, notes = usable_device(config.device)
    source = source_of(config)
    weights = read_weights(source.path)
    settings = source.settings()
    if settings is None:
        settings = guessed_settings(weights.state)
        notes.append(sentence_about_guess(source.path.name, settings))
    names, name_notes = class_names_of(source, weights.class_names, settings.num_classes)
    if config.score is not None:
        settings = replace(settings, score_threshold=config.score)
    model = fitting_model(settings, weights)
    model.eval()
    if not config.exact:
        model = quickened(model, device)
        if is_quick_in_half(device):
            model = halved(model)
    model = model.to(device)
    return MaskRCNNEngine(
        model if config.exact else without_waiting(model),
        device=device,
        class_names=names,
        notes=(*notes, *name_notes),
    )


SPEC = EngineSpec(
    name="maskrcnn",
    title="Mask R-CNN (reads and writes detectron2's weights)",
    why_not=why_not,
    prepare=fetched,
    load=load,
    describe=described,
    published=published,
    segments_boxes=True,
    takes_file=has_names_of_detectron2,
)
