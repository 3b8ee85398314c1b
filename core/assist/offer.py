"""What is offered here: which models, which of them are downloaded, and what computes."""

from dataclasses import dataclass

from core.assist.fetching import is_here
from core.assist.library import why_not
from core.assist.models import MODELS, AssistModel
from core.errors import AppError
from core.types import Json


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model, and whether it is on this machine."""

    model: AssistModel
    is_here: bool


def offer() -> list[OfferedModel]:
    """Every model that the osam of this machine offers; empty without osam (library.why_not)."""
    if why_not():
        return []
    offered = []
    for model in MODELS.values():
        try:
            offered.append(OfferedModel(model, is_here(model)))
        except AppError:  # an osam that has dropped it
            continue
    return offered


def offer_to_json(models: list[OfferedModel]) -> Json:
    """The names of what is offered, and whether each is here."""
    return {one.model.name: one.is_here for one in models}


def offer_from_json(value: Json) -> list[OfferedModel]:
    """The offer that offer_to_json gave."""
    return [OfferedModel(MODELS[name], bool(is_here)) for name, is_here in value.items()]
