import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from core.geometry import bounds_of, iou, part_area, rounded, simplify
from core.types import Origin, Part

TURNS = np.linspace(0, 2 * np.pi, 400, endpoint=False)


def lobed(radius: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    r = radius * (1 + sum(0.3 * rng.uniform() / k * np.cos(k * TURNS) for k in range(2, 6)))
    return np.stack([200 + r * np.cos(TURNS), 150 + r * np.sin(TURNS)], axis=1)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([0.9, 0.95, 0.98, 0.995]))
def test_a_simplified_part_keeps_its_iou_and_is_valid(seed, min_iou):
    part = Part(lobed(100, seed), (lobed(30, seed + 1),))
    fewer = simplify(part, min_iou=min_iou)
    assert iou((fewer,), (part,)) >= min_iou
    assert shapely.Polygon(fewer.outer, fewer.holes).is_valid
    assert len(fewer.holes) == 1
    assert len(fewer.outer) < 60


def test_a_simplified_circle_is_not_smaller():
    circle = Part(np.stack([50 + 40 * np.cos(TURNS), 50 + 40 * np.sin(TURNS)], axis=1))
    fewer = simplify(circle)
    assert len(fewer.outer) <= 16
    assert part_area(fewer) == pytest.approx(part_area(circle), rel=0.01)


def test_a_simplified_part_stays_inside_its_bounds():
    part = Part(lobed(100, 3))
    x0, y0, x1, y1 = bounds_of((part,))
    points = simplify(part).outer
    assert (points >= (x0, y0)).all()
    assert (points <= (x1, y1)).all()


def test_a_part_with_nothing_to_spare_stays_the_same():
    square = Part(np.array([[0, 0], [9, 0], [9, 9], [0, 9]]))
    assert simplify(square) is square


def test_a_part_that_crosses_itself_stays_the_same():
    bow_tie = Part(np.array([[0, 0], [10, 10], [10, 0], [0, 10]]))
    assert simplify(bow_tie) is bow_tie


def test_a_simplified_part_remembers_where_it_came_from():
    origin = Origin("{}", 2, "abc")
    assert simplify(Part(lobed(100, 4), origin=origin)).origin is origin


def test_a_rounded_part_is_of_hundredths_of_a_pixel():
    part = rounded(Part(lobed(100, 4)))
    assert np.array_equal(part.outer, part.outer.round(2))


def test_a_part_that_rounding_would_make_cross_itself_stays_the_same():
    # two sides of a slit, four thousandths of a pixel apart
    slit = Part([[0, 0], [10, 0], [10, 10], [5.004, 10], [5.002, 2], [4.998, 10], [0, 10]])
    assert shapely.Polygon(slit.outer).is_valid
    assert not shapely.Polygon(slit.outer.round(2)).is_valid
    assert rounded(slit) is slit
