"""Edits of an outline as a whole: drawn anew, erased, simpler, smoother."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from core import edits
from core.geometry import iou
from core.types import ImageLabels, Instance, InstanceState, Part

SQUARE = np.array([[10.0, 10], [50, 10], [50, 50], [10, 50]])
HOLE = np.array([[20.0, 20], [40, 20], [40, 40], [20, 40]])


def labels_of(*parts: Part, state: InstanceState = InstanceState.DRAWN) -> ImageLabels:
    return ImageLabels((100, 100), (Instance("a", 1, parts, state=state),))


def polygon(labels: ImageLabels, number: int = 0) -> shapely.Polygon:
    part = labels.instance("a").parts[number]
    return shapely.Polygon(part.outer, part.holes)


def test_the_shorter_stretch_is_replaced_by_the_line() -> None:
    line = np.array([[20, 11], [30, 0], [40, 9.0]])

    after = edits.with_stretch_redrawn(labels_of(Part(SQUARE)), "a", part=0, ring=0, line=line)

    wanted = shapely.Polygon([(10, 10), (20, 10), (30, 0), (40, 10), (50, 10), (50, 50), (10, 50)])
    assert polygon(after).equals(wanted)


def test_the_longer_stretch_is_replaced_where_that_is_asked_for() -> None:
    line = np.array([[20, 10], [30, 30], [40, 10.0]])

    after = edits.with_stretch_redrawn(
        labels_of(Part(SQUARE)), "a", part=0, ring=0, line=line, replaces_longer=True
    )

    assert polygon(after).equals(shapely.Polygon([(20, 10), (30, 30), (40, 10)]))


def test_a_stretch_over_a_corner_takes_the_corner_away() -> None:
    line = np.array([[30, 10], [40, 20], [50, 30.0]])

    after = edits.with_stretch_redrawn(labels_of(Part(SQUARE)), "a", part=0, ring=0, line=line)

    wanted = shapely.Polygon(SQUARE) - shapely.Polygon([(30, 10), (50, 10), (50, 30)])
    assert polygon(after).equals(wanted)


def test_a_hole_is_redrawn_and_the_prediction_becomes_edited() -> None:
    before = labels_of(Part(SQUARE, (HOLE,)), state=InstanceState.PREDICTED)
    line = np.array([[25, 20], [30, 14], [35, 20.0]])

    after = edits.with_stretch_redrawn(before, "a", part=0, ring=1, line=line)

    assert after.instance("a").state is InstanceState.EDITED
    assert np.array_equal(after.instance("a").parts[0].outer, SQUARE)
    assert polygon(after).area == pytest.approx(1600 - 400 - 30)


def test_a_line_without_length_changes_nothing_that_is_painted() -> None:
    line = np.array([[30, 10], [30, 10.0]])

    after = edits.with_stretch_redrawn(labels_of(Part(SQUARE)), "a", part=0, ring=0, line=line)

    assert polygon(after).equals(shapely.Polygon(SQUARE))


def test_vertices_are_erased_from_several_rings_at_once() -> None:
    before = labels_of(Part(SQUARE, (HOLE,)))

    after = edits.with_vertices_deleted(before, {"a": [(0, 0, 1), (0, 1, 0), (0, 1, 1)]})

    (part,) = after.instance("a").parts
    assert part.outer.tolist() == [[10, 10], [50, 50], [10, 50]]
    assert part.holes == ()


def test_a_part_without_three_vertices_goes_and_the_others_stay_the_same() -> None:
    other = Part(SQUARE + 50)
    before = labels_of(Part(SQUARE), other)

    after = edits.with_vertices_deleted(before, {"a": [(0, 0, 0), (0, 0, 2)]})

    assert after.instance("a").parts == (other,)
    assert after.instance("a").parts[0] is other


def test_with_all_vertices_gone_a_prediction_is_rejected() -> None:
    before = labels_of(Part(SQUARE), state=InstanceState.PREDICTED)

    after = edits.with_vertices_deleted(before, {"a": [(0, 0, 0), (0, 0, 1)]})

    assert after.instances == ()
    assert [one.id for one in after.rejected] == ["a"]


def bumpy() -> Part:
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radii = 40 + 0.3 * np.sin(angles * 40)
    return Part(np.stack([50 + radii * np.cos(angles), 50 + radii * np.sin(angles)], axis=1))


@pytest.mark.parametrize("min_iou", [0.98, 0.9, 0.8])
def test_a_simpler_outline_keeps_the_iou_that_was_asked_for(min_iou: float) -> None:
    before = labels_of(bumpy())

    after = edits.with_outlines_simplified(before, ["a"], min_iou=min_iou)

    fewer = after.instance("a").parts
    assert len(fewer[0].outer) < 40
    assert iou(fewer, before.instance("a").parts) >= min_iou
    assert polygon(after).is_valid


def test_at_an_iou_of_1_without_smoothing_the_labels_are_the_same_value() -> None:
    before = labels_of(bumpy())

    assert edits.with_outlines_simplified(before, ["a"], min_iou=1) is before


def test_smoothing_takes_the_bumps_and_keeps_the_vertices_few() -> None:
    before = labels_of(bumpy())

    after = edits.with_outlines_simplified(before, ["a"], min_iou=1, smoothness=0.3)

    disk = Part(np.array(shapely.Point(50, 50).buffer(40).exterior.coords)[:-1])
    assert iou(after.instance("a").parts, (disk,)) > 0.99
    assert len(after.instance("a").parts[0].outer) < 100


def test_several_instances_are_simplified_and_others_stay() -> None:
    other = Instance("b", 1, (Part(SQUARE),))
    before = replace(labels_of(bumpy()), instances=(*labels_of(bumpy()).instances, other))

    after = edits.with_outlines_simplified(before, ["a", "b"], min_iou=0.95)

    assert after.instance("b") is other
    assert after.instance("a") != before.instance("a")
