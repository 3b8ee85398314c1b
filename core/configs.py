"""What a job is told: frozen, checked when built, to and from JSON.

A path is a plain string, absolute or below the working folder; an empty string means "not given".
"""

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from core.errors import AppError
from core.types import Json, Split

_Config = TypeVar("_Config")


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise AppError(sentence)


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Which model predicts, and how."""

    weights: str
    """A zoo name or a file."""
    engine: str = "maskrcnn"
    model_config: str = ""
    """A detectron2 config.yaml; empty: the zoo's, or the one beside the weights."""
    class_names: tuple[str, ...] = ()
    """The weights' classes in order; empty: as config.yaml or the zoo say."""
    score: float | None = None
    """Detections below it are dropped; None: the config's SCORE_THRESH_TEST."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    exact: bool = False
    """detectron2's arithmetic to the last bit, slower by a third."""

    def __post_init__(self) -> None:
        _require(bool(self.weights), "No weights are named: give a zoo name or a file.")
        _require(
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
        _require(bool(self.out), "No file to write is named: give --out.")


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

    def __post_init__(self) -> None:
        _require(bool(self.folder), "No folder of images is named.")


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """Labels of another format into a project."""

    source: str
    format: str
    into: str
    labels_folder: str = ""
    images: str = ""
    """Where the source's images are, if not where it says."""

    def __post_init__(self) -> None:
        _require(bool(self.source), "No file or folder to import is named.")
        _require(bool(self.into), "No folder to import into is named: give --into.")


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """A project's labels in another format."""

    folder: str
    format: str
    out: str
    labels_folder: str = ""
    state: str = "accepted"
    """accepted: what a person accepted, edited or drew; all: predictions too."""
    split: str = ""
    """train, val, test, or empty for every image."""

    def __post_init__(self) -> None:
        _require(bool(self.folder), "No folder of images is named.")
        _require(bool(self.out), "Nowhere to export to is named: give --out.")
        _require(
            self.state in ("accepted", "all"), f"--state is accepted or all, not {self.state}."
        )
        _require(self.split in ("", *Split), f"--split is train, val or test, not {self.split}.")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A fine-tune on the done images of a project."""

    folder: str
    labels_folder: str = ""
    weights: str = "none"
    """A zoo name, a file, or none for a start from scratch."""
    model_config: str = ""
    out: str = ""
    """The run folder; empty: a new one under .maskloop/runs."""
    iterations: int = 1000
    batch_size: int = 4
    optimizer: str = "adamw"
    learning_rate: float = 0.0
    """0: what fits the optimizer and the start (core/training/recipe.py)."""
    weight_decay: float = 1e-4
    momentum: float = 0.9
    """For SGD."""
    schedule: str = "cosine"
    """cosine or step."""
    steps: tuple[int, ...] = ()
    """For the step schedule: where the rate is divided by ten."""
    warmup_iterations: int = -1
    """-1: 5 % of the iterations."""
    clip_norm: float = 5.0
    """Gradients are scaled down to this norm; 0: never."""
    freeze_at: int = -1
    """Stages of the backbone that stay as they are (detectron2's FREEZE_AT); -1: 2 with start
    weights whose batch norm is frozen, 0 from scratch or where it is live."""
    flip: bool = True
    scale_jitter: tuple[float, float] = (0.8, 1.25)
    """The image's size is multiplied by a factor drawn from this range."""
    checkpoint_every: int = 200
    evaluate_every: int = 0
    """Iterations between evaluations on the val images; 0: ten times in a run."""
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    """0: all cores but one."""

    def __post_init__(self) -> None:
        _require(self.iterations > 0, "A fine-tune needs at least one iteration.")
        _require(self.batch_size > 0, "A batch has at least one image.")
        _require(self.checkpoint_every > 0, "--checkpoint-every is at least 1.")
        _require(self.threads >= 0, "--threads is at least 1, or 0 for all cores but one.")
        _require(0 <= self.seed < 1 << 63, f"A seed lies between 0 and 2^63, not at {self.seed}.")
        _require(
            self.optimizer in ("adamw", "sgd"),
            f"The optimizer is adamw or sgd, not {self.optimizer}.",
        )
        _require(
            self.schedule in ("cosine", "step"),
            f"The schedule is cosine or step, not {self.schedule}.",
        )
        _require(
            math.isfinite(self.learning_rate) and self.learning_rate >= 0,
            f"A learning rate is a positive number, or 0 for the usual, not {self.learning_rate}.",
        )
        _require(len(self.scale_jitter) == 2, "Scale jitter is two numbers: from and to.")
        low, high = self.scale_jitter
        _require(0 < low <= high, f"Scale jitter goes from small to large, not {low} to {high}.")
        _require(-1 <= self.freeze_at <= 5, f"Stages to freeze: 0 to 5, not {self.freeze_at}.")


@dataclass(frozen=True, slots=True)
class ResumeConfig:
    """Going on with a fine-tune that was cancelled, stopped or killed."""

    run: str
    """Its run folder, which holds all that is needed."""

    def __post_init__(self) -> None:
        _require(bool(self.run), "No run is named: give the folder of the run to go on with.")


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """A few steps of a fine-tune, to say how long it would take."""

    train: TrainConfig
    iterations: int = 3
    """Steps that are measured, after one that is not."""

    def __post_init__(self) -> None:
        _require(self.iterations > 0, "A probe needs at least one iteration.")


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """AP of weights on the val images of a project, or of a detections file against a COCO file."""

    folder: str = ""
    labels_folder: str = ""
    engine: EngineConfig | None = None
    split: str = "val"
    ground_truth: str = ""
    detections: str = ""
    with_effort: bool = False
    with_counts: bool = False
    """Whether the result says how many images and instances it was measured on."""
    with_predictions: bool = False
    """Whether what the weights see in each image of a project is told as it is in a pre-label."""
    report: str = ""
    """An HTML file to write, or empty."""

    def __post_init__(self) -> None:
        of_project = bool(self.folder and self.engine)
        of_files = bool(self.ground_truth and self.detections)
        _require(
            of_project != of_files,
            "Evaluate either a project's folder with --weights,"
            " or --ground-truth with --detections.",
        )


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """Predictions on a camera, a video file or a folder of frames, until it is cancelled."""

    engine: EngineConfig
    """Without a score, every detection from 0.05 on is told, so that a threshold in the window
    needs no reload."""
    source: str
    """camera:0, camera:1 ..., a video file, or a folder of images."""
    frames_file: str
    """Where the pixels go: a file that both processes map, named by whoever watches. When frames
    grow, others come beside it; the job removes them, but not where it is killed."""
    is_looped: bool = False
    """Whether a file or a folder begins again at its end; a camera that is lost always does."""

    def __post_init__(self) -> None:
        _require(bool(self.source), "No camera, video or folder to watch is named.")
        _require(bool(self.frames_file), "No file for the frames is named.")


@dataclass(frozen=True, slots=True)
class ExportModelConfig:
    """Weights as a folder of their own, for those who have no project."""

    weights: str
    """A run folder, a file, or a zoo name."""
    out: str
    """The folder to make; it may be there if nothing is in it."""
    model_config: str = ""
    class_names: tuple[str, ...] = ()
    half_precision: bool = False

    def __post_init__(self) -> None:
        _require(bool(self.weights), "No weights are named: give a run folder or a file.")
        _require(bool(self.out), "No folder to write is named: give --out.")


@dataclass(frozen=True, slots=True)
class PackConfig:
    """The done images of a project as one zip, to be fine-tuned on another machine."""

    folder: str
    out: str
    """The zip to write."""
    labels_folder: str = ""
    weights: str = "none"
    """What the fine-tune starts from: a run folder, a file, a zoo name, or none for scratch."""
    model_config: str = ""
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.folder), "No folder of images is named.")
        _require(bool(self.out), "No file to write is named: give --out.")
        _require(bool(self.weights), "No start weights are named: give some, or none.")


