"""Weights as a person sees them before they are used: what they know, and what is known of them."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

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
    hash_name: str = ""
    """Of the one sum of the file that is known, as hashlib calls it; empty: none is."""
    hash_prefix: str = ""
    """How that sum begins, hexadecimal."""
    class_names: tuple[str, ...] = ()
    """In the order of the model's classes."""


class Publication(Protocol):
    """What an engine's list says of weights that others publish; as in PublishedWeights."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def short_title(self) -> str: ...
    @property
    def box_ap(self) -> float: ...
    @property
    def mask_ap(self) -> float | None: ...
    @property
    def n_bytes(self) -> int: ...
    @property
    def licence(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def hash_name(self) -> str: ...
    @property
    def hash_prefix(self) -> str: ...
    @property
    def class_names(self) -> tuple[str, ...]: ...


def offered(
    publication: Publication, file: Path, *, usual_on: Literal["", "gpu", "cpu"] = ""
) -> PublishedWeights:
    """Published weights as they are offered on this machine, where they lie at `file` or will."""
    return PublishedWeights(
        name=publication.name,
        title=publication.title,
        short_title=publication.short_title,
        box_ap=publication.box_ap,
        mask_ap=publication.mask_ap,
        n_bytes=publication.n_bytes,
        licence=publication.licence,
        is_here=file.is_file(),
        file=str(file),
        address=publication.address,
        usual_on=usual_on,
        hash_name=publication.hash_name,
        hash_prefix=publication.hash_prefix,
        class_names=publication.class_names,
    )


def kind_of_model(*, has_masks: bool) -> str:
    """What a model of ours is, in its usual words."""
    return "Mask R-CNN" if has_masks else "Faster R-CNN (boxes only)"


def title_of_model(backbone: str, *, has_masks: bool, n_classes: int) -> str:
    """What a model is, in a line."""
    classes = "1 class" if n_classes == 1 else f"{n_classes} classes"
    return f"{kind_of_model(has_masks=has_masks)}, {backbone}, {classes}"


def ap_in_words(box_ap: float, mask_ap: float | None) -> str:
    """Published AP, as titles say it."""
    return f"box AP {box_ap}" + (f", mask AP {mask_ap}" if mask_ap else "")


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
