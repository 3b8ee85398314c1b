"""One COCO annotation, in any of the forms in which it is met, as an instance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from core.geometry import parts_from_rle
from core.types import Instance, Json, Part
from core.wording import listed

Id: TypeAlias = int | str

_KNOWN: Final = frozenset(
    (
        *("id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd"),
        *("attributes", "keypoints", "num_keypoints", "caption", "segments_info"),
    )
)
_FARTHEST_PX: Final = 1e7


def id_of(value: Json) -> Id | None:
    """An id that compares as it should, whether it was written as 12, 12.0 or "12"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text or None
    return value if isinstance(value, int) else None


def is_true(value: Json) -> bool:
    """Whether an iscrowd says so; tools write 1, true and "1"."""
    if isinstance(value, str):
        return value.strip().casefold() in ("1", "true")
    return isinstance(value, int | float) and value == 1


def number_of(value: Json) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < _FARTHEST_PX else None


@dataclass(slots=True)
class Notes:
    """What could not be carried over of one image: a sentence, and the annotations it is about."""

    about: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sentence: str, annotation_id: Json) -> None:
        """Notes a sentence about one annotation."""
        self.about.setdefault(sentence, []).append(str(annotation_id))

    def sentences(self) -> list[str]:
        """Each sentence once, with the annotations it is about."""
        return [f"{sentence} ({_named(ids)})." for sentence, ids in self.about.items()]


def _named(ids: Sequence[str]) -> str:
    return f"annotation{'s' if len(ids) > 1 else ''} {listed(ids)}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What an annotation has to be seen in."""

    size_hw: tuple[int, int] | None
    """Of the image, as the file says."""
    is_of_cvat: bool
    """Whether CVAT or Datumaro wrote the file, which say iscrowd of every mask."""


def instance_of(
    annotation: Mapping[str, Json], frame: Frame, *, instance_id: str, class_id: int, notes: Notes
) -> Instance | None:
    """The instance that an annotation says there is; None, with a note, where it is none."""
    name = annotation.get("id", "without id")
    if _is_about_keypoints(annotation):
        notes.add("Keypoints cannot be carried over", name)
    if annotation.get("caption"):
        notes.add("Captions cannot be carried over", name)
    parts = _parts(annotation, frame, notes)
    if not parts:
        if not annotation.get("caption"):
            notes.add("Left out, because it has neither a usable segmentation nor a box", name)
        return None
    crowd = is_true(annotation.get("iscrowd"))
    if crowd and frame.is_of_cvat and _is_rle(annotation):
        crowd = len(parts) > 1
        taken = (
            "it has several pieces and stays a crowd; check it"
            if crowd
            else "it is in one piece and was taken as a single object"
        )
        notes.add(f"Marked iscrowd by CVAT, which does so with every mask: {taken}", name)
    return Instance(
        id=instance_id,
        class_id=class_id,
        parts=parts,
        source="coco",
        crowd=crowd,
        attributes=_attributes(annotation),
    )


def _is_about_keypoints(annotation: Mapping[str, Json]) -> bool:
    points = annotation.get("keypoints")
    return isinstance(points, list) and any(points)


def _is_rle(annotation: Mapping[str, Json]) -> bool:
    return isinstance(annotation.get("segmentation"), dict)


def _attributes(annotation: Mapping[str, Json]) -> dict[str, Json]:
    extras = {name: value for name, value in annotation.items() if name not in _KNOWN}
    nested = annotation.get("attributes")
    if isinstance(nested, dict):
        return {**extras, **nested}
    return extras if nested is None else {**extras, "attributes": nested}


def _parts(annotation: Mapping[str, Json], frame: Frame, notes: Notes) -> tuple[Part, ...]:
    name = annotation.get("id", "without id")
    segmentation = annotation.get("segmentation")
    parts: tuple[Part, ...] = ()
    if isinstance(segmentation, dict):
        try:
            parts = parts_from_rle(segmentation)
        except ValueError as error:
            notes.add(f"The RLE mask cannot be read: {error}", name)
        size = segmentation.get("size")
        if parts and frame.size_hw and size != list(frame.size_hw):
            notes.add("The RLE mask is of another size than the image; taken as it is", name)
    elif isinstance(segmentation, list):
        parts = _parts_of_polygons(segmentation, name, notes)
    elif segmentation is not None:
        notes.add("The segmentation is neither polygons nor RLE", name)
    return parts or _parts_of_box(annotation.get("bbox"), frame, name, notes)


def _parts_of_polygons(segmentation: list[Json], name: Json, notes: Notes) -> tuple[Part, ...]:
    if segmentation and not any(isinstance(one, list) for one in segmentation):
        segmentation = [segmentation]  # a flat list: one polygon without its list
    elif len(segmentation) >= 3 and all(_is_pair(one) for one in segmentation):
        segmentation = [[number for pair in segmentation for number in pair]]
    parts = []
    for polygon in segmentation:
        ring = _ring(polygon)
        if ring is None:
            notes.add("A polygon with less than 3 whole points was left out", name)
        else:
            parts.append(Part(ring))
    return tuple(parts)


def _is_pair(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2


def _ring(polygon: Json) -> npt.NDArray[np.float64] | None:
    if not isinstance(polygon, list):
        return None
    if polygon and all(_is_pair(one) for one in polygon):
        polygon = [number for pair in polygon for number in pair]
    if len(polygon) % 2:
        return None
    if {type(one) for one in polygon} <= {int, float}:
        try:
            points = np.array(polygon, dtype=np.float64).reshape(-1, 2)
        except OverflowError:
            return None
    else:
        numbers = [number_of(one) for one in polygon]
        if None in numbers:
            return None
        points = np.array(numbers, dtype=np.float64).reshape(-1, 2)
    if not (np.abs(points) < _FARTHEST_PX).all():
        return None
    if len(points) > 3 and (points[0] == points[-1]).all():
        points = points[:-1]
    return points if len(points) >= 3 else None


def _parts_of_box(bbox: Json, frame: Frame, name: Json, notes: Notes) -> tuple[Part, ...]:
    numbers = [number_of(one) for one in bbox] if isinstance(bbox, list) else []
    if len(numbers) != 4:
        return ()
    x, y, width, height = (math.nan if one is None else one for one in numbers)
    if _is_xyxy((x, y, width, height), frame.size_hw):
        notes.add("A box that would leave the image was read as two corners, not as a size", name)
        width, height = width - x, height - y
    if not (width > 0 and height > 0 and math.isfinite(x + y)):
        return ()
    notes.add("There is only a box; it became a rectangle", name)
    right, bottom = x + width, y + height
    return (Part(np.array([[x, y], [right, y], [right, bottom], [x, bottom]])),)


def _is_xyxy(box: tuple[float, float, float, float], size_hw: tuple[int, int] | None) -> bool:
    if size_hw is None:
        return False
    (a, b, c, d), (height, width) = box, size_hw
    leaves = a + c > width + 1 or b + d > height + 1
    return leaves and a < c <= width + 1 and b < d <= height + 1