@dataclass(frozen=True, slots=True)
class DescribeConfig:
    """What is known of weights, before they are used."""

    engine: EngineConfig


@dataclass(frozen=True, slots=True)
class WarmUpConfig:
    """Loading an engine ahead of its first use, if all it needs is on this machine."""

    engine: EngineConfig


@dataclass(frozen=True, slots=True)
class AssistConfig:
    """One prompt to a model of the SAM family for one image; without one, its embedding only."""

    image: str
    """A file."""
    model: str = "efficientsam:10m"
    """As core.assist.MODELS names it; downloaded if it is not here."""
    points: tuple[tuple[float, float, bool], ...] = ()
    """x, y in pixels of the image, and whether the instance is there; False: it is not."""
    box: tuple[float, float, float, float] | None = None
    """x0, y0, x1, y1 in pixels of the image; points may come with it."""
    text: str = ""
    """What to find, for models that read; not together with points or a box."""
    score: float = 0.1
    """What is found by text with less is left out."""

    def __post_init__(self) -> None:
        _require(bool(self.image), "No image is named.")
        _require(bool(self.model), "No model is named.")
        numbers = [*(n for x, y, _ in self.points for n in (x, y)), *(self.box or ())]
        _require(all(map(math.isfinite, numbers)), "A point or a box has no finite place.")
        _require(0 <= self.score <= 1, f"A score lies between 0 and 1, not at {self.score}.")
        _require(
            not self.text or not (self.points or self.box),
            "Ask either by a text, or by points and a box.",
        )
        _require(
            not self.points or bool(self.box) or any(is_there for _, _, is_there in self.points),
            "Click on the instance first: points that lie beside it only say what to leave out.",
        )

    @property
    def is_ahead(self) -> bool:
        """Whether nothing is asked yet: the embedding is computed and kept for later."""
        return not (self.points or self.box or self.text)


