"""The recipes that small_data.py holds against each other, and how long each may run."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.configs import TrainConfig
from core.configs.overriding import overridden
from core.types import Json

_COPIED: Mapping[str, Json] = {
    "SOLVER.BASE_LR": 0.00025,
    "SOLVER.IMS_PER_BATCH": 2,
    "SOLVER.WARMUP_ITERS": 1000,
    "SOLVER.STEPS": [],
    "scale_jitter": [0.8, 1.0],  # detectron2's 640 to 800, of 800
}
"""What tutorials say; everything else is as detectron2 has it."""
_FLIP_ONLY: Mapping[str, Json] = {
    "schedule": "cosine",
    "scale_jitter": [1.0, 1.0],
    "colour_jitter": 0.0,
    "copy_paste": 0.0,
    "repeat_threshold": 0.0,
    "ema_decay": 0.0,
    "patience": 0,
}
_TUNED_FROM_SCRATCH: Mapping[str, Json] = {
    "optimizer": "adamw", "learning_rate": 2e-3, "batch_size": 4, **_FLIP_ONLY,
}  # fmt: skip
_TUNED_FROM_WEIGHTS: Mapping[str, Json] = {
    "optimizer": "sgd", "learning_rate": 0.0025, "batch_size": 2, **_FLIP_ONLY,
}  # fmt: skip
BASES = ("self-setting", "copied", "tuned")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named way to fine-tune."""

    name: str
    base: str
    """One of BASES."""
    settings: Mapping[str, Json] = field(default_factory=dict)
    """What is otherwise than in the base."""

    def config(self, start: TrainConfig, iterations: int) -> TrainConfig:
        """The config of a run.

        Args:
            start: weights, model, device, seed; it says nothing else.
            iterations: how long it runs.
        """
        told: dict[str, Json] = {"iterations": iterations}
        if self.base == "copied":
            told = {**_COPIED, "SOLVER.MAX_ITER": iterations}
        if self.base == "tuned":
            is_from_scratch = start.weights == "none"
            told |= _TUNED_FROM_SCRATCH if is_from_scratch else _TUNED_FROM_WEIGHTS
        if self.base != "self-setting":
            told["evaluate_every"] = iterations  # whoever fixes a recipe looks at the end
        return overridden(start, {**told, **self.settings})


def recipe_of(text: str) -> Recipe:
    """A recipe from "name", or from "name=base:KEY=VALUE;KEY=VALUE" for one that differs from it.

    Raises:
        ValueError: there is no such base.
    """
    name, equals, rest = text.partition("=")
    base, _, settings = rest.partition(":") if equals else (name, "", "")
    if base not in BASES:
        raise ValueError(f"A recipe is one of {', '.join(BASES)}, not {base}.")
    pairs = [pair.partition("=") for pair in settings.split(";") if pair]
    return Recipe(name, base, {key.strip(): value.strip() for key, _, value in pairs})


@dataclass(frozen=True, slots=True)
class Pace:
    """What a recipe uses on a set of images, in seconds."""

    start: float
    """Before and after all iterations, with the last look at the val images."""
    step: float
    evaluation: float
    """Each of those that come every so many iterations."""
    evaluate_every: int
    """0: they come only at the end."""

    def iterations(self, budget: float) -> int:
        """How many fit the budget, with their evaluations; at least one."""
        left = budget - self.start - self.evaluation
        each = self.step
        if self.evaluate_every:
            each += self.evaluation / self.evaluate_every
        return max(1, math.floor(left / each))


def pace_of(used: Mapping[str, Json], evaluate_every: int) -> Pace:
    """The pace of a run, from what _small_run.py says that it used."""
    steps, evaluations = used["steps"], used["evaluations"]
    # the first steps read the images, and set up what all others use
    step = sum(steps) / len(steps) if len(steps) > 50 else statistics.median(steps[1:] or steps)
    others = used["seconds"] - sum(steps) - sum(evaluations)
    evaluation = sum(evaluations) / len(evaluations) if evaluations else 0.0
    every = 0 if evaluate_every >= len(steps) else evaluate_every
    return Pace(start=others, step=step, evaluation=evaluation, evaluate_every=every)
