"""The one key, `maskloop`, in which a label file holds what labelme has no place for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from core.labelfile.shapes import part_of_rings, rings_of
from core.types import NOTE, Instance, InstanceState, Json

KEY: Final = "maskloop"


@dataclass(frozen=True, slots=True)
class ShapeKey:
    """What our key of a shape says; where a value is of a wrong type, as if it were not there."""

    id: str
    part: int = 0
    print: str = ""
    state: InstanceState = InstanceState.DRAWN
    score: float | None = None
    source: str = ""
    crowd: bool = False
    attributes: dict[str, Json] = field(default_factory=dict)
    rings: Json = None


def shape_key(shape: Json) -> ShapeKey | None:
    """Our key of a shape; None where it has none that names an instance."""
    value = shape.get(KEY)
    if not isinstance(value, dict) or not _text(value.get("id")):
        return None
    part = value.get("part")
    attributes = value.get("attributes")
    return ShapeKey(
        id=value["id"],
        part=part if _is_int(part) and part >= 0 else 0,
        print=_text(value.get("print")),
        state=_state(value.get("state")),
        score=_score(value.get("score")),
        source=_text(value.get("source")),
        crowd=value.get("crowd") is True,
        attributes=attributes if isinstance(attributes, dict) else {},
        rings=value.get("rings"),
    )


def key_of_part(instance: Instance, part: int) -> dict[str, Json]:
    """Our key of a shape, without print and rings, and without the note (see `note_of_shapes`)."""
    said = dict(instance.attributes)
    if instance.note:
        del said[NOTE]
    return {
        "id": instance.id,
        "part": part,
        "print": "",
        "state": str(instance.state),
        "score": instance.score,
        "source": instance.source,
        "crowd": instance.crowd,
        "attributes": said,
    }


def note_of_shapes(shapes: Iterable[Json]) -> str:
    """What labelme's descriptions of the shapes of an instance say: where it keeps its note.

    Those that say the same count once; one with half a character in it cannot be shown.
    """
    texts = (shape.get("description") for shape in shapes)
    return "\n".join(dict.fromkeys(text for text in texts if _is_readable(text)))


def rejected_to_json(instance: Instance, label: str) -> Json:
    """A rejected prediction as the file's key holds it."""
    return {
        "id": instance.id,
        "label": label,
        "parts": [rings_of(part) for part in instance.parts],
        "score": instance.score,
        "source": instance.source,
        "crowd": instance.crowd,
        "attributes": dict(instance.attributes),
    }


def rejected_from_json(value: Json, class_id: int) -> Instance | None:
    """The instance that rejected_to_json wrote; None where it is broken."""
    parts = [part_of_rings(rings) for rings in value["parts"]]
    if not parts or None in parts:
        return None
    attributes = value.get("attributes")
    return Instance(
        id=value["id"],
        class_id=class_id,
        parts=tuple(part for part in parts if part is not None),
        state=InstanceState.PREDICTED,
        score=_score(value.get("score")),
        source=_text(value.get("source")),
        crowd=value.get("crowd") is True,
        attributes=attributes if isinstance(attributes, dict) else {},
    )


def is_rejected_json(value: Json) -> bool:
    """Whether a value looks like what rejected_to_json writes."""
    return (
        isinstance(value, dict)
        and bool(_text(value.get("id")))
        and bool(_text(value.get("label")))
        and isinstance(value.get("parts"), list)
    )


def group_of(shape: Json) -> int | None:
    """The group that labelme gives a shape; None where it has none that is a whole number."""
    group = shape.get("group_id")
    return group if _is_int(group) else None


def _is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_readable(text: Any) -> TypeGuard[str]:
    if not isinstance(text, str) or not text.strip():
        return False
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _state(value: Any) -> InstanceState:
    # what is not known was a person's: doubt never lets a model touch it
    known = isinstance(value, str) and value in InstanceState.__members__.values()
    return InstanceState(value) if known else InstanceState.DRAWN


def _score(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None
