"""Ways along edges, against drawn objects."""

import itertools

import numpy as np
import pytest

from core.pixels import edge_map, parts_of_way, strongest_edge_near
from tests.core.pixels.drawn import SIZE_HW, disc, iou, n_vertices, picture

MASK = disc()
PICTURE = picture(MASK)
ON_BORDER = [(290.0, 150.0), (200.0, 240.0), (110.0, 150.0), (200.0, 60.0)]


def ring_through(points: list[tuple[float, float]], *, most_px: int = 400) -> np.ndarray:
    ways = []
    for start, end in itertools.pairwise([*points, points[0]]):
        edges = edge_map(PICTURE, start, reach_px=300, most_px=most_px)
        ways.append(edges.way_to(end)[:-1])
    return np.concatenate(ways)


@pytest.mark.parametrize("most_px", [400, 200])
def test_four_points_on_the_border_of_a_disc_are_enough(most_px: int) -> None:
    parts = parts_of_way(ring_through(ON_BORDER, most_px=most_px))

    assert iou(parts, MASK) > 0.96
    assert n_vertices(parts) < 30


def test_a_way_begins_and_ends_where_it_was_told() -> None:
    way = edge_map(PICTURE, ON_BORDER[0], reach_px=300, most_px=400).way_to(ON_BORDER[1])

    assert tuple(way[0]) == ON_BORDER[0]
    assert tuple(way[-1]) == ON_BORDER[1]


def test_a_way_to_a_point_beside_the_window_goes_straight_on_from_its_border() -> None:
    way = edge_map(PICTURE, (200.0, 60.0), reach_px=40, most_px=400).way_to((390.0, 150.0))

    assert tuple(way[-1]) == (390.0, 150.0)
    assert way[1:-1, 0].max() < 241


def test_points_beside_the_border_leave_no_spikes() -> None:
    beside = [(302.0, 150.0), (200.0, 252.0), (98.0, 150.0), (200.0, 48.0)]

    assert iou(parts_of_way(ring_through(beside)), MASK) > 0.95


@pytest.mark.parametrize(
    "ring", [[], [[1, 1]], [[1, 1], [2, 2]], [[1, 1], [9, 9], [1, 1]], [[0, 0], [5, 0], [9, 0]]]
)
def test_a_way_round_nothing_encloses_nothing(ring: list[list[float]]) -> None:
    assert parts_of_way(ring) == ()


@pytest.mark.parametrize("size_hw", [(1, 1), (3, 3), (1, 9), (2, 2)])
def test_tiny_pictures_have_ways_too(size_hw: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (*size_hw, 3), dtype=np.uint8)

    way = edge_map(pixels, (0.0, 0.0), reach_px=100, most_px=400).way_to((90.0, -5.0))

    assert tuple(way[0]) == (0.0, 0.0)
    assert tuple(way[-1]) == (90.0, -5.0)
    assert np.isfinite(way).all()


def test_the_clearest_edge_near_a_point_is_found() -> None:
    x, y = strongest_edge_near(PICTURE, (282.0, 150.0), within_px=12)

    assert np.hypot(x - 200, y - 150) == pytest.approx(90, abs=1.5)
    assert np.hypot(x - 282, y - 150) <= 12


def test_where_no_edge_is_near_a_point_stays() -> None:
    assert strongest_edge_near(PICTURE, (200.25, 150.75), within_px=12) == (200.25, 150.75)


@pytest.mark.parametrize("xy", [(-40.0, -40.0), (400.0, 300.0), (900.0, 10.0)])
def test_a_point_off_the_picture_finds_no_edge_far_away(xy: tuple[float, float]) -> None:
    found = strongest_edge_near(PICTURE, xy, within_px=5)

    assert np.hypot(found[0] - xy[0], found[1] - xy[1]) <= 5


def test_the_strides_of_a_screen_are_read_right() -> None:
    of_screen = np.zeros((*SIZE_HW, 4), dtype=np.uint8)
    of_screen[..., :3] = PICTURE[..., ::-1]
    seen = of_screen[..., 2::-1]

    ways = [
        edge_map(pixels, ON_BORDER[0], reach_px=300, most_px=400).way_to(ON_BORDER[1])
        for pixels in (PICTURE, seen)
    ]

    assert np.array_equal(*ways)
