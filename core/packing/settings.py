"""How the fine-tune of a pack is to be: a file of settings for Maskloop, and one for detectron2."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from core.configs import TrainConfig, to_json
from core.configs.overriding import NAMES
from core.packing.content import Content
from core.packing.start import Start
from core.plain_yaml import plain_yaml
from core.types import Json, Split

OUTPUT_FOLDER = "output"
"""That detectron2 writes to, in the pack."""
_OF_THIS_MACHINE = frozenset({"device", "threads", "model_config"})
_ABOUT_MASKLOOP = """\
# How the fine-tune is to be: maskloop train project --settings settings.yaml --out run
# What is 0, -1, auto or empty is set there, from the data and the device.
"""
_ABOUT_DETECTRON2 = """\
# The model, and how detectron2 learns from this pack: train_detectron2.py reads it.
"""
_KEPT_CHECKPOINTS = 4
"""Of a run of detectron2, which removes none: each is twice as large as the weights."""
_RATE_FROM_SCRATCH = 0.02
"""A small model whose batch norm learns takes detectron2's rate for 16 images with two."""


def maskloop_settings(told: TrainConfig, start: Start) -> str:
    """settings.yaml."""
    told_there = dict(to_json(replace(told, weights=start.for_maskloop)))
    values = {name: told_there[name] for name in NAMES if name not in _OF_THIS_MACHINE}
    if start.has_own_config:
        values["model_config"] = "config.yaml"
    return _ABOUT_MASKLOOP + _dumped(values)


def detectron2_settings(
    told: TrainConfig, settled: TrainConfig, content: Content, start: Start
) -> str:
    """config.yaml: the model, what it learns from and how, as detectron2 merges it.

    Args:
        told: what a person chose.
        settled: the same with every choice made, for SGD: detectron2's DefaultTrainer knows no
            other optimizer.
        content: of the pack.
        start: what it begins with.
    """
    has_val = bool(content.of_split(Split.VAL))
    values: dict[str, Json] = {
        "MODEL": {
            "DEVICE": "cuda",
            "WEIGHTS": start.for_detectron2,
            "BACKBONE": {"FREEZE_AT": settled.freeze_at},
        },
        "DATASETS": {"TRAIN": ["train"], "TEST": ["val"] if has_val else []},
        # done and empty: it teaches what is not there
        "DATALOADER": {"FILTER_EMPTY_ANNOTATIONS": False},
        "INPUT": {
            "MASK_FORMAT": "bitmask",  # instances with holes are masks
            "MIN_SIZE_TRAIN": [start.settings.min_size_test],
            "MAX_SIZE_TRAIN": start.settings.max_size_test,
        },
        "SOLVER": _solver(told, settled, start),
        "TEST": {"EVAL_PERIOD": settled.evaluate_every if has_val else 0},
        "OUTPUT_DIR": OUTPUT_FOLDER,
    }
    if told.roi_batch_size:
        values["MODEL"]["ROI_HEADS"] = {"BATCH_SIZE_PER_IMAGE": told.roi_batch_size}
    names, _, model = start.config.partition("\n")  # the names ride in the first line
    return f"{names}\n{_ABOUT_DETECTRON2}{_dumped(_merged(plain_yaml(model), values))}"


def _merged(below: Mapping[str, Json], above: Mapping[str, Json]) -> dict[str, Json]:
    """Both trees as one; where both say something, the upper one's word counts."""
    merged = dict(below)
    for name, value in above.items():
        is_section = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], value) if is_section else value
    return merged


def _solver(told: TrainConfig, settled: TrainConfig, start: Start) -> dict[str, Json]:
    is_rate_given = told.optimizer == "sgd" and told.learning_rate > 0
    rate = _RATE_FROM_SCRATCH if start.is_from_scratch else settled.learning_rate
    last = settled.iterations
    is_cosine = told.optimizer == "sgd" and told.schedule == "cosine"
    return {
        "IMS_PER_BATCH": settled.batch_size,
        "BASE_LR": told.learning_rate if is_rate_given else rate,
        "MAX_ITER": last,
        "WARMUP_ITERS": settled.warmup_iterations,
        "LR_SCHEDULER_NAME": "WarmupCosineLR" if is_cosine else "WarmupMultiStepLR",
        "STEPS": list(told.steps) or [last * 4 // 5],
        "GAMMA": settled.gamma,
        "MOMENTUM": settled.momentum,
        "WEIGHT_DECAY": settled.weight_decay,
        "CHECKPOINT_PERIOD": max(1, -(-last // _KEPT_CHECKPOINTS)),
        "CLIP_GRADIENTS": {"ENABLED": settled.clip_norm > 0},
    }


class _WithoutAnchors(yaml.SafeDumper):
    """Writes a list that occurs twice twice: &id001 is hard on people."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dumped(values: Mapping[str, Json]) -> str:
    text: str = yaml.dump(
        dict(values), Dumper=_WithoutAnchors, default_flow_style=None, sort_keys=False, width=100
    )
    return text
