"""No edit leaves an outline that crosses itself, has no area, or lies outside the image."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.errors import AppError
from core.types import ImageLabels, Instance, Origin, Part

SIZE_HW = (100, 120)
SQUARE = [(10, 10), (50, 10), (50, 50), (10, 50)]
HOLE = [(20, 20), (40, 20), (40, 40), (20, 40)]
EIGHT = [(10, 10), (50, 50), (50, 10), (10, 50)]
EMPTY = ImageLabels(SIZE_HW)

coordinates = st.tuples(st.integers(0, 24).map(lambda n: n * 5.0), st.integers(0, 20).map(float))
rings = st.lists(coordinates, min_size=3, max_size=14)


def one(*parts: Part) -> ImageLabels:
    return replace(EMPTY, instances=(Instance("a", 1, parts),))


def region(parts: tuple[Part, ...]) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(part.outer, part.holes) for part in parts])


def are_valid(parts: tuple[Part, ...]) -> bool:
    return all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)


def test_labels_whose_outlines_are_valid_stay_the_same_value() -> None:
    after = one(Part(SQUARE, (HOLE,)))

    labels, has_crossed = edits.mended(EMPTY, after)

    assert labels is after
    assert not has_crossed


def test_a_figure_of_eight_becomes_its_two_halves() -> None:
    labels, has_crossed = edits.mended(EMPTY, one(Part(EIGHT)))

    parts = labels.instance("a").parts
    assert has_crossed
    assert len(parts) == 2
    assert are_valid(parts)
    assert region(parts).equals(shapely.make_valid(shapely.Polygon(EIGHT)))


def test_a_line_that_runs_back_on_itself_at_the_edge_goes_without_a_word() -> None:
    left_the_image = [(0, 10), (50, 10), (50, 40), (0, 40), (0, 60)]

    labels, has_crossed = edits.mended(EMPTY, one(Part(left_the_image)))

    (part,) = labels.instances[0].parts
    assert not has_crossed
    assert shapely.Polygon(part.outer).equals(shapely.box(0, 10, 50, 40))


def test_a_vertex_that_is_dragged_through_the_other_side_leaves_valid_parts() -> None:
    before = one(Part(SQUARE))
    moved = edits.with_vertex_moved(before, "a", part=0, ring=0, vertex=0, to_xy=(80, 45))

    labels, has_crossed = edits.mended(before, moved)

    ring = moved.instance("a").parts[0].outer
    assert has_crossed
    assert are_valid(labels.instance("a").parts)
    painted = shapely.make_valid(shapely.Polygon(ring))
    assert region(labels.instance("a").parts).symmetric_difference(painted).area == 0


def test_a_hole_that_is_dragged_over_the_border_opens_it() -> None:
    before = one(Part(SQUARE, (HOLE,)))
    moved = edits.with_edge_moved(before, "a", part=0, ring=1, edge=0, by_xy=(0, -15))

    labels, has_crossed = edits.mended(before, moved)

    (part,) = labels.instance("a").parts
    assert has_crossed
    assert part.holes == ()
    wanted = shapely.Polygon(SQUARE) - shapely.box(20, 5, 40, 40)
    assert shapely.Polygon(part.outer).symmetric_difference(wanted).area == 0


def test_what_was_read_from_a_file_stays_until_it_is_edited() -> None:
    before = one(Part(EIGHT), Part(SQUARE))
    renamed = edits.with_class_changed(before, ["a"], class_id=2)
    other_part = edits.with_vertex_moved(before, "a", part=1, ring=0, vertex=0, to_xy=(5, 5))

    assert edits.mended(before, renamed).labels is renamed
    assert edits.mended(before, other_part).labels is other_part
    moved = edits.with_instances_moved(before, ["a"], by_xy=(1, 0))
    assert are_valid(edits.mended(before, moved).labels.instance("a").parts)


def test_the_first_piece_keeps_the_shape_of_the_file_and_no_other_one_does() -> None:
    origin = Origin("{}", 0, "print")
    labels, _ = edits.mended(EMPTY, one(replace(Part(EIGHT), origin=origin)))

    origins = [part.origin for part in labels.instance("a").parts]

    assert origins == [origin, None]


@pytest.mark.parametrize(
    "flat", [[(10, 10), (50, 50), (30, 30)], [(10, 10)] * 4, [(10, 10), (50, 10), (10, 10)]]
)
def test_an_outline_without_area_is_refused(flat: list[tuple[int, int]]) -> None:
    with pytest.raises(AppError, match="without any area"):
        edits.mended(EMPTY, one(Part(flat)))


def test_an_outline_outside_the_image_is_refused() -> None:
    away = np.add(SQUARE, (200, 0))

    with pytest.raises(AppError, match="outside the image"):
        edits.mended(EMPTY, one(Part(away)))


def test_one_that_lies_outside_already_can_be_brought_back_step_by_step() -> None:
    before = one(Part(np.add(SQUARE, (200, 0))))
    nearer = edits.with_instances_moved(before, ["a"], by_xy=(-10, 0))

    assert edits.mended(before, nearer).labels is nearer


def test_one_that_has_no_area_already_moves_with_the_others() -> None:
    flat = Part([(10, 10), (50, 50), (30, 30)])
    before = one(flat, Part(SQUARE))
    moved = edits.with_instances_moved(before, ["a"], by_xy=(2, 0))

    labels, has_crossed = edits.mended(before, moved)

    assert labels is moved
    assert not has_crossed


def test_labels_of_another_size_are_compared_with_their_own_image() -> None:
    before = one(Part(np.add(SQUARE, (60, 40))))
    smaller = edits.rescaled(before, (50, 60))

    assert edits.mended(before, smaller).labels is smaller


def test_specks_that_a_crossing_cuts_off_go() -> None:
    # the last edge passes the first corner by a hundredth of a pixel
    ring = [(10, 10), (50, 10), (50, 50), (10, 50), (10.01, 9.99), (9.99, 9.98)]
    assert not shapely.Polygon(ring).is_valid

    labels, _ = edits.mended(EMPTY, one(Part(ring)))

    (part,) = labels.instance("a").parts
    assert shapely.Polygon(part.outer).area == pytest.approx(1600, abs=1)


@given(rings, st.lists(rings, max_size=2))
def test_whatever_is_drawn_is_stored_valid_and_covers_the_same_or_is_refused(
    outer: list[tuple[float, float]], holes: list[list[tuple[float, float]]]
) -> None:
    part = Part(outer, tuple(np.array(hole) for hole in holes))
    wanted = shapely.make_valid(shapely.Polygon(outer)).buffer(0)
    for hole in holes:
        wanted = wanted.difference(shapely.make_valid(shapely.Polygon(hole)).buffer(0))
    try:
        labels, _ = edits.mended(EMPTY, one(part))
    except AppError:
        return

    parts = labels.instance("a").parts
    assert are_valid(parts)
    assert region(parts).symmetric_difference(wanted).area < 0.5 * (len(outer) + 30)


@given(rings)
def test_mending_twice_changes_nothing_more(outer: list[tuple[float, float]]) -> None:
    try:
        labels, _ = edits.mended(EMPTY, one(Part(outer)))
    except AppError:
        return

    again, has_crossed = edits.mended(EMPTY, labels)
    assert again is labels
    assert not has_crossed


def test_thousands_of_vertices_are_mended() -> None:
    random = np.random.default_rng(4)
    angles = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radii = 40 + random.normal(0, 1.5, len(angles))
    ring = np.stack([60 + radii * np.cos(angles), 50 + radii * np.sin(angles)], axis=1)
    ring[[100, 4000]] = ring[[4000, 100]]

    labels, has_crossed = edits.mended(EMPTY, one(Part(ring)))

    assert has_crossed
    assert are_valid(labels.instance("a").parts)


moves = st.tuples(
    st.sampled_from(["move", "edge", "insert", "delete", "redraw", "erase"]),
    st.integers(0, 10**6),
    coordinates,
    st.booleans(),
)


def changed(
    labels: ImageLabels, kind: str, number: int, xy: tuple[float, float], is_longer: bool
) -> ImageLabels:
    """One edit of some vertex or border of the one instance."""
    parts = labels.instance("a").parts
    part = number % len(parts)
    ring = number // 7 % len(parts[part].rings)
    points = parts[part].rings[ring]
    place = {"part": part, "ring": ring}
    index = number // 49 % len(points)
    if kind == "move":
        return edits.with_vertex_moved(labels, "a", **place, vertex=index, to_xy=xy)
    if kind == "edge":
        return edits.with_edge_moved(labels, "a", **place, edge=index, by_xy=(xy[0] - 60, xy[1]))
    if kind == "insert":
        return edits.with_vertex_inserted(labels, "a", **place, edge=index, at_xy=xy)
    if kind == "delete":
        return edits.with_vertex_deleted(labels, "a", **place, vertex=index)
    if kind == "erase":
        return edits.with_vertices_deleted(labels, {"a": [(part, ring, index)]})
    line = np.array([points[index], xy, points[number // 343 % len(points)]])
    return edits.with_stretch_redrawn(labels, "a", **place, line=line, replaces_longer=is_longer)


@given(st.lists(moves, max_size=12))
def test_no_sequence_of_edits_of_an_outline_leaves_an_invalid_one(
    sequence: list[tuple[str, int, tuple[float, float], bool]],
) -> None:
    labels = one(Part(SQUARE, (HOLE,)))
    for kind, number, xy, is_longer in sequence:
        if not labels.instances:
            break
        try:
            labels, _ = edits.mended(labels, changed(labels, kind, number, xy, is_longer))
        except AppError:
            continue
        for instance in labels.instances:
            assert are_valid(instance.parts)
            assert all(shapely.Polygon(part.outer).area > 0 for part in instance.parts)
