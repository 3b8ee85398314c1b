"""The curves of an evaluation, ready to be painted: of all classes together, then of each."""

from dataclasses import dataclass, replace

from core.matches import Matches, Numbers
from core.matches.curves import (
    Best,
    Points,
    at_thresholds,
    best_of,
    coco_curve,
    f1_of,
    points_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class ClassCurve:
    """Of a class, or of all together."""

    class_index: int | None
    """None: all classes."""
    name: str
    """Of the class; empty for all."""
    points: Points
    """A point a threshold, the highest first."""
    precision: Numbers
    recall: Numbers
    f1: Numbers
    """(P,) each, at each of them; recall is empty where there is no instance."""
    best: Best | None
    ap50: float | None
    """In percent, of all classes the mean over those with an instance; None without any."""


def class_curves(matches: Matches) -> tuple[ClassCurve, ...]:
    """All classes together, then each. For threads."""
    of_each = [_curve(matches, i, name) for i, name in enumerate(matches.classes)]
    there = [one.ap50 for one in of_each if one.ap50 is not None]
    mean = sum(there) / len(there) if there else None
    return (replace(_curve(matches, None, ""), ap50=mean), *of_each)


def _curve(matches: Matches, class_index: int | None, name: str) -> ClassCurve:
    points = points_of(matches, class_index)
    read = None if class_index is None else coco_curve(points)
    held = at_thresholds(points)
    return ClassCurve(
        class_index, name, held, held.precision, held.recall, f1_of(held), best_of(points),
        None if read is None else float(read[0].mean()) * 100,
    )  # fmt: skip
