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
from core.plain_yaml import PlainYamlError, plain_yaml
from core.types import Json

__all__ = [
    "NAMES",
    "detectron2_name",
    "is_written_by_detectron2",
    "known_here",
    "known_names",
    "of_any_file",
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
_FLIPS = {"horizontal": True, "none": False}
_ALIKE = {
    "SOLVER.LR_SCHEDULER_NAME": "schedule",
    "SOLVER.AMP.ENABLED": "precision",
    "INPUT.RANDOM_FLIP": "flip",
}
"""Of other values than ours."""
_CLIPS, _CLIPPING = "SOLVER.CLIP_GRADIENTS.ENABLED", "SOLVER.CLIP_GRADIENTS.CLIP_VALUE"
_CLIP_TYPE = "SOLVER.CLIP_GRADIENTS.CLIP_TYPE"
_REPEATS, _SAMPLER = "DATALOADER.REPEAT_THRESHOLD", "DATALOADER.SAMPLER_TRAIN"
_BESIDE = (_CLASSES, _CLIPS, _CLIP_TYPE, _SAMPLER)
"""No setting here: a number that is the project's, and what others of them depend on."""
_OTHERS = (*_ALIKE, *_BESIDE)
_OF_WRITTEN = frozenset({"VERSION", "OUTPUT_DIR"})
"""In every config.yaml that detectron2 writes beside its weights."""
_OF_ITS_MACHINE = "MODEL.DEVICE"
_MISSPELT = 0.9
"""How alike names are of which one is a slip; BASE_LR_END and BASE_LR, two settings, are 0.875."""
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
_HOW = "Each is a name, a colon and a value on a line of its own: batch_size: 4."
_TEXTS = frozenset(
    one.name for one in fields(TrainConfig) if isinstance(getattr(TrainConfig(""), one.name), str)
)
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
        value = plain_yaml(text)
    except PlainYamlError as error:
        raise AppError(f"The settings cannot be read: {error}. {_HOW}") from error
    if not isinstance(value, dict):
        raise AppError(f"There are no settings in it. {_HOW}")
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
            raise AppError(f"A setting is KEY=VALUE, as batch_size=4, not {pair}.")
        found[name.strip()] = _value_of(text.strip())
    return found


def known_here(settings: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The settings that `overridden` takes, and the names of those that it does not.

    A config.yaml of detectron2 says much that is of a model, or of its own data sets.
    """
    known = set(known_names())
    return (
        {name: value for name, value in settings.items() if name in known},
        tuple(name for name in settings if name not in known),
    )


def of_any_file(settings: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The settings of a file that `overridden` takes, and what of detectron2's is left out.

    Of a config.yaml that detectron2 wrote, and that says everything, that is what has no meaning
    here too, and its device: it is of the machine that it was written on.

    Raises:
        AppError: a name is neither Maskloop's nor of detectron2's kind, or a slip.
    """
    said, others = known_here(settings)
    for name in others:
        near = difflib.get_close_matches(name, known_names(), n=1, cutoff=_MISSPELT)
        if not name.split(".")[0].isupper() or (near and near[0] not in settings):
            raise _unknown(name)
    if not is_written_by_detectron2(settings):
        return said, others
    without = {name for name in said if not _has_meaning(name, said)}
    return (
        {name: value for name, value in said.items() if name not in without},
        tuple(name for name in settings if name in without or name in others),
    )


def is_written_by_detectron2(settings: Mapping[str, Json]) -> bool:
    """Whether these are of a config.yaml that it wrote beside its weights, and say everything."""
    return settings.keys() >= _OF_WRITTEN


def _has_meaning(name: str, settings: Mapping[str, Json]) -> bool:
    """Whether a setting of a config.yaml that detectron2 wrote can be meant here."""
    is_by_value = settings.get(_CLIPS) is True and settings.get(_CLIP_TYPE) == "value"
    if name == _OF_ITS_MACHINE or (name == _CLIPPING and is_by_value):
        return False
    try:
        overridden(TrainConfig(""), {name: settings[name]})
    except AppError:
        return _means_nothing(name, settings)  # as a seed of -1: it is passed over anyway
    return True


def known_names() -> tuple[str, ...]:
    """All names that `overridden` knows."""
    return (*NAMES, *_SAME, *_OTHERS)


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
    if _SAME.get(name, name) in _TEXTS:
        value = value if value is None else str(value)  # a file may be called 007
    elif isinstance(value, str):
        value = _value_of(value)
    if name in NAMES or name in _SAME:
        own = _SAME.get(name, name)
        is_list = own in ("steps", "scale_jitter") and not isinstance(value, list | tuple)
        yield own, [value] if is_list else value
    elif name == "SOLVER.LR_SCHEDULER_NAME":
        if value not in _SCHEDULES:
            known = " or ".join(_SCHEDULES)
            raise AppError(f"{name} is {known}, the schedules that are there, not {value}.")
        yield "schedule", _SCHEDULES[value]
    elif name == "SOLVER.AMP.ENABLED":
        yield "precision", "float16" if value else "float32"
    elif name == "INPUT.RANDOM_FLIP":
        if value not in _FLIPS:
            raise AppError(f"{name} is {' or '.join(_FLIPS)}, not {value}.")
        yield "flip", _FLIPS[value]
    elif name not in _BESIDE:
        raise _unknown(name)


def _unknown(name: str) -> AppError:
    near = difflib.get_close_matches(name, known_names(), n=1, cutoff=0.5)
    hint = f" Is {near[0]} meant?" if near else ""
    return AppError(f"There is no setting named {name}.{hint}")


def _means_nothing(name: str, settings: Mapping[str, Json]) -> bool:
    """Whether detectron2 passes a setting over, as a config.yaml that it wrote has all of them."""
    if name == _CLIPPING:
        return settings.get(_CLIPS) is False
    if name == _REPEATS:
        return settings.get(_SAMPLER) == "TrainingSampler"
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
