import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.thresholds import (
    ENOUGH_JUDGED,
    Judged,
    Suggestion,
    Thresholds,
    as_thresholds,
    judged_in,
    suggested,
)
from core.types import ImageLabels, Instance, InstanceState, Part

SQUARE = (Part([[1, 1], [9, 1], [9, 9]]),)


def one(score: float | None, state: InstanceState, class_id: int = 1) -> Instance:
    return Instance(f"{score} {state}", class_id, SQUARE, state=state, score=score)


def judged(good: list[float], bad: list[float], class_id: int = 1) -> list[Judged]:
    return [
        *(Judged(class_id, score, is_good=True) for score in good),
        *(Judged(class_id, score, is_good=False) for score in bad),
    ]


def test_a_class_has_its_own_threshold_or_the_project_s() -> None:
    thresholds = Thresholds(0.5, {2: 0.8})
    assert [thresholds.least(which) for which in (None, 1, 2)] == [0.5, 0.5, 0.8]
    predicted = InstanceState.PREDICTED
    assert thresholds.shows(one(0.5, predicted))
    assert not thresholds.shows(one(0.79, predicted, class_id=2))
    assert not thresholds.shows(one(None, predicted))


def test_thresholds_change_one_at_a_time() -> None:
    thresholds = Thresholds(0.5).with_least(2, 0.8).with_least(None, 0.3)
    assert thresholds == Thresholds(0.3, {2: 0.8})
    assert thresholds.without_own(2) == as_thresholds(0.3)
    assert as_thresholds(thresholds) is thresholds


def test_what_was_accepted_edited_or_rejected_is_judged() -> None:
    labels = ImageLabels(
        (10, 10),
        (
            one(0.9, InstanceState.ACCEPTED),
            one(0.8, InstanceState.EDITED),
            one(0.7, InstanceState.PREDICTED),
            one(None, InstanceState.DRAWN),
        ),
        rejected=(one(0.4, InstanceState.PREDICTED, class_id=2),),
    )
    assert list(judged_in(labels)) == [
        Judged(1, 0.9, is_good=True),
        Judged(1, 0.8, is_good=True),
        Judged(2, 0.4, is_good=False),
    ]


def test_the_threshold_parts_accepted_from_rejected() -> None:
    (found,) = suggested(judged([0.71, 0.8, 0.9, 0.95, 0.99], [0.3, 0.4, 0.5, 0.6, 0.7]))
    assert found == Suggestion(1, 0.71, 5, 5)


def test_fewer_than_ten_are_not_enough() -> None:
    good = [0.9] * (ENOUGH_JUDGED - 1)
    assert suggested(judged(good, [])) == ()
    assert len(suggested(judged([*good, 0.5], []))) == 1


def test_classes_are_looked_at_one_by_one() -> None:
    several = judged([0.9] * 10, [], class_id=3) + judged([0.6] * 9, [], class_id=1)
    assert [found.class_id for found in suggested(several)] == [3]


def test_nothing_is_suggested_where_all_was_rejected() -> None:
    assert suggested(judged([], [0.9] * 20)) == ()


def test_what_is_suggested_shows_what_it_was_suggested_for() -> None:
    score = float(np.float32(0.29))  # 0.28999999
    (found,) = suggested(judged([score] * 10, []))
    assert found.threshold == 0.28


def test_a_score_from_elsewhere_that_is_none_leads_to_no_impossible_threshold() -> None:
    (found,) = suggested(judged([57.0, 93.0, 1e12] * 4, [0.2]))
    assert found.threshold == 1


def test_nothing_is_suggested_below_what_was_judged() -> None:
    (found,) = suggested(judged([0.295, 0.5] * 6, []))
    assert found.threshold == pytest.approx(0.29)


scores = st.floats(0.05, 1.0)


@given(st.lists(scores, min_size=1), st.lists(scores))
def test_no_other_threshold_has_a_better_f1(good: list[float], bad: list[float]) -> None:
    def f1(threshold: float) -> float:
        right = sum(score >= threshold for score in good)
        wrong = sum(score >= threshold for score in bad)
        return 2 * right / (2 * right + wrong + len(good) - right) if right else 0.0

    for found in suggested(judged(good, bad)):
        assert (found.n_good, found.n_bad) == (len(good), len(bad))
        best = max(f1(percent / 100) for percent in np.arange(0, 101))
        assert f1(found.threshold) == pytest.approx(best)
