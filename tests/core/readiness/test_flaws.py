"""Flaws of outlines, and that each fix leaves none of its kind."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.readiness import Flaw, flaws_in
from core.readiness.fixes import MendFlaws
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

BOX = [(10, 10), (60, 10), (60, 60), (10, 60)]
BOW = [(10, 10), (60, 60), (60, 10), (10, 60)]
FLAT = [(10, 10), (60, 10), (30, 10)]
POINT = [(10, 10), (10, 10), (60, 60)]
SPECK = [(10, 10), (10.9, 10), (10.9, 10.9), (10, 10.9)]
OVER = [(150, 10), (230, 10), (230, 60), (150, 60)]
BEYOND = [(210, 10), (260, 10), (260, 60), (210, 60)]


def labels_of(*rings: Sequence[tuple[float, float]]) -> ImageLabels:
    """Instances a, b and so on in an image of 200 x 100 pixels."""
    instances = tuple(
        Instance(chr(97 + place), 1, (Part(ring),)) for place, ring in enumerate(rings)
    )
    return ImageLabels((100, 200), instances, ImageState.DONE)


def without(flaw: Flaw, labels: ImageLabels) -> ImageLabels:
    """The labels after a fix of what of this kind is in them."""
    ids = frozenset(one.doubt.ids for one in flaws_in("a.jpg", labels) if one.flaw is flaw)
    return MendFlaws(flaw, {"a.jpg": ids}).changed("a.jpg", labels)


def flaws(labels: ImageLabels) -> list[Flaw]:
    return [one.flaw for one in flaws_in("a.jpg", labels)]


def test_what_is_sound_has_no_flaw() -> None:
    assert flaws(labels_of(BOX)) == []


@pytest.mark.parametrize(
    ("ring", "flaw"),
    [
        (BOW, Flaw.CROSSING),
        (FLAT, Flaw.FLAT),
        (POINT, Flaw.FLAT),
        (SPECK, Flaw.FLAT),
        (OVER, Flaw.OVER_EDGE),
        (BEYOND, Flaw.OUTSIDE),
    ],
)
def test_each_flaw_is_found_alone_and_its_fix_leaves_none(
    ring: list[tuple[float, float]], flaw: Flaw
) -> None:
    labels = labels_of([(x, y + 35) for x, y in BOX], ring)
    assert flaws(labels) == [flaw]
    after = without(flaw, labels)
    assert flaws(after) == []
    assert after.instances[0] is labels.instances[0]
    assert after.state is ImageState.DONE
    gone = flaw in (Flaw.FLAT, Flaw.OUTSIDE)
    assert len(after.instances) == (1 if gone else 2)


def test_a_fix_of_one_flaw_leaves_the_others() -> None:
    labels = labels_of(BOW, OVER)
    assert flaws(without(Flaw.CROSSING, labels)) == [Flaw.OVER_EDGE]


def test_a_fix_gives_the_very_same_labels_where_there_is_no_flaw() -> None:
    labels = labels_of(BOX)
    assert all(without(flaw, labels) is labels for flaw in Flaw)


def test_what_nobody_was_told_of_stays() -> None:
    labels = labels_of(BOW, BOW[::-1])
    fix = MendFlaws(Flaw.CROSSING, {"a.jpg": frozenset({("a",)}), "b.jpg": frozenset({("b",)})})
    assert fix.changed("a.jpg", labels).instances[1] is labels.instances[1]
    assert fix.changed("c.jpg", labels) is labels


def test_one_thing_labelled_twice_is_one_flaw_and_one_stays() -> None:
    labels = labels_of(BOX, [(x + 1, y) for x, y in BOX])
    assert flaws(labels) == [Flaw.TWICE]
    after = without(Flaw.TWICE, labels)
    assert [one.id for one in after.instances] == ["a"]


def test_predictions_have_no_flaws_as_they_teach_nothing() -> None:
    labels = labels_of(BOW, BEYOND, FLAT)
    predicted = tuple(
        replace(one, state=InstanceState.PREDICTED, score=0.5) for one in labels.instances
    )
    assert flaws(replace(labels, instances=predicted)) == []


def test_what_a_person_said_is_right_all_the_same_is_left_out() -> None:
    found = flaws_in("a.jpg", labels_of(BOW, BEYOND), left=lambda _: ())
    assert [one.flaw for one in found] == [Flaw.OUTSIDE]


points = st.tuples(st.integers(-60, 260), st.integers(-60, 160))
rings = st.lists(points, min_size=3, max_size=7)


@settings(max_examples=40)
@given(st.lists(rings, min_size=1, max_size=4))
def test_a_fix_leaves_none_of_its_flaw_whatever_the_outlines(
    drawn: list[list[tuple[int, int]]],
) -> None:
    labels = labels_of(*drawn)
    for flaw in Flaw:
        labels = without(flaw, labels)
        assert flaw not in flaws(labels)


@settings(max_examples=40)
@given(st.lists(rings, min_size=2, max_size=4))
def test_a_fix_of_an_instance_of_several_parts_leaves_none_either(
    drawn: list[list[tuple[int, int]]],
) -> None:
    labels = labels_of(BOX)
    (box,) = labels.instances
    labels = replace(labels, instances=(replace(box, parts=tuple(map(Part, drawn))),))
    for flaw in Flaw:
        labels = without(flaw, labels)
        assert flaw not in flaws(labels)
