"""Ways along a ring, and lines with fewer points."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import length_of, simplified_line, ways_between

SQUARE = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
ROUND = np.stack([50 + 30 * np.cos(angles), 40 + 20 * np.sin(angles)], axis=1)


def test_the_shorter_way_passes_fewer_of_a_square() -> None:
    ways = ways_between(SQUARE, (5, 0), (10, 5))

    assert ways.shorter.tolist() == [[10, 0]]
    assert ways.longer.tolist() == [[0, 0], [0, 10], [10, 10]]


def test_ways_go_from_the_start_to_the_end() -> None:
    ways = ways_between(SQUARE, (10, 5), (5, 0))

    assert ways.shorter.tolist() == [[10, 0]]
    assert ways.longer.tolist() == [[10, 10], [0, 10], [0, 0]]


def test_a_vertex_at_an_end_is_not_between() -> None:
    ways = ways_between(SQUARE, (0, 0), (10, 10))

    assert len(ways.shorter) == len(ways.longer) == 1


def test_two_points_of_one_edge_have_nothing_between_and_all_round_the_back() -> None:
    ways = ways_between(SQUARE, (2, 0), (8, 0))

    assert len(ways.shorter) == 0
    assert ways.longer.tolist() == [[0, 0], [0, 10], [10, 10], [10, 0]]


def test_a_point_beside_the_ring_counts_as_the_nearest_one_of_it() -> None:
    assert ways_between(SQUARE, (5, -3), (12, 5)).shorter.tolist() == [[10, 0]]


@given(st.floats(0, 0.999), st.floats(0, 0.999))
def test_both_ways_together_are_the_ring(a: float, b: float) -> None:
    border = shapely.LinearRing(ROUND)
    start, end = (border.interpolate(place, normalized=True).coords[0] for place in (a, b))

    ways = ways_between(ROUND, start, end)

    both = [np.array([start, *way, end]) for way in ways]
    lengths = [length_of(way) for way in both]
    assert lengths[0] <= lengths[1] + 1e-6
    assert sum(lengths) == pytest.approx(border.length)


def test_a_line_keeps_its_ends_and_what_it_needs() -> None:
    line = np.array([[0, 0], [5, 0.2], [10, 0], [10, 5], [10, 10.0]])

    assert simplified_line(line, tolerance=1).tolist() == [[0, 0], [10, 0], [10, 10]]


@given(st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 5000)), min_size=1, max_size=40))
def test_a_simplified_line_stays_near(points: list[tuple[float, float]]) -> None:
    line = np.array(points)

    fewer = simplified_line(line, tolerance=2)

    assert len(fewer) <= len(line)
    away = shapely.distance(shapely.points(line), shapely.LineString(np.repeat(fewer, 2, axis=0)))
    assert away.max() <= 2 + 1e-9
