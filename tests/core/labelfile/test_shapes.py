"""Every kind of shape, whole and broken."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import edits
from core.geometry import mask_of
from core.labelfile import is_broken_region
from core.labelfile.reading import LabelFileContent
from core.types import ForeignShape
from tests.core.labelfile.files import (
    OTHER,
    file_of,
    polygon,
    read,
    written,
)


def test_what_is_no_region_stays_in_its_place() -> None:
    line = polygon([[1, 1], [2, 2]], shape_type="line")
    point = polygon([[1, 1]], shape_type="point")
    shapes = [line, polygon(), point, polygon(OTHER)]

    content = read(file_of(*shapes))

    assert len(content.labels.instances) == 2
    assert content.problems == ()
    assert written(content.labels)["shapes"] == shapes


BROKEN = [
    polygon([[float("nan"), 1], [2, 2], [3, 3]]),
    polygon([[True, 1], [2, 2], [3, 3]]),
    polygon([["1", "1"], ["2", "2"], ["3", "1"]]),
    polygon([[1, 1], [2, 2]]),
    polygon([[1, 1], [2, 2], [3]]),
    polygon([[1e300, 1], [2, 2], [3, 3]]),
    polygon([[10**400, 1], [2, 2], [3, 3]]),
    polygon([]),
    polygon(None),
    polygon(label=3),
    polygon(label=""),
    polygon(shape_type="cuboid"),
    polygon(shape_type="ellipse"),
    polygon([[1, 1], [1, 1]], shape_type="circle"),
    polygon([[1, 1]], shape_type="rectangle"),
    polygon([[1, 1], [5, 5]], shape_type="mask"),
    polygon([[1, 1], [5, 5]], shape_type="mask", mask="!!"),
    polygon([[1, 1], [5, 5]], shape_type="mask", mask="iVBORw0KGgo="),
    "no object",
    None,
]


@pytest.mark.parametrize("shape", BROKEN)
def test_a_broken_shape_is_kept_in_its_place_and_named(shape: Any) -> None:
    content = read(file_of(polygon(OTHER), shape, polygon()))

    (problem,) = content.problems

    assert "Shape 2" in problem.sentence
    assert len(content.labels.instances) == 2
    assert json.dumps(written(content.labels)["shapes"][1]) == json.dumps(shape)


def mask_shape(mask: Any, corner: tuple[float, float], mode: str = "L") -> dict[str, Any]:
    pixels = np.array(mask, dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, format="PNG")
    height, width = pixels.shape
    x, y = corner
    return polygon(
        [[x, y], [x + width - 1, y + height - 1]],
        shape_type="mask",
        mask=base64.b64encode(data.getvalue()).decode(),
    )


def pixels_of(content: LabelFileContent) -> list[list[int]]:
    (instance,) = content.labels.instances
    return np.argwhere(mask_of(instance.parts, content.labels.size_hw)).tolist()


@pytest.mark.parametrize("value", [1, 255])
def test_a_mask_has_pixels_where_its_picture_is_not_zero(value: int) -> None:
    mask = [[0, value, 0], [value, value, 0]]

    assert pixels_of(read(file_of(mask_shape(mask, (4, 7))))) == [[7, 5], [8, 4], [8, 5]]


def test_a_mask_may_be_a_one_bit_picture() -> None:
    mask = [[0, 255, 0], [255, 255, 0]]

    assert pixels_of(read(file_of(mask_shape(mask, (4, 7), "1")))) == [[7, 5], [8, 4], [8, 5]]


def test_a_mask_at_a_fractional_corner_is_rounded_to_pixels() -> None:
    mask = [[0, 1, 0], [1, 1, 0]]

    assert pixels_of(read(file_of(mask_shape(mask, (3.6, 7.2))))) == [[7, 5], [8, 4], [8, 5]]


def test_a_mask_that_leaves_the_image_is_cut() -> None:
    assert pixels_of(read(file_of(mask_shape(np.ones((4, 4)), (-2, 57))))) == [
        [57, 0], [57, 1], [58, 0], [58, 1], [59, 0], [59, 1],
    ]  # fmt: skip


def test_a_mask_of_two_regions_is_one_instance_and_stays_one_shape() -> None:
    shape = mask_shape([[1, 0, 1], [1, 0, 1]], (4, 7))
    content = read(file_of(shape))

    assert len(content.labels.instances) == 1
    assert len(content.labels.instances[0].parts) == 2
    assert written(content.labels)["shapes"] == [shape]


def test_a_mask_of_two_regions_keeps_its_pixels_when_its_class_changes() -> None:
    before = read(file_of(mask_shape([[1, 0, 1], [1, 0, 1]], (4, 7)))).labels
    after = edits.with_class_changed(before, {before.instances[0].id}, class_id=2)

    assert read(written(after)).labels == after


def test_a_mask_of_two_regions_comes_apart_when_one_is_moved() -> None:
    before = read(file_of(mask_shape([[1, 0, 1], [1, 0, 1]], (4, 7)))).labels
    after = edits.with_vertex_moved(
        before, before.instances[0].id, part=1, ring=0, vertex=0, to_xy=(9.0, 3.0)
    )

    assert read(written(after)).labels == after


def test_a_circle_has_the_area_of_a_circle() -> None:
    circle = polygon([[40, 30], [40, 50]], shape_type="circle")

    area = len(pixels_of(read(file_of(circle))))

    assert area == pytest.approx(np.pi * 400, rel=0.01)


def test_a_rectangle_may_be_given_by_any_two_corners() -> None:
    drawn = [
        read(file_of(polygon(points, shape_type="rectangle"))).labels.instances[0].parts
        for points in ([[10, 10], [30, 20]], [[30, 20], [10, 10]], [[30, 10], [10, 20]])
    ]

    assert drawn[0] == drawn[1] == drawn[2]


def test_labelmes_groups_join_shapes_of_one_label_only() -> None:
    content = read(
        file_of(
            polygon(group_id=0),
            polygon(OTHER, group_id=0),
            polygon(OTHER, "hat", group_id=0),
            polygon([[1, 1], [2, 1], [2, 2]], group_id=True),
            polygon([[5, 1], [6, 1], [6, 2]], group_id=True),
        )
    )

    assert [len(one.parts) for one in content.labels.instances] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("shape", "is_broken"),
    [
        ('{"label": "a", "shape_type": "line", "points": [[1, 1], [2, 2]]}', False),
        ('{"label": "a", "shape_type": "point", "points": [[1, 1]]}', False),
        ('{"label": "a", "shape_type": "polygon", "points": [[1, 1], [2, 2]]}', True),
        ('{"label": "a", "shape_type": "cuboid", "points": [[1, 1], [2, 2], [2, 1]]}', True),
        ('{"label": " ", "shape_type": "polygon", "points": [[1, 1], [2, 2], [2, 1]]}', True),
        ("17", True),
    ],
)
def test_a_foreign_shape_that_was_meant_as_a_region_is_broken(shape: str, is_broken: bool) -> None:
    assert is_broken_region(ForeignShape(shape, 0)) is is_broken