@dataclass(frozen=True, slots=True)
class SegmentBoxConfig:
    """The mask of whatever stands in one box of an image, by an engine that can."""

    engine: EngineConfig
    image: str
    """A file."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in pixels of the image."""

    def __post_init__(self) -> None:
        _require(bool(self.image), "No image is named.")
        _require(all(map(math.isfinite, self.box)), "A box has no finite place.")
        x0, y0, x1, y1 = self.box
        _require(x0 < x1 and y0 < y1, "A box has no area: drag from corner to corner.")


@dataclass(frozen=True, slots=True)
class AssistFetchConfig:
    """Downloading and loading a model of the SAM family before it is asked anything."""

    model: str = "efficientsam:10m"


@dataclass(frozen=True, slots=True)
class AssistOfferConfig:
    """Which models of the SAM family can be used here, and which are on this machine."""


@dataclass(frozen=True, slots=True)
class DevicesConfig:
    """What computes here."""


@dataclass(frozen=True, slots=True)
class ClassNamesConfig:
    """The class names that a file lists."""

    file: str
    """names.txt, classes.txt, obj.names, a data.yaml, or a COCO file."""

    def __post_init__(self) -> None:
        _require(bool(self.file), "No file with class names is named.")


@dataclass(frozen=True, slots=True)
class DemoConfig:
    """The whole loop on drawn images."""

    out: str


def to_json(config: Any) -> Json:
    """The config as a JSON value."""
    if is_dataclass(config):
        return {f.name: to_json(getattr(config, f.name)) for f in fields(config)}
    if isinstance(config, Mapping):
        return {name: to_json(value) for name, value in config.items()}
    if isinstance(config, tuple):
        return [to_json(value) for value in config]
    return config


def from_json(kind: type[_Config], value: Json) -> _Config:
    """The config of this kind that to_json wrote; keys left out keep their defaults.

    Raises:
        AppError: a key is unknown, missing or of another type, or a value is out of range.
    """
    if not isinstance(value, dict):
        raise AppError(f"A {kind.__name__} is a JSON object, not {value!r}.")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(value) - set(hints))
    _require(not unknown, f"{kind.__name__} has no setting named {', '.join(unknown)}.")
    try:
        return kind(**{name: _typed(hints[name], item) for name, item in value.items()})
    except (TypeError, ValueError) as error:
        raise AppError(f"{kind.__name__} cannot be read: {error}.") from error


def _typed(hint: Any, value: Json) -> Any:
    origin = typing.get_origin(hint)
    if is_dataclass(hint):
        return from_json(typing.cast(type[Any], hint), value)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return None if value is None else _typed(options[0], value)
    if origin is tuple:
        items = typing.get_args(hint)
        if items[-1] is not Ellipsis:
            return tuple(_typed(item, one) for item, one in zip(items, value, strict=True))
        return tuple(_typed(items[0], one) for one in value)
    if origin is Mapping:
        return {str(name): str(one) for name, one in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if origin is None and not isinstance(value, hint):
        raise TypeError(f"{value!r} is not a {hint.__name__}")
    if hint is int and isinstance(value, bool):
        raise TypeError(f"{value!r} is not an int")
    return value
