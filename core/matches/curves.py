"""Precision, recall and F1 by the threshold of confidence.

Of the detections of a class, or of all classes together, that score at least t: TP is how many
found an instance of their class, FP how many found none (those in crowds are neither). With N
instances of the ground truth

- precision is TP / (TP + FP),
- recall is TP / N,
- F1 is 2 TP / (TP + FP + N) (van Rijsbergen, Information Retrieval, 1979).

All classes together means that TP, FP and N are sums over the classes.
"""

from dataclasses import dataclass

import numpy as np

from core.matches import NONE, Indices, Matches, Numbers

RECALLS = np.linspace(0.0, 1.0, 101)
"""Where COCO reads a curve of precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """A curve, a point a detection, the best first."""

    score: Numbers
    """(P,) descending."""
    tp: Indices
    """(P,) right ones among the detections up to this one."""
    fp: Indices
    """(P,) wrong ones among them."""
    n_truths: int
    """Instances of the ground truth."""

    @property
    def recall(self) -> Numbers:
        """(P,) 0 to 1; empty where there is no ground truth."""
        return np.asarray(self.tp / self.n_truths) if self.n_truths else np.zeros(0)

    @property
    def precision(self) -> Numbers:
        """(P,) 0 to 1."""
        return np.asarray(self.tp / np.maximum(self.tp + self.fp, 1))


@dataclass(frozen=True, slots=True)
class Best:
    """The threshold of the highest F1, and what holds there."""

    threshold: float
    f1: float
    precision: float
    recall: float


def points_of(matches: Matches, class_index: int | None = None) -> Points:
    """The curve of a class, or of all together."""
    found, truths = matches.found, matches.truths
    counts = found.of_class >= NONE
    n_truths = len(truths)
    if class_index is not None:
        counts &= found.class_index == class_index
        n_truths = int((truths.class_index == class_index).sum())
    score, is_right = found.score[counts], found.of_class[counts] > NONE
    order = np.argsort(-score, kind="stable")  # COCO's order where scores are equal
    is_right = is_right[order]
    return Points(score[order], np.cumsum(is_right), np.cumsum(~is_right), n_truths)


def coco_curve(points: Points) -> tuple[Numbers, Numbers] | None:
    """Precision and score at RECALLS as COCOeval reads them; None without ground truth.

    Precision at a recall is the highest at that recall or any beyond; both are 0 where no
    threshold reaches it, and what lies in a crowd is on no curve. The mean of the precisions is AP
    at this overlap.
    """
    if not points.n_truths:
        return None
    best_beyond = np.maximum.accumulate(points.precision[::-1])[::-1]
    places = np.searchsorted(points.recall, RECALLS, side="left")
    is_reached = places < len(points.score)
    precision, score = np.zeros(len(RECALLS)), np.zeros(len(RECALLS))
    precision[is_reached] = best_beyond[places[is_reached]]
    score[is_reached] = points.score[places[is_reached]]
    return precision, score


def at_thresholds(points: Points) -> Points:
    """The curve with one point for each score: what holds when it is the threshold."""
    is_last = np.append(points.score[1:] != points.score[:-1], True)[: len(points.score)]
    return Points(points.score[is_last], points.tp[is_last], points.fp[is_last], points.n_truths)


def f1_of(points: Points) -> Numbers:
    """(P,) F1 at each point, 0 to 1."""
    return np.asarray(2 * points.tp / np.maximum(points.tp + points.fp + points.n_truths, 1))


def best_of(points: Points) -> Best | None:
    """Where F1 is highest, of equals at the highest threshold; None where no detection is right."""
    held = at_thresholds(points)
    f1 = f1_of(held)
    if not f1.any():
        return None
    best = int(f1.argmax())  # the first of equals, and scores descend
    return Best(*(float(one[best]) for one in (held.score, f1, held.precision, held.recall)))
