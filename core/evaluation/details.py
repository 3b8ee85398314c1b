"""All that an evaluation can say, as JSON: tables, curves, thresholds, confusion, matches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation.coco import Counted
from core.evaluation.curves import confusion, curves_of, f1_by_confidence
from core.evaluation.matching import matches_of
from core.evaluation.sides import Sides, in_order
from core.evaluation.tables import class_tables, recalls_of
from core.matches import Matches
from core.types import ImageLabels, Json, LabelClass

FALLBACK_THRESHOLD = 0.5
"""Of confidence, where no detection is right and none is the best."""


@dataclass(frozen=True, slots=True, eq=False)
class Details:
    """What is looked at beside AP."""

    values: dict[str, Json]
    """"recall", "by_class", "curves", "f1" and "confusion"."""
    matches: Matches
    threshold: float
    """Of the confusion matrix."""


def details_of(
    sides: Sides, counted: Mapping[str, Counted], *, threshold: float | None = None
) -> Details:
    """The details of what was compared.

    Args:
        sides: what was compared.
        counted: what COCO's code counts of them.
        threshold: of confidence, for the confusion matrix; None: that of the best F1 of all
            classes together, or FALLBACK_THRESHOLD where there is none.
    """
    matches = matches_of(sides)
    f1 = f1_by_confidence(matches)
    if threshold is None:
        best = f1["overall"]["best"]
        threshold = best["threshold"] if best else FALLBACK_THRESHOLD
    values = {
        "recall": recalls_of(counted),
        "by_class": class_tables(counted),
        "curves": curves_of(matches),
        "f1": f1,
        "confusion": confusion(matches, threshold),
    }
    return Details(values, matches, threshold)


def splits_of_labels(
    splits: Mapping[str, Sequence[ImageLabels]], classes: Sequence[LabelClass]
) -> dict[str, Json]:
    """How many instances of each class the images of each split have, {"classes", "rows"}.

    A row is {"name", "images", "instances", "by_class"}, counts in the order of the classes.
    Crowds and predictions that nobody looked at do not count.
    """
    rows = []
    for name, several in splits.items():
        counts = Counter(
            one.class_id
            for labels in several
            for one in labels.instances
            if one.is_of_person and not one.crowd
        )
        rows.append(_row(name, len(several), [counts[one.id] for one in classes]))
    return {"classes": [one.name for one in classes], "rows": rows}


def splits_of_truth(name: str, ground_truth: Mapping[str, Any]) -> dict[str, Json]:
    """The same of a COCO data set, as one split of this name."""
    categories = in_order(ground_truth["categories"])
    counts = Counter(
        one.get("category_id") for one in ground_truth["annotations"] if not one.get("iscrowd")
    )
    row = _row(name, len(ground_truth["images"]), [counts[one["id"]] for one in categories])
    return {"classes": [str(one["name"]) for one in categories], "rows": [row]}


def n_counting(ground_truth: Mapping[str, Any]) -> int:
    """How many annotations of a COCO data set are no crowds."""
    return sum(1 for one in ground_truth["annotations"] if not one.get("iscrowd"))


def _row(name: str, n_images: int, by_class: list[int]) -> dict[str, Json]:
    return {"name": name, "images": n_images, "instances": sum(by_class), "by_class": by_class}
