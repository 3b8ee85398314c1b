"""What predictions leave for a person to do, object by object, as it is counted without one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import AppError
from core.types import Json

KINDS = ("accepted", "fixed", "drawn", "false_positives")


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to do about one object, or about a prediction that is none."""

    kind: str
    """One of KINDS."""
    image: str
    """The key, or the file name."""
    name: Json
    """The object's id, or its annotation's; None of a prediction."""
    is_wrong_class: bool
    """Whether it was found as another class, which is an edit more."""
    edits: int
    box_xywh: tuple[float, ...]
    """The object's, or the prediction's; image pixels."""


def left_to_json(left: Iterable[Left]) -> list[Json]:
    """A short list for each."""
    return [
        [one.kind, one.image, one.name, one.is_wrong_class, one.edits, list(one.box_xywh)]
        for one in left
    ]


def left_from_json(value: Sequence[Json]) -> tuple[Left, ...]:
    """What left_to_json was given.

    Raises:
        AppError: it is something else.
    """
    try:
        return tuple(
            Left(str(kind), str(image), name, bool(wrong), int(edits), (float(x), float(y), w, h))
            for kind, image, name, wrong, edits, (x, y, w, h) in value
        )
    except (TypeError, ValueError) as error:
        raise AppError(f"This is no list of what is left to do: {error!r}.") from error
