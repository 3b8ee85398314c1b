"""Repeat-factor sampling, worked by hand."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.training.sampling import Stream, repeat_factors

_A, _B, _C = 0, 1, 2


def test_the_factor_is_the_root_of_the_threshold_over_the_share_of_images() -> None:
    # a in 10 of 10 images, b in 1 of 10: sqrt(0.4 / 0.1) = 2
    images = [frozenset({_A, _B}), *[frozenset({_A})] * 9]
    assert repeat_factors(images, threshold=0.4).tolist() == [2.0, *[1.0] * 9]


def test_an_image_has_the_largest_factor_of_its_classes() -> None:
    # of 8 images: a in 8, b in 2, c in 1; sqrt(.5 / .25) = sqrt 2, sqrt(.5 / .125) = 2
    images = [frozenset({_A, _B}), frozenset({_A, _B, _C}), *[frozenset({_A})] * 6]
    factors = repeat_factors(images, threshold=0.5)
    assert factors == pytest.approx([2**0.5, 2.0, 1, 1, 1, 1, 1, 1])


def test_an_image_without_instances_comes_once_but_counts_among_all() -> None:
    # a in 1 of 4 images: sqrt(1 / 0.25) = 2
    images = [frozenset({_A}), *[frozenset[int]()] * 3]
    assert repeat_factors(images, threshold=1.0).tolist() == [2, 1, 1, 1]


@pytest.mark.parametrize("threshold", [0.0, 0.1])
def test_classes_at_or_above_the_threshold_are_not_repeated(threshold: float) -> None:
    images = [frozenset({_A, _B}), *[frozenset({_A})] * 9]
    assert repeat_factors(images, threshold=threshold).tolist() == [1.0] * 10


def _passes(factors: list[float], count: int, seed: int = 0) -> list[list[int]]:
    stream = Stream(np.array(factors), seed=seed)
    place, passes = 0, []
    for turn in range(count):
        places = range(place, place + stream.length(turn))
        passes.append([stream.index_at(one) for one in places])
        place = places.stop
    return passes


def test_whole_factors_are_kept_in_each_pass() -> None:
    for shown in _passes([2.0, 1.0, 3.0], 20):
        assert sorted(shown) == [0, 0, 1, 2, 2, 2]


def test_the_rest_of_a_factor_is_rounded_up_as_often_as_it_says() -> None:
    passes = _passes([1.25, 1.0], 400)
    counts = [shown.count(0) for shown in passes]
    assert set(counts) == {1, 2}
    # 400 draws with chance 1/4: 100 are expected, with a deviation of 8.7
    assert 65 < counts.count(2) < 135
    assert all(shown.count(1) == 1 for shown in passes)


def test_a_place_holds_the_same_image_whenever_and_from_wherever_it_is_asked_for() -> None:
    factors = np.array([1.5, 1.0, 2.3, 1.1])
    stream = Stream(factors, seed=7)
    straight = [stream.index_at(place) for place in range(200)]
    assert [Stream(factors, seed=7).index_at(place) for place in (199, 3, 77)] == [
        straight[place] for place in (199, 3, 77)
    ]
    shared = Stream(factors, seed=7)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.index_at, range(200))) == straight


def test_without_repeats_each_pass_is_a_new_shuffle_of_all() -> None:
    passes = _passes([1.0] * 6, 5)
    assert all(sorted(shown) == list(range(6)) for shown in passes)
    assert len({tuple(shown) for shown in passes}) > 1
    assert passes[3] == np.random.default_rng((0, 0, 3)).permutation(6).tolist()


def test_another_seed_gives_another_order() -> None:
    assert _passes([1.5] * 6, 3, seed=1) != _passes([1.5] * 6, 3, seed=2)
