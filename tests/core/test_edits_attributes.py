"""Crowds and notes."""

import pytest

from core import edits
from core.types import ImageLabels, Instance, InstanceState, Part

PART = Part([[0, 0], [9, 0], [9, 9]])


def labels_of(**more: object) -> ImageLabels:
    return ImageLabels((20, 20), (Instance("a", 1, (PART,), **more), Instance("b", 1, (PART,))))


@pytest.mark.parametrize("state", [InstanceState.PREDICTED, InstanceState.ACCEPTED])
def test_a_prediction_that_is_marked_as_a_crowd_becomes_a_persons(state: InstanceState) -> None:
    after = edits.with_crowd(labels_of(state=state), {"a"}, crowd=True)

    assert after.instance("a").crowd
    assert after.instance("a").state is InstanceState.EDITED
    assert not after.instance("b").crowd


def test_what_is_a_crowd_already_is_the_very_same() -> None:
    labels = labels_of(crowd=True)

    assert edits.with_crowd(labels, {"a"}, crowd=True) is labels


def test_a_note_is_kept_beside_other_attributes() -> None:
    after = edits.with_note(labels_of(attributes={"torn": True}), {"a"}, note="  half hidden\n")

    assert after.instance("a").attributes == {"torn": True, "note": "half hidden"}
    assert after.instance("a").note == "half hidden"
    assert after.instance("b").note == ""


def test_a_prediction_with_a_note_is_a_persons_so_that_no_round_takes_it() -> None:
    after = edits.with_note(labels_of(state=InstanceState.PREDICTED), {"a"}, note="odd")

    assert after.instance("a").is_of_person


@pytest.mark.parametrize("note", ["", "  \n"])
def test_an_empty_note_takes_the_old_one_away(note: str) -> None:
    labels = labels_of(attributes={"note": "old"})

    assert edits.with_note(labels, {"a"}, note=note).instance("a").attributes == {}


def test_the_same_note_gives_the_very_same_labels() -> None:
    labels = labels_of(attributes={"note": "old"})

    assert edits.with_note(labels, {"a"}, note="old ") is labels


def test_an_attribute_of_that_name_that_is_no_text_is_no_note() -> None:
    assert labels_of(attributes={"note": 5}).instance("a").note == ""
