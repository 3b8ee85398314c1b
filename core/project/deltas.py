"""What an edit changed, as JSON, and the same change applied again."""

from collections.abc import Sequence
from dataclasses import replace

from core.instance_json import instance_from_json, instance_to_json
from core.types import ImageLabels, ImageState, Instance, Json, Part


def delta_of(before: ImageLabels, after: ImageLabels) -> Json:
    """A JSON object that with_delta turns `before` into `after` with.

    Instances that stayed the same object cost nothing, so that an edit among 1,000 is quick.
    """
    old = {one.id: one for one in before.instances}
    kept = {one.id for one in after.instances}
    delta: dict[str, Json] = {
        "size_hw": list(after.size_hw),
        "put": [
            instance_to_json(one)
            for one in after.instances
            if (was := old.get(one.id)) is not one and was != one
        ],
        "drop": [one.id for one in before.instances if one.id not in kept],
    }
    if [one.id for one in after.instances] != _order_without(before, after):
        delta["order"] = [one.id for one in after.instances]
    if before.state is not after.state:
        delta["state"] = str(after.state)
    if before.rejected != after.rejected:
        delta["rejected"] = [instance_to_json(one) for one in after.rejected]
    return delta


def _order_without(before: ImageLabels, after: ImageLabels) -> list[str]:
    """The order that with_delta comes to when it is told none."""
    kept = {one.id for one in after.instances}
    stayed = [one.id for one in before.instances if one.id in kept]
    there = set(stayed)
    return stayed + [one.id for one in after.instances if one.id not in there]


def with_delta(labels: ImageLabels, delta: Json) -> ImageLabels:
    """The labels with a change applied; parts that it leaves alone keep their origin.

    Raises:
        KeyError, TypeError, ValueError: the delta is not one that delta_of made.
    """
    return with_deltas(labels, [delta])


def with_deltas(labels: ImageLabels, deltas: Sequence[Json]) -> ImageLabels:
    """The labels with changes applied one after another.

    An instance that one of them drops and a later one brings back, as undo does, has its parts'
    origins again.

    Raises:
        KeyError, TypeError, ValueError: a delta is not one that delta_of made.
    """
    known = {(one.id, part): part for one in labels.instances for part in one.parts}
    for delta in deltas:
        labels = _changed(labels, delta, known)
    return labels


def _changed(labels: ImageLabels, delta: Json, known: dict[tuple[str, Part], Part]) -> ImageLabels:
    dropped = set(delta["drop"])
    by_id = {one.id: one for one in labels.instances if one.id not in dropped}
    for value in delta["put"]:
        put = _with_origins(instance_from_json(value), known)
        by_id[put.id] = put
    if "order" in delta:
        place = {instance_id: i for i, instance_id in enumerate(delta["order"])}
        by_id = dict(sorted(by_id.items(), key=lambda item: place.get(item[0], len(place))))
    height, width = delta["size_hw"]
    changed = replace(labels, instances=tuple(by_id.values()), size_hw=(int(height), int(width)))
    if "state" in delta:
        changed = replace(changed, state=ImageState(delta["state"]))
    if "rejected" in delta:
        rejected = tuple(instance_from_json(value) for value in delta["rejected"])
        changed = replace(changed, rejected=rejected)
    return changed


def _with_origins(instance: Instance, known: dict[tuple[str, Part], Part]) -> Instance:
    parts = tuple(known.get((instance.id, part), part) for part in instance.parts)
    return replace(instance, parts=parts)
