import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.geometry import (
    bounds_of,
    box_iou,
    clip,
    contains,
    difference,
    intersection,
    iou,
    mask_of,
    part_area,
    parts_area,
    union,
)
from core.types import Origin, Part

BOW_TIE = Part(np.array([[0, 0], [10, 10], [10, 0], [0, 10]]))


def square(x: float, y: float, side: float) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])


# on a grid of whole and half pixels many of these touch, cross themselves and have no area
points = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda p: (p[0] / 2, p[1] / 2))
rings = st.lists(points, min_size=3, max_size=7).map(np.array)
parts = st.lists(
    st.builds(Part, rings, st.lists(rings, max_size=2).map(tuple)), min_size=1, max_size=3
).map(tuple)


def test_a_hole_is_no_area():
    assert part_area(Part(square(0, 0, 10), (square(2, 2, 3), square(6, 6, 2)))) == 100 - 9 - 4


def test_overlapping_parts_count_once():
    assert parts_area((Part(square(0, 0, 4)), Part(square(2, 0, 4)))) == 24


def test_no_parts_have_no_area():
    assert parts_area(()) == 0
    assert union(()) == ()


def test_a_bow_tie_has_the_area_of_both_its_halves():
    assert part_area(BOW_TIE) == 50


def test_a_hole_that_sticks_out_only_takes_away():
    assert part_area(Part(square(0, 0, 4), (square(2, 0, 4),))) == 8


def test_a_ring_without_area_is_no_error():
    line = Part(np.array([[0, 0], [5, 5], [10, 10]]))
    assert part_area(line) == 0
    assert union((line,)) == ()
    assert iou((line,), (line,)) == 0


def test_bounds_are_those_of_all_parts():
    assert bounds_of((Part(square(1, 2, 3)), Part(square(-1, 5, 1)))) == (-1, 2, 4, 6)


def test_iou_of_half_overlapping_squares_is_a_third():
    assert iou((Part(square(0, 0, 2)),), (Part(square(1, 0, 2)),)) == pytest.approx(1 / 3)


def test_iou_of_what_lies_apart_is_nothing():
    assert iou((Part(square(0, 0, 2)),), (Part(square(5, 5, 2)),)) == 0
    assert iou((), (Part(square(5, 5, 2)),)) == 0


@settings(max_examples=100)
@given(parts, parts)
def test_iou_is_symmetric_and_a_share(a, b):
    assert iou(a, b) == pytest.approx(iou(b, a), abs=1e-9)
    assert 0 <= iou(a, b) <= 1


@settings(max_examples=100)
@given(parts)
def test_iou_with_itself_is_one_where_there_is_area(a):
    # a hole over its outer ring may leave a sliver of rounding errors, which is neither
    assume(not 0 < parts_area(a) < 1e-9)
    assert iou(a, a) == pytest.approx(1.0 if parts_area(a) > 0 else 0.0)


@settings(max_examples=100)
@given(parts, parts)
def test_union_intersection_and_difference_add_up(a, b):
    together = parts_area((*union(a), *union(b)))
    shared = parts_area(intersection(a, b))
    assert together == pytest.approx(parts_area(a) + parts_area(b) - shared, abs=1e-6)
    assert parts_area(difference(a, b)) == pytest.approx(parts_area(a) - shared, abs=1e-6)


@settings(max_examples=100)
@given(parts)
def test_the_mask_of_what_people_draw_never_fails(a):
    assert mask_of(a, (13, 13)).shape == (13, 13)


def test_boolean_results_are_parts_with_holes():
    (ring,) = difference((Part(square(0, 0, 10)),), (Part(square(3, 3, 4)),))
    assert len(ring.holes) == 1
    assert not contains((ring,), (5, 5))
    (filled,) = union((ring, Part(square(3, 3, 4))))
    assert not filled.holes
    assert part_area(filled) == 100


def test_squares_that_share_an_edge_or_a_corner_have_no_area_in_common():
    assert intersection((Part(square(0, 0, 2)),), (Part(square(2, 0, 2)),)) == ()
    assert intersection((Part(square(0, 0, 2)),), (Part(square(2, 2, 2)),)) == ()


def test_clipping_keeps_what_lies_inside_as_it_is():
    origin = Origin("{}", 0, "")
    inside = Part(square(0, 0, 10), origin=origin)
    assert clip((inside,), (10, 10))[0] is inside


def test_clipping_cuts_at_the_border_and_drops_what_lies_outside():
    clipped = clip((Part(square(-5, -5, 10)), Part(square(50, 50, 3))), (20, 30))
    assert parts_area(clipped) == 25
    assert bounds_of(clipped) == (0, 0, 5, 5)


def test_clipping_may_make_several_parts_of_one():
    u = Part(np.array([[1, -5], [9, -5], [9, 5], [7, 5], [7, -3], [3, -3], [3, 5], [1, 5]]))
    assert len(clip((u,), (10, 10))) == 2


def test_box_iou_of_each_pair():
    boxes = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 5, 5]])
    others = np.array([[0, 0, 2, 2], [5, 5, 5, 5]])
    assert box_iou(boxes, others) == pytest.approx(np.array([[1, 0], [1 / 3, 0], [0, 0]]))
    assert box_iou(np.zeros((0, 4)), others).shape == (0, 2)
