"""What jobs of an engine are told: which weights, and what they are to look at."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from core.configs.checks import require

_OF_SUFFIX = {".onnx": "onnx"}
"""Files that only one engine takes."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Which model predicts, and how."""

    weights: str
    """A zoo name or a file."""
    engine: str = "maskrcnn"
    """Its name. A file that only one engine takes chooses that one: .onnx does."""
    model_config: str = ""
    """A detectron2 config.yaml; empty: the zoo's, or the one beside the weights."""
    class_names: tuple[str, ...] = ()
    """The weights' classes in order; empty: as config.yaml or the zoo say."""
    score: float | None = None
    """Detections below it are dropped; None: the config's SCORE_THRESH_TEST."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    exact: bool = False
    """detectron2's arithmetic to the last bit; on a CPU it takes 1.6 times as long."""

    def __post_init__(self) -> None:
        require(bool(self.weights), "No weights are named: give a zoo name or a file.")
        own = _OF_SUFFIX.get(PurePath(self.weights).suffix.lower(), self.engine)
        object.__setattr__(self, "engine", own)
        require(
            self.score is None or 0 <= self.score <= 1,
            f"A score lies between 0 and 1, not at {self.score}.",
        )


@dataclass(frozen=True, slots=True)
class PredictConfig:
    """Detections of pictures into one COCO file."""

    engine: EngineConfig
    images: tuple[str, ...]
    """Image files and folders."""
    out: str
    coco: str = ""
    """A COCO file whose category and image ids are used."""

    def __post_init__(self) -> None:
        require(bool(self.out), "No file to write is named: give --out.")


@dataclass(frozen=True, slots=True)
class PrelabelConfig:
    """Predictions for images of a project, as instances of its classes."""

    engine: EngineConfig
    folder: str
    labels_folder: str = ""
    images: tuple[str, ...] = ()
    """Keys of the images; empty: all that are not done."""
    class_map: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Class of the weights to class of the project, empty for "ignore". Equal names need no entry;
    what is neither equal nor here is ignored."""
    fewer_points: bool = False
    """Outlines of a third fewer vertices, a hundredth of IoU further from the model's masks."""

    def __post_init__(self) -> None:
        require(bool(self.folder), "No folder of images is named.")


@dataclass(frozen=True, slots=True)
class SegmentBoxConfig:
    """The mask of whatever stands in one box of an image, by an engine that can."""

    engine: EngineConfig
    image: str
    """A file."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in pixels of the image."""
    class_names: tuple[str, ...] = ()
    """Which of the weights' classes it may be; empty, or none of theirs: the likeliest of all."""

    def __post_init__(self) -> None:
        require(bool(self.image), "No image is named.")
        require(all(map(math.isfinite, self.box)), "A box has no finite place.")
        x0, y0, x1, y1 = self.box
        require(x0 < x1 and y0 < y1, "A box has no area: drag from corner to corner.")


@dataclass(frozen=True, slots=True)
class DescribeConfig:
    """What is known of weights, before they are used."""

    engine: EngineConfig


@dataclass(frozen=True, slots=True)
class WarmUpConfig:
    """Loading an engine ahead of its first use, if all it needs is on this machine."""

    engine: EngineConfig
