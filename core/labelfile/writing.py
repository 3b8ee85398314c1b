"""The labels of an image to the bytes of its label file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Final

from core.labelfile.keys import (
    KEY,
    group_of,
    key_of_part,
    note_of_shapes,
    rejected_to_json,
)
from core.labelfile.reading import VERSION, origin_print, seat_of
from core.labelfile.shapes import (
    digest_of_rings,
    digest_of_shape,
    geometry_fields,
    part_of_rings,
    print_of,
    rings_of,
)
from core.labelfile.text import to_text
from core.types import NOTE, ImageLabels, Instance, InstanceState, Json, Origin, Part

_LABELME_VERSION: Final = "5.5.0"
"""What new files say; labelme has not looked at it since."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A shape to be written."""

    parts: tuple[Part, ...]
    """One, or the several regions of one labelme mask that nobody changed."""
    base: dict[str, Json]
    """The shape that it was read from; empty for a new one."""
    origin: Origin | None
    keeps_geometry: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    place: int
    shape: Json


def write_labelfile(
    labels: ImageLabels,
    *,
    image_path: str,
    class_names: Mapping[int, str],
    is_plain: bool = False,
) -> bytes:
    """A labelme file; what nobody changed since it was read is as it was.

    Args:
        labels: of one image.
        image_path: where the image lies, seen from the label file, with forward slashes.
        class_names: the name of every class id of the labels.
        is_plain: without our key: nothing but what labelme itself knows.

    Raises:
        KeyError: a class has no name.
    """
    slots = [_slots(instance) for instance in labels.instances]
    names = [class_names[instance.class_id] for instance in labels.instances]
    groups = _groups(slots, names, labels)
    placed: list[list[_Placed]] = []
    place = -1
    for instance, own, name, group in zip(labels.instances, slots, names, groups, strict=True):
        shapes = [_shape(slot, labels, label=name, group=group) for slot in own]
        _describe(shapes, own, instance)
        if is_plain:
            shapes = [{key: v for key, v in shape.items() if key != KEY} for shape in shapes]
        else:
            _set_keys(shapes, own, instance)
        placed.append([])
        for slot, shape in zip(own, shapes, strict=True):
            place = slot.origin.place if slot.origin else place
            placed[-1].append(_Placed(place, shape))
    value = _top_level(labels, image_path)
    value["shapes"] = _in_order(placed, labels)
    if is_plain:
        value.pop(KEY, None)
    else:
        value[KEY] = _file_key(labels, class_names, value.get(KEY))
    return (to_text(value) + "\n").encode("utf-8")


def _slots(instance: Instance) -> list[_Slot]:
    slots: list[_Slot] = []
    parts = list(instance.parts)
    while parts:
        origin = parts[0].origin
        count = 1
        while origin and count < len(parts) and _is_sibling(parts[count], origin):
            count += 1
        keeps = origin is not None and origin.print.startswith(digest_of_rings(parts[:count]))
        if not keeps:
            count = 1
        base = json.loads(origin.shape) if origin else {}
        slots.append(_Slot(tuple(parts[:count]), base, origin, keeps))
        del parts[:count]
    return slots


def _is_sibling(part: Part, origin: Origin) -> bool:
    return (
        part.origin is not None
        and part.origin.place == origin.place
        and part.origin.print == origin.print
    )


def _groups(
    slots: Sequence[Sequence[_Slot]], names: Sequence[str], labels: ImageLabels
) -> list[int | None]:
    """The group_id of each instance: two instances of one label must never share one."""
    used = {group_of(slot.base) for own in slots for slot in own}
    foreign = (json.loads(one.shape) for one in labels.foreign_shapes)
    used |= {group_of(shape) for shape in foreign if isinstance(shape, dict)}
    next_free = max((group for group in used if group is not None), default=-1) + 1
    holders: set[tuple[str, int]] = set()
    groups: list[int | None] = []
    for own, name in zip(slots, names, strict=True):
        common = {group_of(slot.base) for slot in own}
        group = common.pop() if len(common) == 1 else None
        if group is not None and (name, group) in holders:
            group = None
        if group is None and len(own) > 1:
            group, next_free = next_free, next_free + 1
        if group is not None:
            holders.add((name, group))
        groups.append(group)
    return groups


def _shape(slot: _Slot, labels: ImageLabels, *, label: str, group: int | None) -> dict[str, Json]:
    shape: dict[str, Json] = {
        "label": label,
        "points": [],
        "group_id": None,
        "description": "",
        "shape_type": "polygon",
        "flags": {},
        "mask": None,
    }
    if slot.base:
        # labelme 6 needs a shape_type, 7 refuses flags of null
        needed = {name: shape[name] for name in ("shape_type", "flags")}
        missing = {name: item for name, item in needed.items() if slot.base.get(name) is None}
        shape = {**slot.base, **missing}
    shape["label"] = label
    if group != group_of(shape):
        shape["group_id"] = group
    if not slot.keeps_geometry:
        shape.update(geometry_fields(slot.parts[0], labels.size_hw))
    return shape


