"""The images behind a cell, a point and a count."""

from collections.abc import Callable
from typing import Any

import pytest

from core.matches import IGNORED, NONE
from core.matches.behind import (
    behind_cell,
    by_image,
    counted,
    missing,
    right,
    unmatched_by_image,
    wrong,
)
from core.matches.confusion import confusion_of

Made = Callable[..., Any]
NUT, FRUIT, BACKGROUND = 0, 1, 2
TRUTHS = [(0, 0), (0, 1), (1, 1), (1, 1)]
FOUND = [
    (0, 0, 0.8, NONE, 1),
    (0, 0, 0.9, 0, 0),
    (0, 1, 0.7, NONE, NONE),
    (0, 1, 0.6, IGNORED, IGNORED),
    (1, 1, 0.4, 2, 2),
    (1, 0, 0.3, NONE, NONE),
]


@pytest.fixture(name="matches")
def matches_fixture(made: Made) -> Any:
    return made(TRUTHS, FOUND)


@pytest.mark.parametrize("threshold", [0.0, 0.35, 0.65, 0.85, 1.0])
def test_behind_every_cell_there_are_as_many_as_it_says(matches: Any, threshold: float) -> None:
    cells = confusion_of(matches, threshold)
    for row in range(3):
        for column in range(3):
            pairs = behind_cell(matches, row, column, threshold=threshold)
            assert len(pairs) == cells[row, column]


def test_a_confused_pair_names_both_sides(matches: Any) -> None:
    (pair,) = behind_cell(matches, FRUIT, NUT, threshold=0.5)
    assert (pair.image, pair.truth_name, pair.truth, pair.detection) == ("a.png", "t1", 1, 0)
    assert (pair.truth_class, pair.predicted_class, pair.number) == (FRUIT, NUT, 0)
    assert (pair.score, pair.iou, pair.area) == (0.8, 0.75, 110)


def test_a_detection_on_nothing_is_alone(matches: Any) -> None:
    (pair,) = behind_cell(matches, BACKGROUND, FRUIT, threshold=0.5)
    assert (pair.truth, pair.truth_name, pair.truth_class) == (None, None, None)
    assert (pair.detection, pair.area, pair.box_xywh) == (2, 90, (1, 1, 9, 10))


def test_missed_instances_come_the_largest_first(matches: Any) -> None:
    pairs = behind_cell(matches, FRUIT, BACKGROUND, threshold=0.5)
    assert [pair.truth_name for pair in pairs] == ["t3", "t2"]
    assert {(pair.detection, pair.score, pair.predicted_class) for pair in pairs} == {
        (None, None, None)
    }


def test_right_ones_come_the_best_first(matches: Any) -> None:
    assert [pair.score for pair in right(matches, None, threshold=0.1)] == [0.9, 0.4]
    assert [pair.score for pair in right(matches, NUT, threshold=0.1)] == [0.9]
    assert right(matches, NUT, threshold=0.95) == ()


def test_wrong_ones_are_those_that_found_nothing_of_their_class(matches: Any) -> None:
    assert [pair.score for pair in wrong(matches, None, threshold=0.1)] == [0.8, 0.7, 0.3]
    assert [pair.score for pair in wrong(matches, FRUIT, threshold=0.1)] == [0.7]


def test_missing_ones_are_those_that_nothing_of_their_class_found(matches: Any) -> None:
    names = [pair.truth_name for pair in missing(matches, None, threshold=0.1)]
    assert names == ["t3", "t1"]
    assert [pair.truth_name for pair in missing(matches, NUT, threshold=0.95)] == ["t0"]


def test_a_count_opens_its_instances(matches: Any) -> None:
    assert [pair.truth_name for pair in counted(matches, FRUIT)] == ["t3", "t2", "t1"]
    assert len(counted(matches, None)) == 4


def test_pairs_are_grouped_by_image_in_their_order(matches: Any) -> None:
    groups = by_image(wrong(matches, None, threshold=0.1))
    assert {key: len(pairs) for key, pairs in groups.items()} == {"a.png": 2, "b.png": 1}


def test_the_worst_image_has_the_most_that_is_missing_or_wrong(matches: Any) -> None:
    # a.png: t1 missing, .8 and .7 wrong; b.png: t3 missing, .3 wrong
    assert unmatched_by_image(matches, 0.1).tolist() == [3, 2]
    assert unmatched_by_image(matches, 0.95).tolist() == [2, 2]
