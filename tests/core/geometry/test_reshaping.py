import itertools

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from core import geometry
from core.geometry.regions import region_of
from core.types import Origin, Part

SIZE_HW = (120, 160)
SQUARE = Part([[20, 20], [100, 20], [100, 80], [20, 80]])
SMALL = Part([[110, 90], [130, 90], [130, 110], [110, 110]])
RING = Part(SQUARE.outer, ([[40, 35], [80, 35], [80, 65], [40, 65]],))

coordinates = st.floats(-20, 180, allow_subnormal=False)
ways = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=12)
radii = st.floats(0.5, 40)


@st.composite
def blobs(draw: st.DrawFn) -> Part:
    """A star-shaped ring inside of the image, of 3 to 40 vertices."""
    n = draw(st.integers(3, 40))
    centre = np.array([draw(st.floats(50, 110)), draw(st.floats(50, 70))])
    radii = np.array(draw(st.lists(st.floats(5, 45), min_size=n, max_size=n)))
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return Part(centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def area(parts: object) -> float:
    return float(region_of(parts).area) if parts else 0.0


def are_valid(parts: tuple[Part, ...]) -> bool:
    return all(Polygon(part.outer, part.holes).is_valid for part in parts)


def vertices(parts: tuple[Part, ...]) -> set[tuple[float, float]]:
    return {(x, y) for part in parts for ring in part.rings for x, y in ring.tolist()}


def brushed(way: list[tuple[float, float]], radius: float) -> shapely.Geometry:
    """What a round brush covers, step by step: GEOS loses most of some ways that turn back."""
    # GEOS divides by zero where a step is as short as 1e-259; the stroke is made of rounded points
    places = [tuple(place) for place in np.round(way, 6)]
    steps = [shapely.LineString(step) for step in itertools.pairwise(places) if len(set(step)) > 1]
    return shapely.union_all(
        [step.buffer(radius, quad_segs=64) for step in (*steps, shapely.Point(places[0]))]
    )


@given(ways, radii)
@example([(0.0, 0.0), (1.0, 9.850070246837614e-259), (0.0, 0.0), (1.0, 0.0)], 1.0)
@example([(0.0, 0.5), (0.0, 0.0), (2.0, 0.0), (0.0, 3.0)], 0.75)
@example([(0.0, 1.0), (0.0, -1.0), (0.0625, 0.0), (0.0, 0.0), (0.0, 1.0)], 5.0)
def test_a_stroke_covers_what_a_round_brush_does(way, radius):
    height, width = SIZE_HW
    stroke = geometry.stroke_of_brush(way, radius_px=radius, size_hw=SIZE_HW)
    assert are_valid(stroke)
    made = region_of(stroke) if stroke else shapely.Polygon()
    # nowhere is it further off than a pixel
    if radius > 1:
        inner = brushed(way, radius - 1).intersection(shapely.box(1, 1, width - 1, height - 1))
        assert inner.difference(made).area < 1e-6
    assert made.difference(brushed(way, radius + 1)).area < 1e-6


@pytest.mark.parametrize(
    ("way", "radius"),
    [
        ([(61.0, 60.5), (60.5, 60.0), (61.0, 63.0), (59.0, 60.0), (61.0, 60.5)], 8.0),
        ([(61.0, 60.5), (60.0, 61.0), (62.0, 61.0), (59.0, 60.0), (61.0, 60.5)], 2.0),
    ],
)
def test_a_stroke_that_turns_back_on_itself_is_whole(way, radius):
    stroke = geometry.stroke_of_brush(way, radius_px=radius, size_hw=SIZE_HW)
    assert area(stroke) == pytest.approx(brushed(way, radius).area, rel=0.05)


@pytest.mark.parametrize(("radius", "most"), [(2, 20), (10, 24), (50, 40), (200, 60)])
def test_a_dab_has_few_vertices_and_the_area_of_a_disc(radius, most):
    (dab,) = geometry.stroke_of_brush([(500, 500)], radius_px=radius, size_hw=(1000, 1000))
    assert len(dab.outer) <= most
    assert geometry.part_area(dab) == pytest.approx(np.pi * radius**2, rel=0.02)


def test_a_long_wavy_stroke_has_few_vertices():
    x = np.linspace(100, 3900, 2000)
    way = list(zip(x.tolist(), (1500 + 300 * np.sin(x / 300)).tolist(), strict=True))
    stroke = geometry.stroke_of_brush(way, radius_px=40, size_hw=(3000, 4000))
    assert sum(len(ring) for part in stroke for ring in part.rings) < 300


@given(blobs(), ways, radii)
def test_painting_and_erasing_are_union_and_difference(blob, way, radius):
    stroke = geometry.stroke_of_brush(way, radius_px=radius, size_hw=SIZE_HW)
    if not stroke:
        return
    region, added = region_of([blob]), region_of(stroke)
    painted, left = geometry.painted([blob], stroke), geometry.without([blob], stroke)
    assert are_valid(painted)
    assert are_valid(left)
    # pinholes and crumbs under 2 square pixels may differ, a few of them
    assert area(painted) == pytest.approx(region.union(added).area, abs=10)
    assert area(left) == pytest.approx(region.difference(added).area, abs=10)
    assert area(painted) >= region.union(added).area - 1e-6
    assert area(left) <= region.difference(added).area + 1e-6


@given(blobs(), ways, radii)
def test_the_border_beside_a_stroke_keeps_its_vertices(blob, way, radius):
    stroke = geometry.stroke_of_brush(way, radius_px=radius, size_hw=SIZE_HW)
    if not stroke:
        return
    region = region_of(stroke)
    old = region_of([blob])
    beside = {xy for xy in vertices((blob,)) if region.distance(shapely.Point(xy)) > 1e-6}
    painted, left = geometry.painted([blob], stroke), geometry.without([blob], stroke)
    assert_only_crumbs_took(beside - vertices(painted), painted, old.union(region))
    assert_only_crumbs_took(beside - vertices(left), left, old.difference(region))


def assert_only_crumbs_took(lost: set[tuple[float, float]], parts: object, exact: object) -> None:
    """Each of these vertices lies at a pinhole that was filled, or a crumb that was dropped."""
    region = region_of(parts) if parts else shapely.Polygon()
    crumbs = [one for one in shapely.get_parts(region ^ exact) if 0 < one.area <= 2.0]
    assert all(any(one.distance(shapely.Point(xy)) < 1e-6 for one in crumbs) for xy in lost)


@given(blobs(), ways)
def test_painting_and_erasing_are_what_a_raster_would_give(blob, way):
    stroke = geometry.stroke_of_brush(way, radius_px=8, size_hw=SIZE_HW)
    if not stroke:
        return
    mask, brush = geometry.mask_of([blob], SIZE_HW), geometry.mask_of(stroke, SIZE_HW)
    painted = geometry.mask_of(geometry.painted([blob], stroke), SIZE_HW)
    left = geometry.mask_of(geometry.without([blob], stroke), SIZE_HW)
    perimeter = sum(region_of([one]).length for one in (blob, *stroke))
    # COCO's rasteriser rounds to a fifth of a pixel, so pixels on a border may fall either way
    assert np.count_nonzero(painted ^ (mask | brush)) <= 12 + 0.25 * perimeter
    assert np.count_nonzero(left ^ (mask & ~brush)) <= 12 + 0.25 * perimeter


def test_a_part_that_a_stroke_does_not_reach_is_the_same_object():
    stroke = geometry.stroke_of_brush([(20, 50)], radius_px=10, size_hw=SIZE_HW)
    assert geometry.painted([SMALL, SQUARE], stroke)[0] is SMALL
    assert geometry.without([SQUARE, SMALL], stroke)[1] is SMALL


def test_a_stroke_within_a_part_adds_nothing_and_one_beside_it_takes_nothing():
    within = geometry.stroke_of_brush([(50, 50)], radius_px=10, size_hw=SIZE_HW)
    beside = geometry.stroke_of_brush([(130, 30)], radius_px=10, size_hw=SIZE_HW)
    assert geometry.painted([SQUARE], within)[0] is SQUARE
    assert geometry.without([SQUARE], beside)[0] is SQUARE


def test_a_stroke_beside_all_parts_is_a_new_part_and_one_across_joins_them():
    beside = geometry.stroke_of_brush([(130, 30)], radius_px=10, size_hw=SIZE_HW)
    across = geometry.stroke_of_brush([(90, 70), (120, 100)], radius_px=5, size_hw=SIZE_HW)
    assert geometry.painted([SQUARE], beside) == (SQUARE, *beside)
    assert len(geometry.painted([SQUARE, SMALL], across)) == 1


def test_the_eraser_makes_holes_and_parts():
    within = geometry.stroke_of_brush([(60, 50)], radius_px=10, size_hw=SIZE_HW)
    across = geometry.stroke_of_brush([(60, 0), (60, 110)], radius_px=10, size_hw=SIZE_HW)
    (with_hole,) = geometry.without([SQUARE], within)
    assert len(with_hole.holes) == 1
    assert len(geometry.without([SQUARE], across)) == 2
    assert geometry.without([SMALL], [SQUARE, SMALL]) == ()


def test_the_brush_closes_a_hole():
    over = geometry.stroke_of_brush([(45, 50), (75, 50)], radius_px=25, size_hw=SIZE_HW)
    (closed,) = geometry.painted([RING], over)
    assert closed.holes == ()


def test_pinholes_of_a_stroke_are_filled_and_those_of_before_stay():
    pinned = Part(SQUARE.outer, ([[50, 50], [51, 50], [51, 51], [50, 51]],))
    stroke = geometry.stroke_of_brush([(20, 30)], radius_px=8, size_hw=SIZE_HW)
    (painted,) = geometry.painted([pinned], stroke)
    assert len(painted.holes) == 1
    notched = Part([[20, 20], [60, 20], [60, 40], [41, 40], [41, 39], [40, 39], [40, 40], [20, 40]])
    lid = Part([[20, 40], [60, 40], [60, 60], [20, 60]])
    assert geometry.painted([notched], [lid])[0].holes == ()
    assert geometry.together([[notched], [lid]])[0].holes == ()


def test_what_a_part_brought_from_its_file_goes_on_with_its_largest_piece():
    origin = Origin("{}", 3, "print")
    part = Part(SQUARE.outer, origin=origin)
    across = geometry.stroke_of_brush([(40, 0), (40, 110)], radius_px=5, size_hw=SIZE_HW)
    left = geometry.without([part], across)
    assert {geometry.part_area(one) > 2000: one.origin for one in left} == {
        True: origin,
        False: None,
    }


def test_holes_are_filled_and_what_lay_in_them_goes():
    island = Part([[50, 45], [60, 45], [60, 55], [50, 55]])
    assert geometry.with_holes_filled([RING, island, SMALL]) == (SQUARE, SMALL)
    assert geometry.with_holes_filled([SQUARE, SMALL])[0] is SQUARE


def test_specks_are_parts_smaller_than_so_much_of_the_largest():
    # 4,800 and 400 square pixels
    assert geometry.without_specks([SMALL, SQUARE], below=0.08) == (SMALL, SQUARE)
    assert geometry.without_specks([SMALL, SQUARE], below=0.09) == (SQUARE,)
    assert geometry.without_specks([SMALL], below=1.0) == (SMALL,)


def test_a_line_cuts_only_where_it_goes_right_through():
    (first, *others) = geometry.cut_pieces([SQUARE, SMALL], [(50, 0), (50, 110)])
    assert [area(first) - 400, *map(area, others)] == pytest.approx([3000, 1800])
    assert first[1] is SMALL
    for line in ([(0, 0), (10, 110)], [(50, 0), (50, 50)], [(50, 30), (60, 50)]):
        (same,) = geometry.cut_pieces([SQUARE, SMALL], line)
        assert same == (SQUARE, SMALL)


def test_a_cut_goes_through_a_hole():
    whole, other = geometry.cut_pieces([RING], [(60, 0), (60, 110)])
    assert whole[0].holes == other[0].holes == ()
    assert area(whole) == area(other) == 1800


@given(blobs(), st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6))
def test_pieces_of_a_cut_cover_what_was_there_and_do_not_overlap(blob, line):
    cut = geometry.cut_pieces([blob], line)
    assert all(are_valid(piece) for piece in cut)
    region = region_of([blob])
    assert sum(map(area, cut)) == pytest.approx(region.area, abs=1e-3)
    together = region_of([part for piece in cut for part in piece])
    assert together.symmetric_difference(region).area < 1e-3


@given(blobs(), blobs(), blobs())
def test_union_and_intersection_are_shapelys(a, b, c):
    regions = [region_of([one]) for one in (a, b, c)]
    united = geometry.together([[a], [b], [c]])
    shared = geometry.in_common([[a], [b], [c]])
    assert are_valid(united)
    assert are_valid(shared)
    assert area(united) == pytest.approx(shapely.union_all(regions).area, abs=20)
    assert area(shared) == pytest.approx(shapely.intersection_all(regions).area, abs=1e-3)


def test_parts_overlap_where_they_share_an_area():
    beside = Part([[100, 20], [110, 20], [110, 80], [100, 80]])
    assert geometry.overlap([SQUARE], [Part(SQUARE.outer + 10)])
    assert not geometry.overlap([SQUARE], [beside])
