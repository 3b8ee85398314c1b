"""A label file's bytes to the labels of its image."""

import base64
import binascii
import json
import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.errors import AppError
from core.labelfile.keys import (
    KEY,
    ShapeKey,
    group_of,
    is_rejected_json,
    note_of_shapes,
    rejected_from_json,
    shape_key,
)
from core.labelfile.shapes import (
    BrokenShape,
    digest_of_rings,
    digest_of_shape,
    part_of_rings,
    parts_of_shape,
    print_of,
    short_hash,
)
from core.labelfile.text import parse_json
from core.types import (
    NOTE,
    ForeignShape,
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    Json,
    Origin,
    Part,
    Problem,
)

VERSION: Final = 1
_MOST_PARTS: Final = 64


@dataclass(frozen=True, slots=True)
class LabelFileContent:
    """What a label file says."""

    labels: ImageLabels
    problems: tuple[Problem, ...] = ()
    is_read_only: bool = False
    """A newer version of the program wrote it: writing it would lose what is new."""
    image_path: str = ""
    """As the file has it, not to be trusted: it may be absolute, of Windows, or lead elsewhere."""
    image_data: bytes | None = None
    """The image itself, where the file holds it."""
    declared_size_hw: tuple[int, int] | None = None
    """The size that the file gives the image."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A region shape of the file."""

    shape: Json
    place: int
    parts: tuple[Part, ...]
    digest: str
    key: ShapeKey | None

    @property
    def label(self) -> str:
        return str(self.shape["label"])


_Bucket = list[_Found]


def is_labelme(value: Json) -> bool:
    """Whether a JSON value is a labelme file, and not one of the many other .json."""
    return (
        isinstance(value, dict) and isinstance(value.get("shapes"), list) and "imagePath" in value
    )


def read_labelfile(
    data: bytes,
    *,
    size_hw: tuple[int, int] | None,
    class_id_of: Callable[[str], int],
    where: str = "",
) -> LabelFileContent:
    """The labels that a labelme file holds, ours or anybody's.

    The same bytes always give the same instance ids.

    Args:
        data: the file's bytes.
        size_hw: the real size of the image, EXIF applied; None: as the file says.
        class_id_of: gives the class for a label.
        where: what problems name as their place.

    Raises:
        AppError: it is no labelme file, or not whole.
    """
    value, notes = parse_json(data)
    if not is_labelme(value):
        raise AppError("This JSON file is not a labelme file: it has no shapes and imagePath.")
    sentences = list(notes)
    declared = _declared_size(value)
    regions, foreign = _sorted_shapes(value["shapes"], size_hw or declared, sentences)
    instances = _instances(_buckets(regions), class_id_of)
    size = _checked_size(size_hw, declared, instances, sentences)
    labels = ImageLabels(
        size_hw=size,
        instances=instances,
        state=_image_state(value, has_regions=bool(instances)),
        rejected=_rejected(value, class_id_of, sentences),
        foreign_shapes=tuple(foreign),
        foreign_keys=_foreign_keys(value),
    )
    is_read_only = _is_newer(value, sentences)
    image_data = _image_data(value.get("imageData"), sentences)
    image_path = value["imagePath"]
    return LabelFileContent(
        labels=labels,
        problems=tuple(Problem(where, sentence) for sentence in sentences),
        is_read_only=is_read_only,
        image_path=image_path if isinstance(image_path, str) else "",
        image_data=image_data,
        declared_size_hw=declared,
    )


def is_broken_region(shape: ForeignShape) -> bool:
    """Whether a foreign shape should be a region and cannot be one; a line or a point is none."""
    try:
        return _region(json.loads(shape.shape), shape.place, None) is not None
    except BrokenShape:
        return True


def size_sentence(declared_hw: tuple[int, int] | None, real_hw: tuple[int, int]) -> str:
    """What to tell a person where a file gives its image another size; empty where it does not."""
    if declared_hw is None or declared_hw == real_hw:
        return ""
    (height, width), (real_height, real_width) = declared_hw, real_hw
    sizes = f"{width} x {height}, but it is {real_width} x {real_height}"
    kept = "The coordinates were taken as they are"
    if (width, height) == (real_height, real_width):
        return (
            f"The file says that the image is {sizes}: width and height are swapped, as tools do"
            f" that overlook how a photo was turned. {kept}; check them."
        )
    if is_another_scale(declared_hw, real_hw):
        return (
            f"The file says that the image is {sizes}, the same picture in another size. {kept};"
            " rescale the labels if they sit wrong."
        )
    return f"The file says that the image is {sizes}. {kept}; check that it is the same picture."


def is_another_scale(declared_hw: tuple[int, int] | None, real_hw: tuple[int, int]) -> bool:
    """Whether these are two sizes of the same picture, as far as sizes can tell."""
    if declared_hw is None or declared_hw == real_hw:
        return False
    (height, width), (real_height, real_width) = declared_hw, real_hw
    if (width, height) == (real_height, real_width):
        return False  # turned, even where that is nearly a square
    # each side is rounded by itself
    return abs(width * real_height - height * real_width) <= max(width, height)


