"""Instances to and from JSON, exactly: for events, the journal, snapshots and cached predictions.

Origins (what a label file held) are left out; label files have their own form in labelfile.py.
"""

from collections.abc import Iterable

from core.types import Instance, InstanceState, Json, Part


def parts_to_json(parts: Iterable[Part]) -> Json:
    """A JSON array that parts_from_json turns into equal parts."""
    return [[ring.tolist() for ring in part.rings] for part in parts]


def parts_from_json(value: Json) -> tuple[Part, ...]:
    """The parts that parts_to_json wrote.

    Raises:
        KeyError, TypeError, ValueError: the value is not such an array.
    """
    return tuple(Part(rings[0], tuple(rings[1:])) for rings in value)


def instance_to_json(instance: Instance) -> Json:
    """A JSON object that instance_from_json turns into an equal instance."""
    return {
        "id": instance.id,
        "class_id": instance.class_id,
        "parts": parts_to_json(instance.parts),
        "state": str(instance.state),
        "score": instance.score,
        "source": instance.source,
        "crowd": instance.crowd,
        "attributes": dict(instance.attributes),
    }


def instance_from_json(value: Json) -> Instance:
    """The instance that instance_to_json wrote.

    Raises:
        KeyError, TypeError, ValueError: the value is not such an object.
    """
    return Instance(
        id=str(value["id"]),
        class_id=int(value["class_id"]),
        parts=parts_from_json(value["parts"]),
        state=InstanceState(value["state"]),
        score=None if value["score"] is None else float(value["score"]),
        source=str(value["source"]),
        crowd=bool(value["crowd"]),
        attributes=dict(value["attributes"]),
    )
