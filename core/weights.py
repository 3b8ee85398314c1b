"""Weights as a person sees them before they are used: what they know, and what is known of them."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from core.types import Json


@dataclass(frozen=True, slots=True)
class PublishedWeights:
    """Weights that others trained and offer, by name."""

    name: str
    """As in EngineConfig.weights."""
    title: str
    short_title: str
    """For a list to choose from."""
    box_ap: float
    mask_ap: float | None
    """On COCO val2017, in percent, as published; None where there are no masks."""
    n_bytes: int
    """Of the file, about."""
    licence: str
    is_here: bool
    """Whether they are on this machine, so that nothing is downloaded."""
    file: str = ""
    """Where they lie on this machine, or will."""
    address: str = ""
    """Where they are published."""
    usual_on: Literal["", "gpu", "cpu"] = ""
    """On which kind of device they are what a new project begins with."""


def usual_of(published: Iterable[PublishedWeights], *, has_gpu: bool) -> PublishedWeights | None:
    """What a new project begins with on such a device; None where nothing is meant for it."""
    wanted = "gpu" if has_gpu else "cpu"
    return next((one for one in published if one.usual_on == wanted), None)


def licence_in_short(licence: str) -> str:
    """The abbreviation that the name of a licence ends in, or all of it."""
    found = re.search(r"\(([^()]+)\)$", licence)
    return found[1] if found else licence


@dataclass(frozen=True, slots=True)
class WeightsDescription:
    """What is known of weights without using them."""

    title: str
    class_names: tuple[str, ...]
    """In the order of the model's classes."""
    are_named: bool
    """False where nothing names the classes and they are called class 1, class 2 ..."""
    has_masks: bool = True
    is_here: bool = True
    """Whether they are on this machine, so that nothing is downloaded."""
    n_bytes: int | None = None
    """Of the file; about, while it is not here."""
    licence: str = ""
    """Of published weights; empty where nobody says."""
    notes: tuple[str, ...] = ()
    """What was assumed, a sentence each."""
    config_file: str = ""
    """The config.yaml that says how the model is built; empty where it is the zoo's or a guess."""


def description_to_json(description: WeightsDescription) -> dict[str, Json]:
    """The description as a JSON object."""
    return asdict(description)


def description_from_json(value: Json) -> WeightsDescription:
    """The description that description_to_json gave."""
    tuples = {name: tuple(value[name]) for name in ("class_names", "notes")}
    return WeightsDescription(**{**value, **tuples})


def weights_name(weights: str) -> str:
    """What weights are called, and class maps are kept under: every run has a best.pth."""
    path = Path(weights)
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name
