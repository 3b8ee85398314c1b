"""Engines: loaded models that predict. Each is one file here that declares one EngineSpec, SPEC."""

import importlib
import pkgutil
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.errors import AppError
from core.events import Event, Progress
from core.types import Detections
from core.weights import PublishedWeights, WeightsDescription

_Kept = TypeVar("_Kept")


class Engine(Protocol):
    """A loaded model."""

    @property
    def class_names(self) -> Sequence[str]:
        """The weights' classes, in the order of Detections.class_ids."""

    @property
    def device(self) -> str:
        """Where it computes: cpu, cuda:0, mps."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences for the user about what was assumed or left out while loading; more may come
        while it predicts."""

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """Detections of images, (H, W, 3) uint8 RGB each, of any size."""


class BoxEngine(Engine, Protocol):
    """A loaded model that also says what stands in boxes that a person draws."""

    def in_boxes(
        self,
        image: npt.NDArray[np.uint8],
        boxes_xyxy: npt.NDArray[np.float32],
        among: Sequence[int] = (),
    ) -> Detections:
        """The likeliest class of each box and its mask, in the order of the boxes.

        Args:
            image: (H, W, 3) uint8 RGB. The same again costs much less than another, and least where
                it is the same array and read-only.
            boxes_xyxy: (N, 4) float32, pixels of the image; those without an area there are left
                out.
            among: class ids to choose from; empty: all.
        """


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What is known of an engine before it is loaded."""

    name: str
    """As in EngineConfig.engine."""
    title: str
    why_not: Callable[[], str]
    """Why it cannot be used here and what helps, or an empty string. May import what it needs."""
    prepare: Callable[[EngineConfig], Iterator[Progress]]
    """Downloads what is missing; nothing where all is there. Raises AppError."""
    load: Callable[[EngineConfig], Engine]
    """Loads the weights; torch is imported here, not before. Raises AppError where the weights, the
    config or the class names do not fit."""
    describe: Callable[[EngineConfig], WeightsDescription]
    """What is known of weights without loading or downloading them. Raises AppError as load does,
    as far as that can be told."""
    published: Callable[[], Sequence[PublishedWeights]] = tuple
    """Weights that it can fetch by name; quick, and nothing heavy is imported."""
    segments_boxes: bool = False
    """Whether what it loads is a BoxEngine, where the weights have masks."""
    takes_file: Callable[[str], bool | None] = lambda _: None
    """Whether a file of weights is of its kind, at a glance: quick, and nothing heavy is imported.
    None: that is known when it is loaded."""


_LOWEST_USUAL_SCORE = 0.05  # SCORE_THRESH_TEST of detectron2's models


def without_threshold(config: EngineConfig) -> EngineConfig:
    """The same engine for every score that models are made for: another one needs no loading."""
    is_usual = config.score is None or config.score >= _LOWEST_USUAL_SCORE
    return replace(config, score=None) if is_usual else config


def spec_named(name: str) -> EngineSpec:
    """The engine of this name.

    Raises:
        AppError: there is none.
    """
    specs = all_engines()
    if name not in specs:
        raise AppError(f"There is no engine named {name}; there are {', '.join(sorted(specs))}.")
    return specs[name]


def all_engines() -> dict[str, EngineSpec]:
    """Every engine of this folder by name; none is loaded, nothing heavy is imported."""
    specs = {}
    for module in pkgutil.iter_modules(__path__):
        spec: EngineSpec = importlib.import_module(f"{__name__}.{module.name}").SPEC
        specs[spec.name] = spec
    return specs


def all_published() -> tuple[PublishedWeights, ...]:
    """What any engine can fetch by name, once each, that of the usual engine first."""
    specs = all_engines()
    usual = specs.pop(EngineConfig("any").engine)
    by_name: dict[str, PublishedWeights] = {}
    for spec in (usual, *specs.values()):
        for one in spec.published():
            by_name.setdefault(one.name, one)
    return tuple(by_name.values())


def engine_for(weights: str, *, wished: str = "") -> str:
    """The name of the engine for weights: the wished one unless it is known that it cannot take
    them, else one that can, the usual one first.

    Args:
        weights: a published name or a file.
        wished: empty where nobody wishes one.
    """
    specs, usual = all_engines(), EngineConfig("any").engine
    published_by = {
        name for name, one in specs.items() if weights in {each.name for each in one.published()}
    }
    known = {
        name: name in published_by if published_by else one.takes_file(weights)
        for name, one in specs.items()
    }
    names = [name for name in dict.fromkeys((wished, usual, *specs)) if name in specs]
    can_take = [name for name in names if known[name]]
    may_take = [name for name in names if known[name] is None]
    return (can_take or may_take or [usual])[0]


class EngineShelf:
    """Keeps the engine that was used last, so that the same config is not loaded twice."""

    def __init__(self) -> None:
        self._loaded_from: object = None
        self._engine: Engine | None = None
        self._others: dict[type[Any], Any] = {}

    def beside(self, kind: type[_Kept]) -> _Kept:
        """The one value of this kind that jobs keep beside engines; made when first asked for."""
        found: _Kept = self._others.setdefault(kind, kind())
        return found

    def engine(self, config: EngineConfig) -> Generator[Event, None, Engine]:
        """The engine for this config, loaded if it is not the one at hand; events of a download.

        Raises:
            AppError: there is no such engine, it cannot be used here, or its weights do not load.
        """
        if self._engine is None or _origin(config) != self._loaded_from:
            spec = spec_named(config.engine)
            if why_not := spec.why_not():
                raise AppError(why_not)
            yield from spec.prepare(config)
            self._engine = None  # frees the memory before the next one loads
            self._loaded_from = _origin(config)
            self._engine = spec.load(config)
        return self._engine


def _origin(config: EngineConfig) -> object:
    """What an engine was made of: a file of weights may be replaced by a better one."""
    files = [Path(name) for name in (config.weights, config.model_config) if name]
    files += [file / "last_checkpoint" for file in files]  # of a folder, which names another then
    stats = [file.stat() for file in files if file.is_file()]
    return config, [(stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats]
