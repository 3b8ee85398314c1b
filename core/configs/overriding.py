"""Settings of a fine-tune by name: Maskloop's own names, or detectron2's as people have them.

detectron2's mean what they mean there: with one of SOLVER the optimizer is SGD with detectron2's
defaults (steps, a warm-up of 1,000 iterations, no clipping), not the recipe that sets itself.
"""

import ast
import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import yaml

from core.configs.training import TrainConfig
from core.configs.values import from_json, to_json
from core.errors import AppError
from core.types import Json

__all__ = [
    "NAMES",
    "detectron2_name",
    "known_here",
    "overridden",
    "parsed",
    "read_settings",
    "settings_text",
]

_SAME = {
    "SOLVER.BASE_LR": "learning_rate",
    "SOLVER.STEPS": "steps",
    "SOLVER.GAMMA": "gamma",
    "SOLVER.MAX_ITER": "iterations",
    "SOLVER.IMS_PER_BATCH": "batch_size",
    "SOLVER.CHECKPOINT_PERIOD": "checkpoint_every",
    "SOLVER.WARMUP_ITERS": "warmup_iterations",
    "SOLVER.WEIGHT_DECAY": "weight_decay",
    "SOLVER.MOMENTUM": "momentum",
    "SOLVER.CLIP_GRADIENTS.CLIP_VALUE": "clip_norm",
    "MODEL.BACKBONE.FREEZE_AT": "freeze_at",
    "MODEL.ROI_HEADS.BATCH_SIZE_PER_IMAGE": "roi_batch_size",
    "MODEL.WEIGHTS": "weights",
    "MODEL.DEVICE": "device",
    "TEST.EVAL_PERIOD": "evaluate_every",
    "DATALOADER.REPEAT_THRESHOLD": "repeat_threshold",
    "SEED": "seed",
}
_SCHEDULES = {"WarmupMultiStepLR": "step", "WarmupCosineLR": "cosine"}
_CLASSES = "MODEL.ROI_HEADS.NUM_CLASSES"
_ALIKE = {"SOLVER.LR_SCHEDULER_NAME": "schedule", "SOLVER.AMP.ENABLED": "precision"}
"""Of other values than ours."""
_CLIPS, _CLIPPING = "SOLVER.CLIP_GRADIENTS.ENABLED", "SOLVER.CLIP_GRADIENTS.CLIP_VALUE"
_OTHERS = (*_ALIKE, _CLASSES, _CLIPS)
_AS_DETECTRON2 = {
    "optimizer": "sgd",
    "schedule": "step",
    "learning_rate": 0.001,
    "steps": [30_000],
    "iterations": 40_000,
    "batch_size": 16,
    "warmup_iterations": 1000,
    "clip_norm": 0.0,
    "ema_decay": 0.0,
    "patience": 0,
    "colour_jitter": 0.0,
    "copy_paste": 0.0,
    "repeat_threshold": 0.0,
}
"""detectron2's defaults of what SOLVER sets, and without what it does not do."""
_FIXED = frozenset({"folder", "labels_folder", "out"})
NAMES = tuple(one.name for one in fields(TrainConfig) if one.name not in _FIXED)
"""Maskloop's own names of all that can be set."""


def overridden(config: TrainConfig, settings: Mapping[str, Json]) -> TrainConfig:
    """The config with these settings.

    Args:
        config: what stays where nothing else is said.
        settings: values by name, Maskloop's (`batch_size`) or detectron2's
            (`SOLVER.IMS_PER_BATCH`). A number of classes is passed over: it is the project's.

    Raises:
        AppError: a name is unknown, or a value is of another type or out of range.
    """
    values: dict[str, Json] = {}
    if any(name.startswith("SOLVER.") for name in settings):
        values |= _AS_DETECTRON2
    for name, value in settings.items():
        if not _means_nothing(name, settings):
            values |= dict(_own(name, value))
    return from_json(TrainConfig, {**to_json(config), **values})


def read_settings(text: str) -> dict[str, Json]:
    """Settings by name from a file: YAML or JSON, flat or in sections as detectron2 has them.

    Raises:
        AppError: the text is neither, or says no settings.
    """
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # a date that is none is one
        raise AppError(f"The settings cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise AppError("The settings are no names with values.")
    return dict(_flat(value, ""))


def parsed(pairs: Iterable[str]) -> dict[str, Json]:
    """Settings by name from "KEY=VALUE" each.

    Raises:
        AppError: one has no "=".
    """
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise AppError(f"A setting is KEY=VALUE, not {pair}.")
        found[name.strip()] = _value_of(text.strip())
    return found


def known_here(settings: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The settings that `overridden` takes, and the names of those that it does not.

    A config.yaml of detectron2 says much that is of a model, or of its own data sets.
    """
    known = {*NAMES, *_SAME, *_OTHERS}
    return (
        {name: value for name, value in settings.items() if name in known},
        tuple(name for name in settings if name not in known),
    )


def settings_text(config: TrainConfig, *, as_json: bool = False) -> str:
    """What is not left open in a config, and its weights, as `read_settings` reads it.

    Args:
        config: of a fine-tune.
        as_json: JSON instead of YAML.
    """
    usual, values = to_json(TrainConfig("")), to_json(config)
    said = {name: values[name] for name in NAMES if values[name] != usual[name]}
    said = {"weights": config.weights, **said}
    if as_json:
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    return text


def detectron2_name(name: str) -> str:
    """What detectron2 calls one of our settings; empty where it has none like it."""
    return next((its for its, own in {**_SAME, **_ALIKE}.items() if own == name), "")


def _own(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    """Maskloop's settings that one of either kind stands for."""
    if isinstance(value, str):
        value = _value_of(value)
    if name in NAMES or name in _SAME:
        own = _SAME.get(name, name)
        is_list = own in ("steps", "scale_jitter") and not isinstance(value, list | tuple)
        yield own, [value] if is_list else value
    elif name == "SOLVER.LR_SCHEDULER_NAME":
        if value not in _SCHEDULES:
            raise AppError(f"{name} is {' or '.join(_SCHEDULES)}, not {value}.")
        yield "schedule", _SCHEDULES[value]
    elif name == "SOLVER.AMP.ENABLED":
        yield "precision", "float16" if value else "float32"
    elif name not in (_CLASSES, _CLIPS):
        near = difflib.get_close_matches(name, (*NAMES, *_SAME, *_OTHERS), n=1, cutoff=0.5)
        hint = f" Is {near[0]} meant?" if near else ""
        raise AppError(f"There is no setting named {name}.{hint}")


def _means_nothing(name: str, settings: Mapping[str, Json]) -> bool:
    """Whether detectron2 passes a setting over, as a config.yaml that it wrote has all of them."""
    if name == _CLIPPING:
        return settings.get(_CLIPS) is False
    return name == "SEED" and settings[name] == -1


def _flat(section: Mapping[str, Any], before: str) -> Iterator[tuple[str, Json]]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _value_of(text: str) -> Json:
    """A number, a truth, a list of these, or the text itself."""
    if text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return list(value) if isinstance(value, tuple) else value
