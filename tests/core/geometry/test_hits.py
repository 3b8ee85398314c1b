import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.geometry import contains, nearest_edge, nearest_vertex
from core.types import Part

FRAME = Part(
    np.array([[0, 0], [10, 0], [10, 10], [0, 10]]), (np.array([[3, 3], [7, 3], [7, 7], [3, 7]]),)
)
coordinates = st.floats(-20, 20)
points = st.tuples(coordinates, coordinates)


@pytest.mark.parametrize(
    ("xy", "expected"),
    [((1, 1), True), ((5, 5), False), ((11, 5), False), ((5, -1), False), ((8, 3), True)],
)
def test_a_point_is_in_a_part_but_not_in_its_hole(xy, expected):
    assert contains((FRAME,), xy) is expected


def test_a_part_in_the_hole_of_another_contains_its_points():
    inner = Part(np.array([[4, 4], [6, 4], [6, 6], [4, 6]]))
    assert contains((FRAME, inner), (5, 5))


@settings(max_examples=300)
@given(st.lists(points, min_size=3, max_size=8), points)
def test_contains_agrees_with_shapely(ring, xy):
    polygon = shapely.Polygon(ring)
    assume(polygon.is_valid and polygon.exterior.distance(shapely.Point(xy)) > 1e-6)
    assert contains((Part(np.array(ring)),), xy) == polygon.contains(shapely.Point(xy))


def test_the_nearest_vertex_may_be_one_of_a_hole():
    assert nearest_vertex(FRAME, (7.5, 7)) == (1, 2, 0.5)
    assert nearest_vertex(FRAME, (10, 13)) == (0, 2, 3.0)


def test_the_nearest_edge_says_where_on_it_the_point_falls():
    assert nearest_edge(FRAME, (4, 1)) == (0, 0, 1.0, (4.0, 0.0))
    assert nearest_edge(FRAME, (2, 4)) == (1, 3, 1.0, (3.0, 4.0))
    assert nearest_edge(FRAME, (12, 12)).at_xy == (10.0, 10.0)


def test_an_edge_without_length_is_no_error():
    part = Part(np.array([[0, 0], [0, 0], [4, 0], [4, 4]]))
    assert nearest_edge(part, (-3, 0)).distance == 3.0


@settings(max_examples=200)
@given(st.lists(points, min_size=3, max_size=8), points)
def test_no_edge_is_nearer_than_the_nearest(ring, xy):
    hit = nearest_edge(Part(np.array(ring)), xy)
    border = shapely.LinearRing(ring)
    assert hit.distance == pytest.approx(border.distance(shapely.Point(xy)), abs=1e-9)
    assert np.hypot(hit.at_xy[0] - xy[0], hit.at_xy[1] - xy[1]) == pytest.approx(hit.distance)
