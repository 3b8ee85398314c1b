"""Upstream's own package, for inference, where a person has built it.

It is not on the package index and never a dependency: it is looked for when it is asked for.
"""

import contextlib
import importlib
import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from yaml import YAMLError

from core.configs import EngineConfig
from core.engines import EngineSpec
from core.errors import AppError
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.describe import described, published
from core.maskrcnn.glance import has_names_of_detectron2
from core.maskrcnn.source import (
    WeightsSource,
    fetched,
    guessed_settings,
    placeholder_names,
    source_of,
)
from core.types import Detections

if TYPE_CHECKING:
    from torch import Tensor

    from core.maskrcnn.weights_file import WeightsFile

_FROM_SOURCE = (
    "Build it from its source, on the torch that is installed here: `pip install"
    ' "setuptools<81" "iopath<0.1.10"`, then `pip install --no-build-isolation'
    " git+https://github.com/facebookresearch/detectron2`. A C++ compiler is needed. The engine"
    " maskrcnn reads the same weights without it."
)
_NEEDED = (
    "detectron2.config", "detectron2.modeling", "detectron2.checkpoint.c2_model_loading",
    "detectron2._C",
)  # fmt: skip
_NOT_LEARNT = ("num_batches_tracked", "pixel_mean", "pixel_std", "anchor_generator.cell_anchors")
_OF_RESNET = "backbone.bottom_up."
_MOST_NAMES = 2_000
"""Of those that have no place as they are."""


def why_not() -> str:
    """Why detectron2 cannot be imported here and what helps, or an empty string."""
    if importlib.util.find_spec("detectron2") is None:
        return (
            "detectron2 is not installed. It is not on the package index and has no wheels."
            f" {_FROM_SOURCE}"
        )
    try:
        with without_its_warnings():
            for name in _NEEDED:
                importlib.import_module(name)
    except (ImportError, OSError, AttributeError) as error:
        # OSError and AttributeError are how its compiled part and its dependencies fail on
        # versions that they were not made for.
        return f"detectron2 is installed but cannot be imported ({error}). {help_for(str(error))}"
    return ""


@contextlib.contextmanager
def without_its_warnings() -> Iterator[None]:
    """Upstream's code warns, and makes torch log, of what torch will no longer do one day: nothing
    for our users."""
    log = logging.getLogger("torch.fx._symbolic_trace")
    was_disabled, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = was_disabled


def help_for(reason: str) -> str:
    """What to do about an import that failed for this reason."""
    if "pkg_resources" in reason:
        return 'It needs an older setuptools: `pip install "setuptools<81"`.'
    if "iopath" in reason:
        return 'It needs an older iopath: `pip install "iopath<0.1.10"`.'
    if "undefined symbol" in reason or "_C" in reason:
        return f"Its compiled part was built for another torch. {_FROM_SOURCE}"
    return _FROM_SOURCE


