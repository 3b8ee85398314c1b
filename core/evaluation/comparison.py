"""What an evaluation holds against what, wherever it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.types import Json


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Ground truth and detections with what is known of them."""

    truth: Mapping[str, Any]
    """A COCO data set."""
    detections: Sequence[dict[str, Any]]
    """COCO results."""
    splits: Json
    """How many instances there are by class and split; see core.evaluation.details."""
    files: Mapping[str, Path]
    """Where the images are, by their names in the data set."""
    colours: Sequence[str]
    """#rrggbb of the classes, by ascending id."""
    title: str
    """What is evaluated, plain text."""
    about: str
    """On which images."""