def _describe(
    shapes: Sequence[dict[str, Json]], slots: Sequence[_Slot], instance: Instance
) -> None:
    """Gives the shapes the note as labelme's description, where they do not say it already."""
    is_foreign = NOTE in instance.attributes and not isinstance(instance.attributes[NOTE], str)
    if not is_foreign and note_of_shapes(slot.base for slot in slots) != instance.note:
        for shape in shapes:
            shape["description"] = instance.note


def _set_keys(
    shapes: Sequence[dict[str, Json]], slots: Sequence[_Slot], instance: Instance
) -> None:
    """Gives the shapes of an instance our key, but those that already say all there is to say."""
    n_parts = len(slots)
    stays = [
        _stays_as_it_is(slot, shape, instance, seat=(index, n_parts))
        for index, (slot, shape) in enumerate(zip(slots, shapes, strict=True))
    ]
    for index, (slot, shape) in enumerate(zip(slots, shapes, strict=True)):
        # beside a part with our key, one without would look as if a person had added it
        if stays[index] and (KEY in shape or all(stays)):
            continue
        key = key_of_part(instance, index)
        if slot.parts[0].holes and not _draws_its_holes(slot):
            key["rings"] = rings_of(slot.parts[0])
        key["print"] = print_of(digest_of_shape(shape), index, n_parts=n_parts)
        shape[KEY] = key


def _stays_as_it_is(
    slot: _Slot, shape: Mapping[str, Json], instance: Instance, *, seat: tuple[int, int]
) -> bool:
    if not slot.keeps_geometry or slot.origin is None or shape["label"] != slot.base["label"]:
        return False
    index, n_parts = seat
    there = origin_print(slot.parts, seat_of(instance.id, index, n_parts=n_parts))
    key = key_of_part(instance, index)
    return slot.origin.print == there and _says_the_same(slot.base, key, slot.parts[0])


def _says_the_same(base: Mapping[str, Json], key: Mapping[str, Json], part: Part) -> bool:
    """Whether the key that the shape had, or had not, still says all that there is to say."""
    if KEY not in base:
        person = Instance(key["id"], 0, (part,), state=InstanceState.DRAWN)
        return key == key_of_part(person, key["part"])
    old = base[KEY]
    if not isinstance(old, dict):
        return False
    unprinted = {name: item for name, item in old.items() if name not in ("print", "rings")}
    return {**unprinted, "print": ""} == key


def _draws_its_holes(slot: _Slot) -> bool:
    """Whether the shape's own mask gives the part with its holes, so that no rings are needed."""
    if not slot.keeps_geometry:
        return False
    key = slot.base.get(KEY)
    rings = key.get("rings") if isinstance(key, dict) else None
    return rings is None or part_of_rings(rings) != slot.parts[0]


def _in_order(placed: Sequence[Sequence[_Placed]], labels: ImageLabels) -> list[Json]:
    """All shapes: as they were in the file while that agrees with the order of the instances."""
    shapes = [one for own in placed for one in own]
    foreign = [_Placed(one.place, json.loads(one.shape)) for one in labels.foreign_shapes]
    firsts = [min(one.place for one in own) for own in placed]
    if all(a <= b for a, b in pairwise(firsts)):
        return [one.shape for one in sorted([*shapes, *foreign], key=_place)]
    ordered = [one.shape for one in shapes]
    for one in sorted(foreign, key=_place):
        ordered.insert(one.place, one.shape)
    return ordered


def _place(placed: _Placed) -> int:
    return placed.place


def _top_level(labels: ImageLabels, image_path: str) -> dict[str, Json]:
    kept: dict[str, Json] = json.loads(labels.foreign_keys)
    height, width = labels.size_hw
    new: dict[str, Json] = {
        "version": _LABELME_VERSION,
        "flags": {},
        "shapes": [],
        "imagePath": image_path,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    ours = {name: new[name] for name in ("imageData", "imageHeight", "imageWidth")}
    value = {**(kept or new), **ours}
    for name in ("version", "flags", "shapes", "imagePath"):
        if not isinstance(value.get(name), type(new[name])):
            value[name] = new[name]
    if not _names_the_same(value["imagePath"], image_path):
        value["imagePath"] = image_path
    return value


def _names_the_same(path: str, image_path: str) -> bool:
    return PurePosixPath(PureWindowsPath(path).as_posix()) == PurePosixPath(image_path)


def _file_key(labels: ImageLabels, class_names: Mapping[int, str], old: Any) -> dict[str, Json]:
    return {
        **(old if isinstance(old, dict) else {}),
        "version": VERSION,
        "state": str(labels.state),
        "rejected": [rejected_to_json(one, class_names[one.class_id]) for one in labels.rejected],
    }
