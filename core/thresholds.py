"""From which score on predictions show: the project's threshold, and those of single classes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.types import ImageLabels, Instance, InstanceState

ENOUGH_JUDGED = 10
"""From so many judged predictions of a class on a threshold is suggested for it."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least score that shows, of each class."""

    overall: float
    """Of every class that has none of its own."""
    of_class: Mapping[int, float] = field(default_factory=dict, hash=False)
    """By class id."""

    def least(self, class_id: int | None) -> float:
        """The least score that shows of a class; None: of those without one of their own."""
        return self.overall if class_id is None else self.of_class.get(class_id, self.overall)

    def shows(self, instance: Instance) -> bool:
        """Whether its score is enough; one without a score has none."""
        return (instance.score or 0.0) >= self.least(instance.class_id)

    def with_least(self, class_id: int | None, score: float) -> "Thresholds":
        """The thresholds with this one for a class, or, with None, for all without their own."""
        if class_id is None:
            return Thresholds(score, self.of_class)
        return Thresholds(self.overall, {**self.of_class, class_id: score})

    def without_own(self, class_id: int) -> "Thresholds":
        """The thresholds with the project's for this class too."""
        left = {one: score for one, score in self.of_class.items() if one != class_id}
        return Thresholds(self.overall, left)


def as_thresholds(threshold: float | Thresholds) -> Thresholds:
    """The same score for all classes, or what they are already."""
    return threshold if isinstance(threshold, Thresholds) else Thresholds(threshold)


@dataclass(frozen=True, slots=True)
class Judged:
    """A prediction that a person looked at."""

    class_id: int
    score: float
    is_good: bool
    """Whether it was accepted, or edited; else it was rejected."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The threshold of a class that parts best what was accepted from what was rejected."""

    class_id: int
    threshold: float
    """In whole percents."""
    n_good: int
    n_bad: int


def judged_in(labels: ImageLabels) -> Iterable[Judged]:
    """The predictions of an image that a person accepted, edited or rejected, with their scores.

    An edited one counts for the class that it has now.
    """
    good = (InstanceState.ACCEPTED, InstanceState.EDITED)
    for one in labels.instances:
        if one.state in good and one.score is not None:
            yield Judged(one.class_id, one.score, is_good=True)
    for one in labels.rejected:
        if one.score is not None:
            yield Judged(one.class_id, one.score, is_good=False)


def suggested(judged: Iterable[Judged]) -> tuple[Suggestion, ...]:
    """For each class with enough judged predictions the threshold of the best F1 on them.

    What lay below the thresholds of that time was never judged, so none is suggested below it.
    """
    by_class: dict[int, list[Judged]] = {}
    for one in judged:
        by_class.setdefault(one.class_id, []).append(one)
    return tuple(
        _best(class_id, several)
        for class_id, several in sorted(by_class.items())
        if len(several) >= ENOUGH_JUDGED and any(one.is_good for one in several)
    )


def _best(class_id: int, judged: Sequence[Judged]) -> Suggestion:
    # labels from elsewhere may have scores above 1
    scores = np.clip([one.score for one in judged], 0, 1)
    is_good = np.array([one.is_good for one in judged])
    # a hair more, so that 29 % does not turn into 28 by the way numbers are stored
    percents = np.floor(scores * 100 + 1e-6).astype(np.int64)
    percents -= percents / 100 > scores
    n_shown, n_right = _from_each_on(percents), _from_each_on(percents[is_good])
    n_good = int(is_good.sum())
    # F1 = 2 TP / (TP + FP + TP + FN), of van Rijsbergen's effectiveness
    f1 = 2 * n_right / (n_shown + n_good)
    candidates = np.unique(percents)
    best = int(candidates[f1[candidates].argmax()])
    return Suggestion(class_id, best / 100, n_good, len(judged) - n_good)


def _from_each_on(percents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(101,) how many lie at each percent or above."""
    return np.bincount(percents, minlength=101)[::-1].cumsum()[::-1]
