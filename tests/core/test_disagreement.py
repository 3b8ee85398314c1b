"""How much predictions and labels differ."""

from dataclasses import replace

import numpy as np
import pytest

from core.disagreement import disagreement
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part


def instance(name: str, x: float, *, class_id: int = 1, crowd: bool = False) -> Instance:
    """A square of 20 from (x, 0)."""
    corners = np.array([[x, 0], [x + 20, 0], [x + 20, 20], [x, 20]])
    return Instance(name, class_id, (Part(corners),), crowd=crowd)


def prediction(name: str, x: float, *, score: float = 0.9, class_id: int = 1) -> Instance:
    drawn = instance(name, x, class_id=class_id)
    return replace(drawn, state=InstanceState.PREDICTED, score=score)


def labels(*instances: Instance, rejected: tuple[Instance, ...] = ()) -> ImageLabels:
    return ImageLabels((40, 200), instances, ImageState.DONE, rejected)


SEEN, WEAK = prediction("p", 0), prediction("w", 100, score=0.2)


@pytest.mark.parametrize(
    ("there", "predicted", "expected"),
    [
        ((), (), 0),
        ((instance("a", 2),), (SEEN,), 0),
        ((instance("a", 2, class_id=2),), (SEEN,), 1),
        ((instance("a", 60),), (SEEN,), 2),
        ((instance("a", 2), instance("b", 60)), (SEEN,), 1),
        ((), (SEEN, WEAK), 1),
        ((instance("a", 2),), (SEEN, prediction("again", 1)), 1),
        ((instance("c", 0, crowd=True),), (SEEN,), 0),
        ((prediction("left", 60),), (), 0),
    ],
)
def test_what_is_missed_made_up_or_of_another_class_counts(
    there: tuple[Instance, ...], predicted: tuple[Instance, ...], expected: int
) -> None:
    assert disagreement(labels(*there), predicted, thresholds=Thresholds(0.5)) == expected


def test_what_a_person_turned_down_does_not_count_again() -> None:
    assert disagreement(labels(rejected=(SEEN,)), (SEEN,), thresholds=Thresholds(0.5)) == 0


def test_what_a_person_turned_down_does_not_count_where_other_weights_see_it() -> None:
    other = prediction("other weights", 1)
    now = labels(instance("a", 2, class_id=2), rejected=(SEEN,))
    assert disagreement(now, (other,), thresholds=Thresholds(0.5)) == 0
    assert disagreement(labels(rejected=(SEEN,)), (other,), thresholds=Thresholds(0.5)) == 0


def test_a_class_counts_from_its_own_threshold_on() -> None:
    thresholds = Thresholds(0.5, {1: 0.1})
    assert disagreement(labels(), (SEEN, WEAK), thresholds=thresholds) == 2
