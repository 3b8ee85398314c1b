"""Which detection found which instance: what curves, tables and lists of images are made of.

Two matchings are kept, both as COCO matches: the detections of an image take instances in the order
of their scores, each the one of the highest overlap that is free, at an overlap of at least IOU.

- Of its class: a detection takes instances of its own class only. Precision, recall and F1 are of
  this one, and equal pycocotools'.
- Of any class: it takes whatever instance it lies on. The confusion matrix is of this one.

A detection's match depends on those that score more alone, so both hold at every threshold: with
one, the detections below are as if they were not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from core.errors import AppError
from core.types import Json

IOU = 0.5
"""Two are the same from this overlap on."""

NONE = -1
"""No instance: the detection is wrong."""
IGNORED = -2
"""It lies in a crowd, which counts neither way."""
LEFT_OUT = -3
"""It is past the hundredth of its class in its image, which COCO does not count."""

Numbers: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.int64]

_DECIMALS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """The G instances of the ground truth that count, without crowds, image by image."""

    image: Indices
    """(G,) index into the images."""
    class_index: Indices
    """(G,) index into the classes."""
    name: tuple[Json, ...]
    """What each is called: an instance's id, or an annotation's."""
    area: Numbers
    """(G,) pixels."""
    box_xywh: Numbers
    """(G, 4) image pixels."""

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The D detections, image by image, the best of an image first."""

    image: Indices
    """(D,) index into the images."""
    class_index: Indices
    """(D,) index into the classes."""
    number: Indices
    """(D,) which of the image's detections it was, from 0, as they were given."""
    score: Numbers
    """(D,)."""
    area: Numbers
    """(D,) pixels."""
    box_xywh: Numbers
    """(D, 4) image pixels."""
    of_class: Indices
    """(D,) the instance of its class that it found: index into the truths, or below 0."""
    of_any: Indices
    """(D,) the instance of any class that it found: index into the truths, or below 0."""
    iou: Numbers
    """(D,) overlap with of_any, or with the instance that it overlaps most."""

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What was compared, and what was found to be what."""

    task: str
    """segm: overlaps are of masks; bbox: of boxes."""
    images: tuple[str, ...]
    """Keys or file names."""
    classes: tuple[str, ...]
    """Names by ascending category id."""
    truths: Truths
    found: Found

    def __post_init__(self) -> None:
        for side in (self.truths, self.found):
            lengths = {len(getattr(side, one.name)) for one in fields(side)}
            if len(lengths) > 1:
                raise ValueError(f"columns of matches differ in length: {sorted(lengths)}")


def to_json(matches: Matches) -> dict[str, Json]:
    """Column by column, which takes a fifth of the room of records; areas and boxes rounded."""
    return {
        "task": matches.task,
        "images": list(matches.images),
        "classes": list(matches.classes),
        "truths": _columns(matches.truths),
        "found": _columns(matches.found),
    }


def _columns(side: Truths | Found) -> dict[str, Json]:
    columns = {}
    for one in fields(side):
        values = getattr(side, one.name)
        # a score is a threshold too: rounded, it would let in what it must not
        is_exact = one.name in ("name", "score")
        columns[one.name] = _listed(values, is_exact=is_exact)
    return columns


def _listed(values: Any, *, is_exact: bool) -> list[Json]:
    if isinstance(values, tuple):
        return list(values)
    listed: list[Json] = (values if is_exact else values.round(_DECIMALS)).tolist()
    return listed


def from_json(value: Mapping[str, Json]) -> Matches:
    """The matches that to_json was given.

    Raises:
        AppError: it is something else.
    """
    try:
        return Matches(
            str(value["task"]),
            tuple(map(str, value["images"])),
            tuple(map(str, value["classes"])),
            Truths(**_arrays(value["truths"], Truths)),
            Found(**_arrays(value["found"], Found)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AppError(f"These are no matches of an evaluation: {error!r}.") from error


def _arrays(columns: Mapping[str, Sequence[Json]], side: type[Truths | Found]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for one in fields(side):
        values = columns[one.name]
        if one.name == "name":
            arrays[one.name] = tuple(values)
        elif one.name == "box_xywh":
            arrays[one.name] = np.asarray(values, np.float64).reshape(-1, 4)
        else:
            is_index = one.type is Indices
            arrays[one.name] = np.asarray(values, np.int64 if is_index else np.float64)
    return arrays