def _declared_size(value: Json) -> tuple[int, int] | None:
    sides = (value.get("imageHeight"), value.get("imageWidth"))
    if all(
        isinstance(side, int | float) and not isinstance(side, bool) and 1 <= side <= 1e6
        for side in sides
    ):
        return int(sides[0]), int(sides[1])
    return None


def _checked_size(
    real_hw: tuple[int, int] | None,
    declared_hw: tuple[int, int] | None,
    instances: Iterable[Instance],
    sentences: list[str],
) -> tuple[int, int]:
    if real_hw:
        if sentence := size_sentence(declared_hw, real_hw):
            sentences.append(sentence)
        return real_hw
    if declared_hw:
        return declared_hw
    sentences.append("Neither the file nor an image says how large the image is.")
    corners = [part.outer.max(axis=0) for one in instances for part in one.parts]
    width, height = np.max([[1.0, 1.0], *corners], axis=0)
    return math.ceil(height), math.ceil(width)


def _sorted_shapes(
    shapes: Sequence[Json], size_hw: tuple[int, int] | None, sentences: list[str]
) -> tuple[list[_Found], list[ForeignShape]]:
    regions, foreign = [], []
    for place, shape in enumerate(shapes):
        try:
            found = _region(shape, place, size_hw)
        except BrokenShape as broken:
            found = None
            sentences.append(
                f"Shape {place + 1}{_named(shape)} is kept in the file but is not shown: {broken}."
            )
        if found is None:
            foreign.append(ForeignShape(json.dumps(shape, ensure_ascii=False), place))
        else:
            regions.append(found)
    return regions, foreign


def _named(shape: Json) -> str:
    label = shape.get("label") if isinstance(shape, dict) else None
    return f" ({label})" if isinstance(label, str) and label else ""


def _region(shape: Json, place: int, size_hw: tuple[int, int] | None) -> _Found | None:
    if not isinstance(shape, dict):
        raise BrokenShape("it is not a JSON object")
    parts = parts_of_shape(shape, size_hw)
    if not parts:
        return None
    label = shape.get("label")
    if not isinstance(label, str) or not label.strip():
        raise BrokenShape("it has no label")
    return _Found(shape, place, parts, digest_of_shape(shape), shape_key(shape))


def _buckets(regions: Iterable[_Found]) -> list[_Bucket]:
    """The shapes of each instance, in the order of their first shapes.

    labelme repeats our key when it duplicates a shape: what is there for the nth time is an
    instance of its own, together with all others that are.
    """
    buckets: dict[tuple[object, ...], _Bucket] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for found in regions:
        key, group = found.key, group_of(found.shape)
        if group is not None:
            name: tuple[object, ...] = ("group", found.label, group)
        elif key is not None:
            name = ("id", found.label, key.id)
        else:
            name = ("place", found.place)
        nth = 0
        if key is not None:
            nth = seen[(name, key.id, key.part)]
            seen[(name, key.id, key.part)] += 1
        buckets.setdefault((*name, nth), []).append(found)
    return list(buckets.values())


def _instances(
    buckets: Sequence[_Bucket], class_id_of: Callable[[str], int]
) -> tuple[Instance, ...]:
    reserved = {found.key.id for bucket in buckets for found in bucket if found.key}
    taken: set[str] = set()
    n_equal: Counter[str] = Counter()
    instances = []
    for bucket in buckets:
        ids = _ids_in(bucket)
        free = [one for one in ids if one not in taken]
        instance_id = free[0] if free else _free_id(bucket, reserved, n_equal)
        is_copy = bool(ids) and ids[0] in taken
        taken.add(instance_id)
        reserved.add(instance_id)
        instances.append(_instance(bucket, instance_id, class_id_of, is_copy=is_copy))
    return tuple(instances)


def _derived_id(bucket: _Bucket, nth: int = 0) -> str:
    # Made of the geometry, not of its place in the file, so that deleting another shape, here or
    # in labelme, leaves it as it is. Equal shapes are counted.
    print_ = print_of(bucket[0].digest, 0, n_parts=len(bucket))
    return short_hash([print_.encode(), str(nth).encode()])


def _free_id(bucket: _Bucket, reserved: Container[str], n_equal: Counter[str]) -> str:
    first = _derived_id(bucket)
    while True:
        instance_id = _derived_id(bucket, n_equal[first])
        n_equal[first] += 1
        if instance_id not in reserved:
            return instance_id


def _ids_in(bucket: _Bucket) -> list[str]:
    return list(dict.fromkeys(found.key.id for found in bucket if found.key))


