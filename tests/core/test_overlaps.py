import numpy as np
import pytest

from core.overlaps import mask_ious, pairs_of, same_class
from core.types import Instance, Part


def square(x: float, *, class_id: int = 1, crowd: bool = False, side: float = 20) -> Instance:
    ring = np.array([[x, 0], [x + side, 0], [x + side, side], [x, side]])
    return Instance(f"{x}", class_id, (Part(ring),), crowd=crowd)


def test_ious_are_those_of_the_masks() -> None:
    ious = mask_ious([square(0), square(50)], [square(10)], (40, 100))
    assert ious == pytest.approx(np.array([[1 / 3], [0]]))


def test_against_a_crowd_it_counts_how_much_lies_in_it() -> None:
    assert mask_ious([square(0)], [square(0, side=40, crowd=True)], (40, 100)) == 1.0


def test_nothing_against_something_is_an_empty_table() -> None:
    assert mask_ious([], [square(0)], (40, 100)).shape == (0, 1)
    assert mask_ious([square(0)], [], (40, 100)).shape == (1, 0)
    assert same_class([], [square(0)]).shape == (0, 1)


def test_the_best_pairs_are_made_first_and_each_is_in_one() -> None:
    ious = np.array([[0.6, 0.9], [0.7, 0.8]])
    assert pairs_of(ious, np.ones((2, 2), bool), at_least=0.5) == [(0, 1), (1, 0)]


def test_preferred_pairs_come_before_better_ones() -> None:
    preferred = np.array([[True, False], [False, True]])
    ious = np.array([[0.6, 0.9], [0.9, 0.6]])
    assert pairs_of(ious, preferred, at_least=0.5) == [(0, 0), (1, 1)]


def test_pairs_below_the_least_are_none() -> None:
    assert pairs_of(np.array([[0.4]]), np.ones((1, 1), bool), at_least=0.5) == []
