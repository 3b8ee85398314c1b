"""Precision, recall and F1, against values worked out by hand."""

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.matches import IGNORED, LEFT_OUT, NONE
from core.matches.curves import Points, at_thresholds, best_of, coco_curve, f1_of, points_of

Made = Callable[..., Any]


def curve(scores: list[float], is_right: list[bool], n_truths: int) -> Points:
    right = np.array(is_right, np.bool_)
    return Points(np.array(scores), np.cumsum(right), np.cumsum(~right), n_truths)


def test_points_count_right_and_wrong_detections_from_the_best_on(made: Made) -> None:
    matches = made(
        [(0, 0), (0, 0), (1, 0), (1, 1)],
        [(0, 0, 0.9, 0, 0), (0, 0, 0.6, NONE, NONE), (1, 0, 0.8, 2, 2), (1, 1, 0.7, 3, 3)],
    )
    points = points_of(matches, 0)
    assert points.score.tolist() == [0.9, 0.8, 0.6]
    assert points.tp.tolist() == [1, 2, 2]
    assert points.fp.tolist() == [0, 0, 1]
    assert points.recall.tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert points.precision.tolist() == pytest.approx([1, 1, 2 / 3])


def test_all_classes_together_are_sums(made: Made) -> None:
    matches = made([(0, 0), (1, 1)], [(0, 0, 0.9, 0, 0), (1, 1, 0.8, NONE, NONE)])
    points = points_of(matches)
    assert (points.tp.tolist(), points.fp.tolist(), points.n_truths) == ([1, 1], [0, 1], 2)


def test_what_lies_in_a_crowd_or_past_the_hundredth_is_on_no_curve(made: Made) -> None:
    matches = made([(0, 0)], [(0, 0, 0.9, IGNORED, IGNORED), (0, 0, 0.8, LEFT_OUT, NONE)])
    assert len(points_of(matches, 0).score) == 0


def test_cocos_precision_is_the_best_from_a_recall_on() -> None:
    # right, wrong, right of 4: precision 1, 1/2, 2/3 at recalls 1/4, 1/4, 2/4
    read = coco_curve(curve([0.9, 0.8, 0.7], [True, False, True], 4))
    assert read is not None
    precision, score = read
    assert precision[:26].tolist() == [1.0] * 26
    assert precision[26:51].tolist() == pytest.approx([2 / 3] * 25)
    assert precision[51:].tolist() == [0.0] * 50
    assert score[[0, 26, 51]].tolist() == [0.9, 0.7, 0.0]


def test_there_is_no_coco_curve_without_ground_truth() -> None:
    assert coco_curve(curve([0.9], [False], 0)) is None


def test_without_detections_precision_is_0_at_every_recall() -> None:
    read = coco_curve(curve([], [], 3))
    assert read is not None
    assert not read[0].any()


def test_f1_is_twice_the_right_over_both_sides() -> None:
    # 2 * 1 / (1 + 2), 2 * 1 / (2 + 2), 2 * 2 / (3 + 2)
    f1 = f1_of(curve([0.9, 0.8, 0.7], [True, False, True], 2))
    assert f1.tolist() == pytest.approx([2 / 3, 2 / 4, 4 / 5])


def test_the_best_threshold_is_where_f1_is_highest() -> None:
    best = best_of(curve([0.9, 0.8, 0.7, 0.6], [True, False, True, False], 2))
    assert best is not None
    assert astuple(best) == pytest.approx((0.7, 4 / 5, 2 / 3, 1.0))


def test_of_equal_f1_the_higher_threshold_is_the_best() -> None:
    # 2 * 1 / (1 + 4) at .9; 2 * 2 / (6 + 4) at .4
    points = curve([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [True, False, False, False, False, True], 4)
    best = best_of(points)
    assert best is not None
    assert (best.threshold, best.f1) == (0.9, pytest.approx(0.4))


def test_detections_of_the_same_score_come_in_together() -> None:
    # between the two no threshold lies, so F1 is never that of the first alone
    best = best_of(curve([0.9, 0.9], [True, False], 1))
    assert best is not None
    assert (best.f1, best.precision) == (pytest.approx(2 / 3), 0.5)


@pytest.mark.parametrize(
    "points",
    [curve([], [], 3), curve([], [], 0), curve([0.9], [False], 3), curve([0.9], [False], 0)],
)
def test_without_a_right_detection_there_is_no_best_threshold(points: Points) -> None:
    assert best_of(points) is None


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), max_size=12),
    st.integers(0, 5),
)
def test_the_best_is_that_of_trying_every_threshold(
    detections: list[tuple[float, bool]], more: int
) -> None:
    detections.sort(key=lambda one: -one[0])
    n = sum(is_right for _, is_right in detections) + more
    points = curve([one[0] for one in detections], [one[1] for one in detections], n)
    tried = {}
    for threshold in {score for score, _ in detections}:
        shown = [is_right for score, is_right in detections if score >= threshold]
        tried[threshold] = 2 * sum(shown) / (len(shown) + n) if n else 0.0
    best = best_of(points)
    highest = max(tried.values(), default=0.0)
    if highest == 0:
        assert best is None
    else:
        assert best is not None
        assert best.f1 == pytest.approx(highest)
        assert best.threshold == max(t for t, f1 in tried.items() if f1 == pytest.approx(highest))
    assert len(at_thresholds(points).score) == len(tried)
