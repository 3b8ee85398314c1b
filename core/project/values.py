"""What a project hands out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import AppError
from core.types import ImageLabels, ImageState, Problem


class ChangedOnDisk(AppError):
    """The label file is not the one that was read: another program wrote or deleted it."""


@dataclass(frozen=True, slots=True)
class LoadedLabels:
    """The labels of one image as they are on disk."""

    labels: ImageLabels
    stamp: str
    """Hash of the label file's bytes; empty where there is no file."""
    problems: tuple[Problem, ...] = ()
    is_read_only: bool = False
    """A newer version of the program wrote the file; write() would refuse."""
    declared_size_hw: tuple[int, int] | None = None
    """The size that the file gives the image; `labels` have the image's own where it has one."""


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What the image list shows of an image, without its geometry."""

    state: ImageState = ImageState.UNTOUCHED
    n_predicted: int = 0
    """Instances that nobody looked at."""
    class_counts: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Instances of each class id; classes without any are left out."""
    size_hw: tuple[int, int] | None = None
    """As the label file says; None where there is no file or it does not say."""
    least_score: float | None = None
    """The lowest score of the instances that nobody looked at; None where none has one."""
    rows: bytes = field(default=b"", repr=False)
    """What a search asks of each instance, packed: see core/instance_rows.py."""
    notes: tuple[str, ...] = ()
    """What a person wrote to each instance; empty where none has a note."""


@dataclass(frozen=True, slots=True)
class ClassUsage:
    """How much a change of a class would touch."""

    n_images: int
    n_instances: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the journal gave back after the program was ended in the middle of work."""

    key: str
    labels: ImageLabels | None
    """With the edits applied; None where not even the image can be read any more."""
    sentence: str
    n_edits: int = 0
    """How many edits are in the label file again; 0 where they could not be put there."""
