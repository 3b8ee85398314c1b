"""What a search consists of, and what can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from core.types import ImageState, InstanceState, Split


class FieldKind(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One thing that can be asked for."""

    name: str
    kind: FieldKind
    example: str
    meaning: str
    """A sentence for the help, without a full stop."""
    is_of_instance: bool = True
    """False: it is asked of the image as a whole."""
    choices: tuple[str, ...] = ()
    """The values of a choice."""


_YES_NO = ("yes", "no")
FIELDS: Mapping[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec("class", FieldKind.TEXT, "class:jeans", "of this class"),
        FieldSpec(
            "state", FieldKind.CHOICE, "state:predicted",
            "predicted, accepted, edited or drawn", choices=tuple(InstanceState),
        ),
        FieldSpec("score", FieldKind.NUMBER, "score<0.6", "a model's confidence, 0 to 1"),
        FieldSpec("area", FieldKind.NUMBER, "area>5000", "covers so many pixels"),
        FieldSpec("parts", FieldKind.NUMBER, "parts>1", "consists of so many parts"),
        FieldSpec("note", FieldKind.TEXT, "note:torn", "has this text in its note"),
        FieldSpec("crowd", FieldKind.CHOICE, "crowd:yes", "is a crowd", choices=_YES_NO),
        FieldSpec(
            "image", FieldKind.CHOICE, "image:done", "an image that is untouched, started or done",
            is_of_instance=False, choices=tuple(ImageState),
        ),
        FieldSpec(
            "split", FieldKind.CHOICE, "split:val", "an image of train, val, test or none",
            is_of_instance=False, choices=(*Split, "none"),
        ),
        FieldSpec(
            "instances", FieldKind.NUMBER, "instances>20", "an image with so many instances",
            is_of_instance=False,
        ),
    )
}  # fmt: skip
"""By their names, in the order of the help."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    field: str
    """Of FIELDS; empty: the path has the value in it."""
    operator: str
    """One of = < <= > >=."""
    values: tuple[str, ...]
    """In small letters; one of them is enough."""
    is_negated: bool = False

    @property
    def is_of_instance(self) -> bool:
        """Whether it is about single instances."""
        return bool(self.field) and FIELDS[self.field].is_of_instance

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values of a number's field."""
        return tuple(float(one) for one in self.values)


@dataclass(frozen=True)
class Query:
    """A search that was understood. One without terms finds everything."""

    terms: tuple[Term, ...] = ()

    @cached_property
    def needs_labels(self) -> bool:
        """Whether more than the path decides."""
        return any(term.field for term in self.terms)

    @cached_property
    def words(self) -> tuple[Term, ...]:
        """The terms about the path."""
        return tuple(term for term in self.terms if not term.field)

    @cached_property
    def of_image(self) -> tuple[Term, ...]:
        """The terms about an image as a whole, but for its path."""
        return tuple(term for term in self.terms if term.field and not term.is_of_instance)

    @cached_property
    def of_instance(self) -> tuple[Term, ...]:
        """The terms about single instances."""
        return tuple(term for term in self.terms if term.is_of_instance)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of classes that are asked for, in small letters."""
        return tuple(one for term in self.terms if term.field == "class" for one in term.values)
