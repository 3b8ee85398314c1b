"""The values that everything else is about: instances, labels of an image, detections, classes.

Coordinates are continuous pixels of the image as displayed (EXIF applied): (0, 0) is the corner of
the first pixel, (0.5, 0.5) its centre.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Json: TypeAlias = Any
"""What json.loads returns: None, bool, int, float, str, list or dict of these."""

Ring: TypeAlias = npt.NDArray[np.float64]
"""(n, 2) float64 x y, image pixels, n >= 3, the first point not repeated at the end, read-only."""


class InstanceState(StrEnum):
    """Who vouches for an instance."""

    PREDICTED = "predicted"
    """A model's, and nobody looked."""
    ACCEPTED = "accepted"
    EDITED = "edited"
    DRAWN = "drawn"
    """A person's own."""


class ImageState(StrEnum):
    """How far a person got with an image. Only done images train and evaluate."""

    UNTOUCHED = "untouched"
    STARTED = "started"
    DONE = "done"


class Split(StrEnum):
    """What a done image is used for; given once. Only a copy of another image ever moves."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Origin:
    """The shape of a label file that a part was read from, so that it can be written back."""

    shape: str
    """The shape as JSON text, verbatim."""
    place: int
    """Its index among the file's shapes."""
    print: str
    """The hash of its label and geometry (see core/labelfile.py)."""


def _ring(points: npt.ArrayLike) -> Ring:
    ring = np.array(points, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
        raise ValueError(f"a ring is (n >= 3, 2) points, not {ring.shape}")
    if not np.isfinite(ring).all():
        raise ValueError("a ring has coordinates that are not finite numbers")
    if len(ring) > 3 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    ring.setflags(write=False)
    return ring


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One region: an outer ring and its holes. Two parts are equal when their rings are.

    Rings are copied, checked and made read-only; one that ends where it began loses its last point.
    Nothing is said about the direction of a ring. It crosses itself only where it was read so from
    a file, and only until it is edited.
    """

    outer: Ring
    holes: tuple[Ring, ...] = ()
    origin: Origin | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "outer", _ring(self.outer))
        object.__setattr__(self, "holes", tuple(_ring(hole) for hole in self.holes))

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The outer ring, then the holes."""
        return (self.outer, *self.holes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Part):
            return NotImplemented
        mine, theirs = self.rings, other.rings
        return len(mine) == len(theirs) and all(
            np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple(ring.tobytes() for ring in self.rings))


NOTE = "note"
"""The attribute that holds what a person wrote about an instance."""


def new_instance_id() -> str:
    """An id that no other instance has: 16 hexadecimal digits."""
    return uuid.uuid4().hex[:16]


@dataclass(frozen=True, slots=True)
class Instance:
    """One object in one image: a class and one or more parts."""

    id: str
    class_id: int
    parts: tuple[Part, ...]
    state: InstanceState = InstanceState.DRAWN
    score: float | None = None
    """The model's confidence, 0 to 1; None for what a person drew."""
    source: str = ""
    """Who made it: the weights' name, the format it was imported from, or empty for a person."""
    crowd: bool = False
    """COCO's iscrowd: a group that nobody separated."""
    attributes: Mapping[str, Json] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("an instance has at least one part")

    @property
    def is_of_person(self) -> bool:
        """Whether a person drew, edited or accepted it; such an instance no model may touch."""
        return self.state is not InstanceState.PREDICTED

    @property
    def note(self) -> str:
        """What a person wrote about it; empty: nothing."""
        note = self.attributes.get(NOTE)
        return note if isinstance(note, str) else ""


@dataclass(frozen=True, slots=True)
class ForeignShape:
    """A shape of the label file that is no region (a line, a point): kept, in its place."""

    shape: str
    """JSON text, verbatim."""
    place: int


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """All that is known of one image's instances. Every edit makes a new one."""

    size_hw: tuple[int, int]
    """Height and width in pixels, EXIF applied."""
    instances: tuple[Instance, ...] = ()
    """From back to front."""
    state: ImageState = ImageState.UNTOUCHED
    rejected: tuple[Instance, ...] = ()
    """Predictions that a person turned down; the next round does not bring them back."""
    foreign_shapes: tuple[ForeignShape, ...] = field(default=(), compare=False)
    foreign_keys: str = field(default="{}", compare=False)
    """Keys of the label file that are not ours, as JSON text of one object."""

    def instance(self, instance_id: str) -> Instance:
        """The instance of this id.

        Raises:
            KeyError: there is none.
        """
        for instance in self.instances:
            if instance.id == instance_id:
                return instance
        raise KeyError(instance_id)


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of the project. Its id is COCO's category id: given once, never reused."""

    id: int
    name: str
    colour: str
    """#rrggbb."""
    key: str = ""
    """The key that gives an instance this class, or empty."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or carried over, in a sentence for the user."""

    where: str
    """The file or image it is about."""
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a model saw in one image, best first, in pixels of that image."""

    size_hw: tuple[int, int]
    boxes: npt.NDArray[np.float32]
    """(N, 4) x0 y0 x1 y1, clipped to the image."""
    scores: npt.NDArray[np.float32]
    """(N,) 0 to 1."""
    class_ids: npt.NDArray[np.int64]
    """(N,) 0-based index into the weights' classes."""
    masks: npt.NDArray[np.float32] | None
    """(N, M, M) 0 to 1, the soft mask stretched over its box; None for a box-only model."""

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if self.boxes.shape != (n, 4) or self.scores.shape != (n,) or self.class_ids.shape != (n,):
            raise ValueError("boxes, scores and class ids of detections differ in number")
        if self.masks is not None and (self.masks.ndim != 3 or len(self.masks) != n):
            raise ValueError(f"masks of detections are (N, M, M) crops, not {self.masks.shape}")

    def __len__(self) -> int:
        return len(self.boxes)
