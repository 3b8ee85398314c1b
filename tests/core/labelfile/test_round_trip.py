"""Labels survive their file, and files survive being read."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.labelfile import write_labelfile
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from tests.core.labelfile.files import (
    NAMES,
    file_of,
    polygon,
    read,
    written,
)

coordinates = st.floats(-20, 100, allow_nan=False, allow_infinity=False)
rings = (
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7)
    .filter(lambda points: points[0] != points[-1])
    .map(np.array)
)
parts = st.builds(Part, rings, st.lists(rings, max_size=2).map(tuple))
instances = st.builds(
    Instance,
    id=st.uuids().map(lambda one: one.hex[:16]),
    class_id=st.sampled_from(sorted(NAMES)),
    parts=st.lists(parts, min_size=1, max_size=3).map(tuple),
    state=st.sampled_from(InstanceState),
    score=st.none() | st.floats(0, 1),
    source=st.text(max_size=5),
    crowd=st.booleans(),
    attributes=st.dictionaries(st.text(max_size=3), st.none() | st.integers() | st.text()),
)
several = st.lists(instances, max_size=5, unique_by=lambda one: one.id).map(tuple)
image_labels = st.builds(
    ImageLabels,
    st.just((60, 80)),
    several,
    st.sampled_from(ImageState),
    st.lists(instances, max_size=2)
    .map(lambda some: [replace(one, state=InstanceState.PREDICTED) for one in some])
    .map(tuple),
)


@given(image_labels)
def test_labels_come_back_equal_from_their_file(labels: ImageLabels) -> None:
    assert read(written(labels)).labels == labels


@given(image_labels)
def test_a_file_of_ours_is_written_again_byte_by_byte(labels: ImageLabels) -> None:
    data = write_labelfile(labels, image_path="a.jpg", class_names=NAMES)

    again = write_labelfile(read(data).labels, image_path="a.jpg", class_names=NAMES)

    assert again == data


@given(image_labels, st.data())
def test_labels_come_back_equal_after_edits_of_what_was_read(
    labels: ImageLabels, data: st.DataObject
) -> None:
    before = read(written(labels)).labels
    gone = data.draw(st.sets(st.sampled_from([""] + [one.id for one in before.instances])))
    moved = data.draw(st.sets(st.sampled_from([""] + [one.id for one in before.instances])))
    after = edits.without_instances(before, gone)
    after = edits.with_instances_moved(after, moved, by_xy=(1.5, -2.25))
    after = edits.with_class_changed(after, moved, class_id=2)

    assert read(written(after)).labels == after


keyless_shapes = st.builds(
    polygon,
    st.lists(st.lists(coordinates, min_size=2, max_size=2), min_size=1, max_size=5),
    st.sampled_from(["coat", "hat"]),
    group_id=st.none() | st.integers(0, 3) | st.booleans(),
    shape_type=st.sampled_from(["polygon", "line", "point", "circle", "cuboid", "linestrip"]),
    description=st.text(max_size=3),
    difficult=st.booleans(),
)


@given(st.lists(keyless_shapes, max_size=6, unique_by=lambda shape: json.dumps(shape)))
def test_shapes_that_nobody_changed_are_written_verbatim(shapes: list[dict[str, Any]]) -> None:
    distinct = {json.dumps([one["label"], one["points"], one["shape_type"]]) for one in shapes}
    after = written(read(file_of(*shapes)).labels)

    if len(distinct) == len(shapes):
        assert after["shapes"] == shapes


@given(st.lists(keyless_shapes, max_size=6), st.data())
def test_keyless_instances_keep_their_ids_whatever_is_deleted(
    shapes: list[dict[str, Any]], data: st.DataObject
) -> None:
    before = read(file_of(*shapes)).labels
    gone = data.draw(st.sets(st.sampled_from([""] + [one.id for one in before.instances])))
    after = edits.without_instances(before, gone)

    assert read(written(after)).labels.instances == after.instances


def test_a_crossing_shape_that_was_moved_and_mended_comes_back_as_its_pieces() -> None:
    before = read(file_of(polygon([[10, 10], [50, 50], [50, 10], [10, 50]]))).labels
    (one,) = before.instances
    moved = edits.with_instances_moved(before, [one.id], by_xy=(1, 1))

    labels, has_crossed = edits.mended(before, moved)

    assert has_crossed
    assert len(labels.instances[0].parts) == 2
    assert read(written(labels)).labels == labels
