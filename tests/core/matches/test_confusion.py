"""The confusion matrix, against one worked out by hand."""

from collections.abc import Callable
from typing import Any

from core.matches import IGNORED, NONE
from core.matches.confusion import confusion_of

Made = Callable[..., Any]
TRUTHS = [(0, 0), (0, 1), (1, 1), (1, 1)]
FOUND = [
    (0, 0, 0.9, 0, 0),  # the nut
    (0, 0, 0.8, NONE, 1),  # a fruit taken for a nut
    (0, 1, 0.7, NONE, NONE),  # nothing
    (0, 1, 0.6, IGNORED, IGNORED),  # in a crowd
    (1, 1, 0.4, 2, 2),  # a fruit
]


def test_every_pair_is_in_the_cell_of_its_classes(made: Made) -> None:
    # rows: nut, fruit, background; columns: nut, fruit, background
    assert confusion_of(made(TRUTHS, FOUND), 0.1).tolist() == [[1, 0, 0], [1, 1, 1], [0, 1, 0]]


def test_below_the_threshold_nothing_is_found(made: Made) -> None:
    assert confusion_of(made(TRUTHS, FOUND), 0.75).tolist() == [[1, 0, 0], [1, 0, 2], [0, 0, 0]]
    assert confusion_of(made(TRUTHS, FOUND), 0.95).tolist() == [[0, 0, 1], [0, 0, 3], [0, 0, 0]]


def test_a_score_at_the_threshold_counts(made: Made) -> None:
    assert confusion_of(made(TRUTHS, FOUND), 0.9)[0, 0] == 1


def test_without_ground_truth_all_is_background(made: Made) -> None:
    matches = made([], [(0, 1, 0.9, NONE, NONE)])
    assert confusion_of(matches, 0.5).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_without_detections_all_is_missed(made: Made) -> None:
    assert confusion_of(made(TRUTHS, []), 0.5).tolist() == [[0, 0, 1], [0, 0, 3], [0, 0, 0]]


def test_without_classes_only_background_is_left(made: Made) -> None:
    assert confusion_of(made([], [], classes=(), images=()), 0.5).tolist() == [[0]]
