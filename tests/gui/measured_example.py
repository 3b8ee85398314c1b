"""A small evaluation written down by hand, as a folder keeps it: two classes, three images."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.effort.left import Left, left_to_json
from core.kept_evaluations import (
    CLASSES_PLOT,
    EFFORT,
    EVERYTHING,
    F1_PLOT,
    PRECISION_PLOT,
    REPORT,
    SIZES_PLOT,
    Heading,
    KeptEvaluation,
    ground_of,
    keep,
    kept_evaluation,
)
from core.matches import Found, Matches, Truths

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><title>t</title></svg>'
IMAGES = ("img_0.png", "img_1.png", "img_2.png")
HEADING = Heading("fake", "val", "2026-11-03T14:05:00", "", "fake on photos", "3 images")


def example_matches() -> Matches:
    """img_0: a nut found at .9 and a small fruit that is missed; img_1: a nut taken for a fruit at
    .8; img_2: a large nut found at .4, and a fruit seen at .3 where nothing is."""
    boxes = np.array([[10.0, 10, 20, 20], [50, 50, 10, 10], [5, 5, 30, 30], [0, 0, 100, 110]])
    truths = Truths(
        np.array([0, 0, 1, 2]), np.array([0, 1, 0, 0]), ("a", "b", "a", "a"),
        np.array([2000.0, 100, 2000, 11000]), boxes,
    )  # fmt: skip
    found = Found(
        np.array([0, 1, 2, 2]), np.array([0, 1, 0, 1]), np.array([0, 0, 0, 1]),
        np.array([0.9, 0.8, 0.4, 0.3]), np.array([2000.0, 2000, 11000, 500]),
        np.array([[10.0, 10, 20, 20], [5, 5, 30, 30], [0, 0, 100, 110], [7, 8, 9, 10]]),
        np.array([0, -1, 3, -1]), np.array([0, 2, 3, -1]), np.array([0.9, 0.8, 0.7, 0.1]),
    )  # fmt: skip
    return Matches("segm", IMAGES, ("nut", "fruit"), truths, found)


def example_numbers() -> dict[str, Any]:
    names = ("AP", "AP50", "AP75", "APs", "APm", "APl")
    recalls = ("AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
    of_class = dict.fromkeys((*names, *recalls), 12.5)
    without = dict.fromkeys((*names, *recalls))
    return {
        "segm": {**dict.fromkeys(names, 33.3), "APs": None, "AP-nut": 12.5, "AP-fruit": None},
        "bbox": dict.fromkeys(names, 44.4),
        "recall": {task: dict.fromkeys(recalls, 55.5) for task in ("segm", "bbox")},
        "by_class": {
            task: [{"name": "nut", **of_class}, {"name": "fruit", **without}]
            for task in ("segm", "bbox")
        },
        "splits": {
            "classes": ["nut", "fruit"],
            "rows": [
                {"name": "train", "images": 7, "instances": 9, "by_class": [8, 1]},
                {"name": "val", "images": 3, "instances": 4, "by_class": [3, 1]},
                {"name": "test", "images": 0, "instances": 0, "by_class": [0, 0]},
            ],
        },
        "counts": {"images": 3, "instances": 4, "by_class": {"nut": 3, "fruit": 1}},
        "confusion": {"task": "segm", "iou": 0.5, "threshold": 0.4, "names": [], "cells": []},
        "effort": {
            "instances": 4, "accepted": 1, "fixed": 2, "drawn": 1, "false_positives": 1,
            "wrong_class": 1, "edits_per_instance": 2.5, "edits_drawing_all": 40,
        },
    }  # fmt: skip


def keep_example(
    folder: Path, *, matches: Matches | None = None, numbers: dict[str, Any] | None = None,
    **heading: str,
) -> KeptEvaluation:  # fmt: skip
    """The example, kept; with other words of its heading where they are given."""
    there = matches or example_matches()
    left = (
        Left("accepted", "img_0.png", "a", False, 0, (10, 10, 20, 20)),
        Left("drawn", "img_0.png", "b", False, 4, (50, 50, 10, 10)),
        Left("fixed", "img_1.png", "a", True, 1, (5, 5, 30, 30)),
        Left("fixed", "img_2.png", "a", False, 4, (0, 0, 100, 110)),
        Left("false_positives", "img_2.png", None, False, 1, (7, 8, 9, 10)),
    )
    files = {
        **dict.fromkeys((PRECISION_PLOT, F1_PLOT, CLASSES_PLOT, SIZES_PLOT), SVG),
        REPORT: b"<p>report</p>",
        EVERYTHING: b"{}",
        EFFORT: json.dumps(left_to_json(left)).encode(),
    }
    head = replace(HEADING, **{"ground": ground_of(there), **heading})
    keep(folder, head, numbers or example_numbers(), there, files)
    return kept_evaluation(folder)
