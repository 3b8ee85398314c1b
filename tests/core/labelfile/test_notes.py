"""Notes are labelme's descriptions: read as they are, and written where a person changed them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import edits
from core.types import ImageLabels, Instance, InstanceState
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


def noted(labels: ImageLabels, note: str) -> ImageLabels:
    return edits.with_note(labels, {one.id for one in labels.instances}, note=note)


def descriptions(value: Any) -> list[Any]:
    return [shape["description"] for shape in value["shapes"]]


def test_a_description_of_labelme_is_a_note() -> None:
    (instance,) = read(file_of(polygon(description="left one\ntorn"))).labels.instances

    assert instance.note == "left one\ntorn"
    assert instance.state is InstanceState.DRAWN


@pytest.mark.parametrize("description", ["", "  \n", None, 5, ["a"], {"a": 1}])
def test_a_description_that_says_nothing_stays_as_it_is(description: Any) -> None:
    before = read(file_of(polygon(description=description))).labels

    assert before.instances[0].note == ""
    assert descriptions(written(before)) == [description]


def test_a_shape_without_a_description_gets_none() -> None:
    shape = polygon()
    del shape["description"]

    assert written(read(file_of(shape)).labels)["shapes"] == [shape]


def test_a_note_is_written_as_the_description_and_read_again() -> None:
    before = read(file_of(polygon(difficult=True))).labels
    after = noted(before, "half hidden")

    value = written(after)

    assert descriptions(value) == ["half hidden"]
    assert value["shapes"][0]["difficult"] is True
    assert read(value).labels == after


def test_a_file_that_nobody_changed_is_written_back_verbatim() -> None:
    shapes = [polygon(description="a "), polygon(OTHER, "hat", description="b")]

    assert written(read(file_of(*shapes)).labels)["shapes"] == shapes


def test_a_note_that_was_taken_away_is_gone_from_the_file() -> None:
    before = read(file_of(polygon(description="old"))).labels

    assert descriptions(written(noted(before, ""))) == [""]


def test_a_note_stands_on_every_part_and_counts_once() -> None:
    instance = Instance("x", 1, (square_part(), square_part(40, 30)), attributes={"torn": True})
    after = noted(labels_of(instance), "two parts")

    value = written(after)

    assert descriptions(value) == ["two parts", "two parts"]
    assert read(value).labels.instances[0].attributes == {"torn": True, "note": "two parts"}


def test_parts_that_were_described_differently_are_one_note_and_stay_as_they_are() -> None:
    shapes = [
        polygon(description="front", group_id=1),
        polygon(OTHER, description="back", group_id=1),
    ]
    before = read(file_of(*shapes)).labels

    assert before.instances[0].note == "front\nback"
    assert descriptions(written(before)) == ["front", "back"]


def test_a_description_that_was_changed_in_labelme_is_the_new_note() -> None:
    instance = Instance("x", 1, (ringed_part(),), InstanceState.PREDICTED, 0.5, "w")
    value = written(labels_of(instance))
    value["shapes"][0]["description"] = "said in labelme"

    (after,) = read(value).labels.instances

    assert after.note == "said in labelme"
    assert after.state is InstanceState.PREDICTED


def test_an_attribute_of_that_name_that_is_no_text_stays_beside_a_description() -> None:
    instance = Instance("x", 1, (square_part(),), attributes={"note": 5})
    value = written(labels_of(instance))
    value["shapes"][0]["description"] = "said in labelme"

    after = read(value).labels

    assert after.instances[0].attributes == {"note": 5}
    assert descriptions(written(after)) == ["said in labelme"]


def test_a_description_wins_over_an_empty_attribute() -> None:
    value = written(labels_of(Instance("x", 1, (square_part(),), attributes={"note": ""})))
    value["shapes"][0]["description"] = "said in labelme"

    after = read(value).labels

    assert after.instances[0].note == "said in labelme"
    assert descriptions(written(after)) == ["said in labelme"]


def test_half_a_character_is_no_note_and_survives() -> None:
    before = read(file_of(polygon(description="\ud83d"))).labels

    assert before.instances[0].note == ""
    assert descriptions(written(before)) == ["\ud83d"]


def test_a_plain_labelme_file_has_the_notes_too() -> None:
    after = noted(labels_of(Instance("x", 1, (square_part(),))), "torn")

    assert descriptions(written(after, is_plain=True)) == ["torn"]


@given(st.lists(st.text(max_size=4), min_size=1, max_size=3), st.text(max_size=6))
def test_whatever_was_described_a_new_note_is_read_back(old: list[str], new: str) -> None:
    shapes = [
        polygon([[10, 10 * place + 5], [30, 10], [30, 40]], description=text, group_id=1)
        for place, text in enumerate(old)
    ]
    after = noted(read(file_of(*shapes)).labels, new)

    assert read(written(after)).labels == after
