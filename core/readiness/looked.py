"""What a closer look at one done image finds: at its file, and at its labels."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import AppError
from core.geometry import bounds_of
from core.images import thumbnail, turn_of
from core.labelfile import is_broken_region
from core.project import LoadedLabels, Project
from core.readiness.flaws import Flaw, Flawed, Left, flaws_in
from core.types import ImageLabels, Split

_LOOK_PX = 64
_OFF_PX = 1.0


@dataclass(frozen=True, slots=True)
class Looked:
    """A done image that was looked at."""

    key: str
    split: Split
    file: Path
    trouble: str = ""
    """Why its file or its labels cannot be read, as a sentence; empty: they can."""
    size_hw: tuple[int, int] = (0, 0)
    """Of the image as displayed."""
    made_at_hw: tuple[int, int] | None = None
    """The size that its label file gives it, where that is another one."""
    turn: int = 1
    """EXIF's orientation, where the labels lie in the stored rows for sure; else 1."""
    flaws: tuple[Flawed, ...] = ()
    """What is wrong with its outlines."""
    n_broken: int = 0
    """Shapes of the label file that should be regions and cannot be."""


def looked_at(project: Project, key: str, *, left: Left = tuple) -> Looked:
    """A done image as its files are now.

    Args:
        project: that it is of.
        key: of the image.
        left: gives the doubts about its outlines that nobody dismissed.
    """
    split = project.splits.get(key, Split.TRAIN)
    file = project.image_path(key)
    try:
        if not project.picture_hash(key):
            thumbnail(file, _LOOK_PX)  # says why it cannot be decoded, if it cannot
        loaded = project.read(key)
    except AppError as error:
        return Looked(key, split, file, str(error))
    return looked_of(key, split, file, loaded, left=left)


def looked_of(
    key: str, split: Split, file: Path, loaded: LoadedLabels, *, left: Left = tuple
) -> Looked:
    """The same of an image that was read."""
    labels = loaded.labels
    declared = loaded.declared_size_hw
    made_at = declared if declared != labels.size_hw else None
    flaws = flaws_in(key, labels, left=left)
    if made_at:
        # what lies outside may lie inside when the labels are turned or rescaled
        flaws = tuple(one for one in flaws if one.flaw not in (Flaw.OUTSIDE, Flaw.OVER_EDGE))
    return Looked(
        key,
        split,
        file,
        size_hw=labels.size_hw,
        made_at_hw=made_at,
        turn=_turn(file, labels, made_at) if made_at else 1,
        flaws=flaws,
        n_broken=sum(is_broken_region(shape) for shape in labels.foreign_shapes),
    )


def _turn(file: Path, labels: ImageLabels, made_at_hw: tuple[int, int]) -> int:
    """How to turn labels that fit the stored rows only; 1 where they may be right as they are."""
    if made_at_hw != labels.size_hw[::-1] or not labels.instances:
        return 1
    turn = turn_of(file)
    right, bottom = (max(bounds_of(one.parts)[side] for one in labels.instances) for side in (2, 3))

    def fit(size_hw: tuple[int, int]) -> bool:
        return right <= size_hw[1] + _OFF_PX and bottom <= size_hw[0] + _OFF_PX

    return turn if turn >= 5 and fit(made_at_hw) and not fit(labels.size_hw) else 1
