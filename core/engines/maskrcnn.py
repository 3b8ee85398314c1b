"""The default engine: detectron2's Mask R-CNN family, computed by core/maskrcnn."""

import contextlib
import hashlib
import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.errors import AppError
from core.maskrcnn.describe import described, published
from core.maskrcnn.source import (
    class_names_of,
    fetched,
    guessed_settings,
    sentence_about_guess,
    source_of,
)
from core.types import Detections

if TYPE_CHECKING:
    from core.maskrcnn.model import Look, MaskRCNN

_HOW_TO_INSTALL = "Run `pip install torch torchvision`: the two together, from the same place."


class MaskRCNNEngine:
    """A loaded Mask R-CNN or Faster R-CNN."""

    def __init__(
        self, model: "MaskRCNN", *, device: str, class_names: Sequence[str], notes: Sequence[str]
    ) -> None:
        self._model = model
        self.device = device
        self.class_names = class_names
        self.notes = notes
        self._last_look: tuple[tuple[tuple[int, ...], bytes], Look] | None = None

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size.

        Raises:
            AppError: the GPU has too little memory.
        """
        self._last_look = None  # a batch wants the memory, and is seldom of that image
        with _told_of_memory(self.device):
            return self._model.detect(list(images))

    def in_boxes(
        self, image: npt.NDArray[np.uint8], boxes_xyxy: npt.NDArray[np.float32]
    ) -> Detections:
        """What stands in given boxes of an image, (H, W, 3) uint8 RGB, in their order.

        What was made of the image is kept until `predict`: the next box in it is quick.

        Raises:
            AppError: the GPU has too little memory.
        """
        stamp = hashlib.blake2b(np.ascontiguousarray(image).data).digest()
        with _told_of_memory(self.device):
            if self._last_look is None or self._last_look[0] != (image.shape, stamp):
                self._last_look = None  # two of them need not fit
                self._last_look = ((image.shape, stamp), self._model.looked_at(image))
            return self._model.in_boxes(self._last_look[1], boxes_xyxy)


@contextlib.contextmanager
def _told_of_memory(device: str) -> Iterator[None]:
    """Says in a sentence that a GPU has too little memory."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise AppError(
            f"The GPU {device} has too little memory for this picture and this model."
            " Close what else uses the GPU, take a smaller model, or choose the device cpu."
        ) from error


def load(config: EngineConfig) -> MaskRCNNEngine:
    """The engine with its weights, on its device.

    Raises:
        AppError: weights, config and class names are not there, do not fit each other, or the
            device cannot be used.
    """
    from core.maskrcnn.checkpoint import load_into, read_weights
    from core.maskrcnn.fold import folded
    from core.maskrcnn.model import MaskRCNN

    _leave_a_core_free(os.environ)
    device, notes = usable_device(config.device)
    source = source_of(config)
    weights = read_weights(source.path)
    settings = source.settings()
    if settings is None:
        settings = guessed_settings(weights.state)
        notes.append(sentence_about_guess(source, settings.depth, has_groups=settings.groups > 1))
    names, name_notes = class_names_of(source, weights.class_names, settings.num_classes)
    if config.score is not None:
        settings = replace(settings, score_threshold=config.score)
    model = MaskRCNN(settings)
    load_into(model, weights)
    model.eval()
    if not config.exact:
        model = folded(model)
    return MaskRCNNEngine(
        model.to(device), device=device, class_names=names, notes=(*notes, *name_notes)
    )


def usable_device(wanted: str) -> tuple[str, list[str]]:
    """The device to compute on, and notes about it.

    Raises:
        AppError: a device was asked for by name and cannot be used.
    """
    import torch

    if wanted == "auto":
        return _best_device()
    try:
        device = torch.device(wanted)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        # torch built without CUDA fails an assertion of its own.
        raise AppError(
            f"The device {wanted} cannot be used here ({str(error).splitlines()[0]}). Choose auto"
            " or cpu, or see what `maskloop doctor` says about devices."
        ) from error
    return str(device), []


def _best_device() -> tuple[str, list[str]]:
    import torch

    if torch.cuda.is_available():
        try:
            torch.zeros(1, device="cuda")
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            note = f"The GPU cannot be used ({reason}), so the CPU computes. See `maskloop doctor`."
            return "cpu", [note]
        return "cuda:0", []
    return ("mps", []) if torch.backends.mps.is_available() else ("cpu", [])


def _leave_a_core_free(environment: Mapping[str, str]) -> None:
    """Sets torch's threads, unless the environment did: with none free, the window stutters."""
    import torch

    if "OMP_NUM_THREADS" not in environment:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        torch.set_num_threads(max(1, (cores or 1) - 1))


def why_not() -> str:
    """Why torch and torchvision cannot be used here, or an empty string."""
    for name in ("torch", "torchvision"):
        try:
            importlib.import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            # RuntimeError is what torchvision raises on the torch of another build.
            return f"{name} cannot be imported ({error}). {_HOW_TO_INSTALL}"
    return ""


SPEC = EngineSpec(
    name="maskrcnn",
    title="Mask R-CNN (reads and writes detectron2's weights)",
    why_not=why_not,
    prepare=fetched,
    load=load,
    describe=described,
    published=published,
    segments_boxes=True,
)
