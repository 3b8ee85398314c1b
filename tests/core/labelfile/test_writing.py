"""What is written: groups, holes, verbatim shapes."""

import base64
import io
import json

import numpy as np
from PIL import Image

from core import edits
from core.geometry import mask_of
from core.types import Instance, InstanceState
from tests.core.labelfile.files import (
    OTHER,
    file_of,
    labels_of,
    polygon,
    read,
    ringed_part,
    square_part,
    written,
)


def test_a_part_with_holes_is_a_mask_for_labelme_and_exact_for_us() -> None:
    instance = Instance("i", 1, (ringed_part(),))
    value = written(labels_of(instance))
    (shape,) = value["shapes"]

    png = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
    (x0, y0), (x1, y1) = np.array(shape["points"]).astype(int)
    canvas = np.zeros((60, 80), dtype=bool)
    canvas[y0 : y1 + 1, x0 : x1 + 1] = png

    assert shape["shape_type"] == "mask"
    assert set(np.unique(png)) <= {0, 1}
    assert (canvas == mask_of((ringed_part(),), (60, 80))).all()
    assert read(value).labels.instances[0].parts == (ringed_part(),)


def test_holes_that_were_changed_elsewhere_are_read_from_the_mask() -> None:
    value = written(labels_of(Instance("i", 1, (ringed_part(),))))
    full = Image.fromarray(np.ones((20, 20), dtype=np.uint8))
    data = io.BytesIO()
    full.save(data, format="PNG")
    value["shapes"][0]["mask"] = base64.b64encode(data.getvalue()).decode()

    (instance,) = read(value).labels.instances

    assert instance.state is InstanceState.EDITED
    assert mask_of(instance.parts, (60, 80)).sum() == 400


def test_the_same_mask_in_another_png_is_no_edit() -> None:
    value = written(labels_of(Instance("i", 1, (ringed_part(),), InstanceState.ACCEPTED)))
    shape = value["shapes"][0]
    picture = Image.open(io.BytesIO(base64.b64decode(shape["mask"])))
    data = io.BytesIO()
    Image.fromarray(np.asarray(picture) * np.uint8(255)).save(data, format="PNG", compress_level=0)
    shape["mask"] = base64.b64encode(data.getvalue()).decode()

    (instance,) = read(value).labels.instances

    assert (instance.state, instance.parts) == (InstanceState.ACCEPTED, (ringed_part(),))


def test_parts_of_an_instance_share_a_group_that_no_other_has() -> None:
    two = (square_part(), square_part(50))
    foreign = polygon([[1, 1], [2, 2]], shape_type="line", group_id=4)
    before = read(file_of(foreign, polygon(OTHER, group_id=0))).labels
    after = edits.with_instance_added(before, Instance("i", 1, two))

    groups = [shape["group_id"] for shape in written(after)["shapes"]]

    assert groups == [4, 0, 5, 5]


def test_a_group_that_only_this_instance_has_is_kept() -> None:
    shapes = (polygon(group_id=7), polygon(OTHER, group_id=7))
    before = read(file_of(*shapes)).labels
    (instance,) = before.instances
    after = edits.with_vertex_moved(
        before, instance.id, part=0, ring=0, vertex=0, to_xy=(11.0, 12.0)
    )

    assert [shape["group_id"] for shape in written(after)["shapes"]] == [7, 7]
    assert read(written(after)).labels == after


def test_two_instances_of_one_class_never_share_a_group() -> None:
    shapes = (polygon(group_id=7), polygon(OTHER, "hat", group_id=7))
    before = read(file_of(*shapes)).labels
    hat = before.instances[1].id
    after = edits.with_class_changed(before, {hat}, class_id=1)

    assert read(written(after)).labels == after


def test_a_changed_shape_keeps_what_others_said_of_it() -> None:
    shape = polygon(description="left one", flags={"torn": True}, difficult=True)
    before = read(file_of(shape)).labels
    moved = edits.with_instances_moved(before, {before.instances[0].id}, by_xy=(1, 1))

    (after,) = written(moved)["shapes"]

    assert (after["description"], after["flags"]) == ("left one", {"torn": True})
    assert after["difficult"] is True
    assert after["points"][0] == [11, 11]


def test_a_rectangle_stays_one_until_it_is_reshaped() -> None:
    rectangle = polygon([[30, 30], [10, 10]], shape_type="rectangle")
    before = read(file_of(rectangle)).labels
    renamed = edits.with_class_changed(before, {before.instances[0].id}, class_id=2)

    (after,) = written(renamed)["shapes"]

    assert (after["shape_type"], after["points"]) == ("rectangle", [[30, 30], [10, 10]])


def test_a_plain_file_has_nothing_that_labelme_does_not_know() -> None:
    instance = Instance("i", 1, (ringed_part(), square_part(50)), InstanceState.PREDICTED, 0.5)

    value = written(labels_of(instance), is_plain=True)

    assert "maskloop" not in json.dumps(value)
    (again,) = read(value).labels.instances
    assert (mask_of(again.parts, (60, 80)) == mask_of(instance.parts, (60, 80))).all()