def _instance(
    bucket: _Bucket, instance_id: str, class_id_of: Callable[[str], int], *, is_copy: bool
) -> Instance:
    keys = [found.key for found in bucket if found.key]
    if len(keys) == len(bucket) and len(_ids_in(bucket)) == 1:
        bucket = sorted(bucket, key=lambda found: found.key.part if found.key else 0)
    # A shape whose id is only due to its equals before it cannot stay without our key: its id would
    # be another one when they are gone.
    is_lasting = bool(keys) or instance_id == _derived_id(bucket)
    instance = Instance(
        id=instance_id,
        class_id=class_id_of(bucket[0].label),
        parts=tuple(
            part
            for index, found in enumerate(bucket)
            for part in _with_origin(
                found,
                seat_of(instance_id, index, n_parts=len(bucket)) if is_lasting else "",
                n_parts=len(bucket),
            )
        ),
        state=_state(bucket, is_copy=is_copy),
    )
    note = note_of_shapes(found.shape for found in bucket)
    said = {NOTE: note} if note else {}
    if not keys:
        return replace(instance, attributes=said)
    model = next((key for key in keys if key.id == instance_id), keys[0])
    # an attribute of this name that is no text came with an import, and stays
    is_foreign = not isinstance(model.attributes.get(NOTE, ""), str)
    attributes = model.attributes if is_foreign else {**model.attributes, **said}
    instance = replace(instance, crowd=model.crowd, attributes=attributes)
    return instance if is_copy else replace(instance, score=model.score, source=model.source)


def _state(bucket: _Bucket, *, is_copy: bool) -> InstanceState:
    ids = _ids_in(bucket)
    if not ids or is_copy:
        return InstanceState.DRAWN
    stored = {found.key.state for found in bucket if found.key}
    is_as_written = all(
        found.key and found.key.print == print_of(found.digest, found.key.part, n_parts=len(bucket))
        for found in bucket
    )
    if is_as_written and len(ids) == 1 and len(stored) == 1:
        return stored.pop()
    return InstanceState.EDITED


def _with_origin(found: _Found, seat: str, *, n_parts: int) -> tuple[Part, ...]:
    parts, key = found.parts, found.key
    if key is not None and key.rings is not None and _is_unmoved(found, key, n_parts=n_parts):
        exact = part_of_rings(key.rings)
        parts = (exact,) if exact is not None else parts
    text = json.dumps(found.shape, ensure_ascii=False)
    origin = Origin(text, found.place, origin_print(parts, seat))
    return tuple(replace(part, origin=origin) for part in parts)


def _is_unmoved(found: _Found, key: ShapeKey, *, n_parts: int) -> bool:
    # also where only another part of the instance was deleted: how many there were is not known
    counts = range(key.part + 1, key.part + 1 + _MOST_PARTS)
    return any(key.print == print_of(found.digest, key.part, n_parts=n) for n in (n_parts, *counts))


def seat_of(instance_id: str, part: int, *, n_parts: int) -> str:
    """Which shape of which instance a shape is."""
    return f"{instance_id} {part} {n_parts}"


def origin_print(parts: Iterable[Part], seat: str) -> str:
    """Origin.print: the exact geometry that was read, and the seat it was read for."""
    return f"{digest_of_rings(parts)} {seat}"


def _file_key(value: Json) -> Mapping[str, Json]:
    key = value.get(KEY)
    return key if isinstance(key, dict) else {}


def _image_state(value: Json, *, has_regions: bool) -> ImageState:
    state = _file_key(value).get("state")
    if isinstance(state, str) and state in ImageState.__members__.values():
        return ImageState(state)
    if state is not None:
        return ImageState.STARTED
    if has_regions:
        return ImageState.DONE
    # lines and points alone do not say that there is no instance
    return ImageState.STARTED if value["shapes"] else ImageState.UNTOUCHED


def _rejected(
    value: Json, class_id_of: Callable[[str], int], sentences: list[str]
) -> tuple[Instance, ...]:
    stored = _file_key(value).get("rejected")
    rejected = []
    for one in stored if isinstance(stored, list) else []:
        instance = None
        if is_rejected_json(one):
            instance = rejected_from_json(one, class_id_of(one["label"]))
        if instance is None:
            sentences.append("A rejected prediction could not be read and is forgotten.")
        else:
            rejected.append(instance)
    return tuple(rejected)


def _is_newer(value: Json, sentences: list[str]) -> bool:
    if _file_key(value).get("version", VERSION) == VERSION:
        return False
    sentences.append(
        "A newer version of Maskloop wrote these labels: they are shown but not changed."
        " Update this one to go on with them."
    )
    return True


def _image_data(value: Json, sentences: list[str]) -> bytes | None:
    if value is None or value == "":
        return None
    try:
        return base64.b64decode(value)
    except (binascii.Error, TypeError, ValueError):
        sentences.append("The image inside the file (imageData) cannot be read.")
        return None


def _foreign_keys(value: Json) -> str:
    ours = {"shapes": None, "imageData": None, "imageHeight": None, "imageWidth": None}
    kept = {name: ours.get(name, item) for name, item in value.items()}
    if KEY in kept:
        known = ("version", "state", "rejected")
        kept[KEY] = {n: item for n, item in _file_key(value).items() if n not in known}
    return json.dumps(kept, ensure_ascii=False)