class Detectron2Engine:
    """A model that detectron2 built and computes."""

    def __init__(
        self, model: Any, settings: Any, *, class_names: Sequence[str], notes: Sequence[str]
    ) -> None:
        from detectron2.data.transforms import ResizeShortestEdge

        self._model = model
        self._is_rgb = settings.INPUT.FORMAT == "RGB"
        sizes = [settings.INPUT.MIN_SIZE_TEST] * 2
        self._resize = ResizeShortestEdge(sizes, settings.INPUT.MAX_SIZE_TEST)
        self.device = str(model.device)
        self.class_names = class_names
        self.notes = notes

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size."""
        import torch

        with torch.no_grad(), without_its_warnings():
            return [self._predicted(image) for image in images]

    def _predicted(self, image: npt.NDArray[np.uint8]) -> Detections:
        import torch

        height, width = image.shape[:2]
        ordered = image if self._is_rgb else image[:, :, ::-1]
        resized = self._resize.get_transform(ordered).apply_image(np.ascontiguousarray(ordered))
        pixels = torch.as_tensor(resized.astype("float32").transpose(2, 0, 1))
        # Without its postprocessing, which would paste every mask into an image of its own.
        (found,) = self._model.inference([{"image": pixels}], do_postprocess=False)
        boxes = found.pred_boxes.clone()
        boxes.scale(width / resized.shape[1], height / resized.shape[0])
        boxes.clip((height, width))
        kept = boxes.nonempty()
        masks = found.pred_masks[kept][:, 0].cpu().numpy() if found.has("pred_masks") else None
        return Detections(
            size_hw=(height, width),
            boxes=boxes.tensor[kept].cpu().numpy(),
            scores=found.scores[kept].cpu().numpy(),
            class_ids=found.pred_classes[kept].cpu().numpy(),
            masks=masks,
        )


def load(config: EngineConfig) -> Detectron2Engine:
    """The engine with its weights.

    Raises:
        AppError: weights, config and class names are not there or do not fit each other.
    """
    from detectron2.modeling import build_model

    from core.maskrcnn.checkpoint import read_weights

    source = source_of(config)
    # detectron2 would unpickle whatever the file says, so it is never given the file: this reader
    # refuses what is no weights
    weights = read_weights(source.path)
    notes: list[str] = []
    if source.config_text:
        settings = _settings(source, config)
    else:
        guessed = settings_to_yaml(guessed_settings(weights.state), class_names=())
        settings = _settings(replace(source, config_text=guessed), config)
        notes = [f"No config.yaml goes with {source.path.name}: the zoo's profile is assumed."]
    count = int(settings.MODEL.ROI_HEADS.NUM_CLASSES)
    names = source.class_names or placeholder_names(count)
    if len(names) != count:
        raise AppError(f"The config has {count} classes, but there are {len(names)} names.")
    with without_its_warnings():
        model = build_model(settings).eval()
        _fill(model, weights)
    return Detectron2Engine(model, settings, class_names=names, notes=notes)


def _fill(model: Any, weights: "WeightsFile") -> None:
    """Puts weights that were read here into detectron2's model.

    Raises:
        AppError: some are missing, have another shape, or are not finite.
    """
    from core.maskrcnn.checkpoint import fitting

    wanted = {
        name: value
        for name, value in model.state_dict().items()
        if not any(part in name for part in _NOT_LEARNT)
    }
    state = _matched(model, weights.state, wanted)
    model.load_state_dict(fitting(replace(weights, state=state), wanted), strict=False)


def _matched(
    model: Any, state: Mapping[str, "Tensor"], wanted: Mapping[str, "Tensor"]
) -> Mapping[str, "Tensor"]:
    """The same, where detectron2 knows of names without a place what they mean in this model."""
    from detectron2.checkpoint.c2_model_loading import align_and_update_state_dicts

    known = {name: value for name, value in state.items() if name in wanted}
    rest = {name: value for name, value in state.items() if name not in wanted}
    # it compares each with all of the model, which many names would make endless
    if not 0 < len(rest) <= _MOST_NAMES or len(known) == len(wanted):
        return state
    # the reader took a ResNet for that of a feature pyramid, which not all of its models have
    ends = {name.removeprefix(_OF_RESNET): value for name, value in rest.items()}
    try:
        placed = align_and_update_state_dicts(model.state_dict(), ends, c2_conversion=False)
    except (ValueError, AssertionError, KeyError):  # they mean nothing to it
        return state
    return {**placed, **known}


def _settings(source: WeightsSource, config: EngineConfig) -> Any:
    from detectron2.config import get_cfg

    settings = get_cfg()
    with tempfile.TemporaryDirectory() as folder:
        file = source.config_file or Path(folder, "config.yaml")
        if source.config_file is None:
            file.write_text(source.config_text, encoding="utf-8")
        try:
            # upstream would fall back to a YAML reader that runs what the file says
            settings.merge_from_file(str(file), allow_unsafe=False)
        except (AssertionError, KeyError, ValueError, OSError, YAMLError) as error:
            raise AppError(f"detectron2 cannot read the model's config: {error}.") from error
    settings.MODEL.DEVICE = _device(config.device)
    settings.MODEL.WEIGHTS = ""  # else it downloads what the config names
    if config.score is not None:
        settings.MODEL.ROI_HEADS.SCORE_THRESH_TEST = config.score
    return settings


def _device(wanted: str) -> str:
    import torch

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


SPEC = EngineSpec(
    name="detectron2",
    title="detectron2 itself",
    why_not=why_not,
    prepare=fetched,
    load=load,
    describe=described,
    published=published,
    takes_file=has_names_of_detectron2,
)
