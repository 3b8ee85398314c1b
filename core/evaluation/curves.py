"""Curves, thresholds and the confusion matrix of matches, as JSON; core.matches defines them."""

from dataclasses import asdict

import numpy as np

from core.matches import IOU, Indices, Matches
from core.matches.confusion import BACKGROUND, confusion_of
from core.matches.curves import Points, at_thresholds, best_of, coco_curve, f1_of, points_of
from core.types import Json

MOST_POINTS = 500
"""A curve of more is thinned: no screen shows them, and matches have them all."""


def curves_of(matches: Matches) -> dict[str, Json]:
    """Precision by recall of each class, {"task", "iou", "classes"}.

    Of a class: "name", "instances", "ap50" in percent, "precision" and "score" at COCO's 101
    recalls, all three None without ground truth; "points" with "score", "tp" and "fp" of the
    detections, the best first, at most MOST_POINTS of them.
    """
    return {
        "task": matches.task,
        "iou": IOU,
        "classes": [_curve(matches, i) for i in range(len(matches.classes))],
    }


def _curve(matches: Matches, index: int) -> dict[str, Json]:
    points = points_of(matches, index)
    read = coco_curve(points)
    kept = _thinned(len(points.score))
    return {
        "name": matches.classes[index],
        "instances": points.n_truths,
        "ap50": None if read is None else float(read[0].mean()) * 100,
        "precision": None if read is None else read[0].tolist(),
        "score": None if read is None else read[1].tolist(),
        "points": {
            "score": points.score[kept].tolist(),
            "tp": points.tp[kept].tolist(),
            "fp": points.fp[kept].tolist(),
        },
    }


def f1_by_confidence(matches: Matches) -> dict[str, Json]:
    """F1 by threshold, {"overall", "classes"}.

    Each is {"name", "instances", "best", "score", "f1"}: "best" has threshold, f1, precision and
    recall, None where no detection is right; "score" descends, at most MOST_POINTS + 1 of them,
    the best threshold among them.
    """
    return {
        "overall": _f1("all classes", points_of(matches)),
        "classes": [_f1(name, points_of(matches, i)) for i, name in enumerate(matches.classes)],
    }


def _f1(name: str, points: Points) -> dict[str, Json]:
    held, best = at_thresholds(points), best_of(points)
    kept = _thinned(len(held.score))
    if best is not None:
        place = np.flatnonzero(held.score == best.threshold)
        kept = np.union1d(kept, place).astype(np.int64)
    return {
        "name": name,
        "instances": points.n_truths,
        "best": None if best is None else asdict(best),
        "score": held.score[kept].tolist(),
        "f1": f1_of(held)[kept].tolist(),
    }


def confusion(matches: Matches, threshold: float) -> dict[str, Json]:
    """{"task", "iou", "threshold", "names", "cells"}: cells[truth][predicted], background last."""
    return {
        "task": matches.task,
        "iou": IOU,
        "threshold": threshold,
        "names": [*matches.classes, BACKGROUND],
        "cells": confusion_of(matches, threshold).tolist(),
    }


def _thinned(n: int) -> Indices:
    """Indices of at most MOST_POINTS of n points, the first and the last among them."""
    if n <= MOST_POINTS:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(np.int64))
