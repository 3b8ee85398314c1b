"""Who vouches for an instance after a file went through other programs."""

import json
from typing import Any

import pytest

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


def test_a_shape_without_our_key_was_drawn_by_a_person() -> None:
    (instance,) = read(file_of(polygon())).labels.instances

    assert instance.state is InstanceState.DRAWN
    assert instance.score is None


def test_a_point_moved_elsewhere_makes_a_prediction_edited() -> None:
    value = written(labels_of(Instance("i", 1, (square_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"][0]["points"][0][0] += 1

    (instance,) = read(value).labels.instances

    assert instance.state is InstanceState.EDITED
    assert instance.parts[0].outer[0].tolist() == [11, 10]


def test_a_label_changed_elsewhere_makes_a_prediction_edited() -> None:
    value = written(labels_of(Instance("i", 1, (square_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"][0]["label"] = "hat"

    (instance,) = read(value).labels.instances

    assert (instance.state, instance.class_id) == (InstanceState.EDITED, 2)


def test_noise_below_a_thousandth_of_a_pixel_is_no_edit() -> None:
    value = written(labels_of(Instance("i", 1, (square_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"][0]["points"][0][0] += 1e-5

    assert read(value).labels.instances[0].state is InstanceState.PREDICTED


def test_a_part_deleted_elsewhere_makes_a_prediction_edited() -> None:
    two = (square_part(), square_part(50))
    value = written(labels_of(Instance("i", 1, two, InstanceState.PREDICTED, 0.9)))
    del value["shapes"][1]

    (instance,) = read(value).labels.instances

    assert instance.state is InstanceState.EDITED
    assert instance.id == "i"


def test_a_part_drawn_into_the_group_elsewhere_makes_a_prediction_edited() -> None:
    two = (square_part(), square_part(50))
    value = written(labels_of(Instance("i", 1, two, InstanceState.PREDICTED, 0.9)))
    group = value["shapes"][0]["group_id"]
    value["shapes"].append(polygon(OTHER, group_id=group))

    (instance,) = read(value).labels.instances

    assert instance.state is InstanceState.EDITED
    assert len(instance.parts) == 3


def test_a_shape_duplicated_in_labelme_is_a_new_drawn_instance() -> None:
    value = written(labels_of(Instance("i", 1, (square_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"].append(json.loads(json.dumps(value["shapes"][0])))

    first, second = read(value).labels.instances

    assert (first.id, first.state) == ("i", InstanceState.PREDICTED)
    assert (second.state, second.score) == (InstanceState.DRAWN, None)
    assert second.id != "i"


def test_both_parts_duplicated_in_labelme_are_one_new_instance() -> None:
    two = (square_part(), square_part(50))
    value = written(labels_of(Instance("i", 1, two, InstanceState.ACCEPTED)))
    value["shapes"] += json.loads(json.dumps(value["shapes"]))

    first, second = read(value).labels.instances

    assert (first.state, second.state) == (InstanceState.ACCEPTED, InstanceState.DRAWN)
    assert first.parts == second.parts == two


def test_another_label_in_the_group_is_a_new_drawn_instance() -> None:
    two = (square_part(), square_part(50))
    value = written(labels_of(Instance("i", 1, two, InstanceState.PREDICTED, 0.9)))
    value["shapes"][1]["label"] = "hat"

    first, second = read(value).labels.instances

    assert (first.id, first.state) == ("i", InstanceState.EDITED)
    assert (second.class_id, second.state) == (2, InstanceState.DRAWN)


def test_an_unknown_state_was_a_persons() -> None:
    value = written(labels_of(Instance("i", 1, (square_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"][0]["maskloop"]["state"] = "guessed"

    assert read(value).labels.instances[0].state is InstanceState.DRAWN


@pytest.mark.parametrize("name", ["id", "part", "print", "state", "score", "attributes", "rings"])
@pytest.mark.parametrize("wrong", [None, True, -3, 1.5, "x", [], [1], {"a": 1}])
def test_a_wrong_type_in_our_key_never_costs_the_instance(name: str, wrong: Any) -> None:
    value = written(labels_of(Instance("i", 1, (ringed_part(),), InstanceState.PREDICTED, 0.9)))
    value["shapes"][0]["maskloop"][name] = wrong

    (instance,) = read(value).labels.instances

    difference = mask_of(instance.parts, (60, 80)) ^ mask_of((ringed_part(),), (60, 80))
    assert not difference.any()
    assert read(written(labels_of(instance))).labels.instances == (instance,)


@pytest.mark.parametrize("key", [None, True, 7, "x", [1], {"rejected": [1, {"id": "a"}]}])
def test_a_wrong_key_of_the_file_never_costs_the_instance(key: Any) -> None:
    content = read(file_of(polygon(), maskloop=key))

    assert len(content.labels.instances) == 1
    assert content.labels.rejected == ()


def test_a_part_number_out_of_all_reason_costs_nothing() -> None:
    value = written(labels_of(Instance("i", 1, (ringed_part(),))))
    value["shapes"][0]["maskloop"]["part"] = 10**30

    (instance,) = read(value).labels.instances

    assert instance.state is InstanceState.EDITED


def test_a_hole_stays_exact_among_very_many_parts() -> None:
    parts = (*(square_part(left=n * 0.5, side=0.25) for n in range(99)), ringed_part())
    value = written(labels_of(Instance("i", 1, parts)))

    (instance,) = read(value).labels.instances

    assert instance.parts == parts


def test_thousands_of_equal_shapes_are_as_many_instances() -> None:
    instances = read(file_of(*[polygon()] * 5000)).labels.instances
    assert len({instance.id for instance in instances}) == 5000
