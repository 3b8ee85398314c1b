from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import edits
from core.merge import ASKED_FOR, merge, showing, unjudged
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

EDITED = InstanceState.EDITED
PREDICTED = InstanceState.PREDICTED
PERSONS = [InstanceState.ACCEPTED, InstanceState.EDITED, InstanceState.DRAWN]


def instance(
    name: str,
    x: float,
    *,
    state: InstanceState = PREDICTED,
    class_id: int = 1,
    width: float = 10,
    score: float | None = 0.75,
) -> Instance:
    ring = np.array([[x, 10], [x + width, 10], [x + width, 20], [x, 20]])
    return Instance(name, class_id, (Part(ring),), state=state, score=score, source="weights")


def labels(*instances: Instance, rejected: tuple[Instance, ...] = ()) -> ImageLabels:
    return ImageLabels((100, 200), instances, rejected=rejected)


def ids(of: ImageLabels) -> list[str]:
    return [one.id for one in of.instances]


def test_predictions_come_into_an_empty_image_with_all_they_have():
    new = (instance("a", 0), instance("b", 50, class_id=7, score=0.125))
    after = merge(labels(), new)
    assert after.instances == new
    assert after.state is ImageState.UNTOUCHED


def test_predictions_that_nobody_looked_at_are_replaced():
    assert ids(merge(labels(instance("old", 0)), [instance("new", 50)])) == ["new"]


def test_no_prediction_at_all_takes_the_old_ones_away():
    assert ids(merge(labels(instance("old", 0)), [])) == []


@pytest.mark.parametrize("state", PERSONS)
def test_what_a_person_vouches_for_stays_as_it_is(state):
    mine = instance("mine", 0, state=state)
    after = merge(labels(mine, instance("old", 100)), [instance("new", 50)])
    assert ids(after) == ["mine", "new"]
    assert after.instances[0] is mine


def test_what_a_person_asked_for_by_a_text_stays_until_it_is_judged():
    asked = replace(instance("asked", 0), source=f"{ASKED_FOR}date")
    after = merge(labels(asked), [instance("same", 1), instance("new", 50)])
    assert ids(after) == ["asked", "new"]
    assert ids(showing(after, [instance("new", 50, score=0.5)], threshold=0.9)) == ["asked"]


@pytest.mark.parametrize("class_id", [1, 2])
def test_a_prediction_of_a_kept_object_is_dropped_whatever_its_class(class_id):
    after = merge(
        labels(instance("mine", 0, state=EDITED)), [instance("new", 2, class_id=class_id)]
    )
    assert ids(after) == ["mine"]


def test_the_line_is_an_iou_of_one_half():
    mine = instance("mine", 0, state=EDITED, width=20)
    assert ids(merge(labels(mine), [instance("half", 0, width=10)])) == ["mine"]
    assert ids(merge(labels(mine), [instance("less", 0, width=9)])) == ["mine", "less"]


def test_it_is_masks_that_are_compared_and_not_boxes():
    upper = Instance("mine", 1, (Part(np.array([[0, 0], [50, 0], [0, 50]])),))
    lower = Part(np.array([[50, 50], [50, 1], [1, 50]]))
    new = Instance("new", 1, (lower,), state=PREDICTED)
    assert ids(merge(labels(upper), [new])) == ["mine", "new"]


def test_a_hole_is_no_object():
    outer = np.array([[0, 0], [60, 0], [60, 60], [0, 60]])
    hole = np.array([[2, 2], [58, 2], [58, 58], [2, 58]])
    ring = Instance("mine", 1, (Part(outer, (hole,)),))
    assert ids(merge(labels(ring), [Instance("new", 1, (Part(hole),), state=PREDICTED)])) == [
        "mine",
        "new",
    ]


def test_a_rejected_prediction_does_not_come_back_in_its_class():
    before = labels(rejected=(instance("no", 0, class_id=3),))
    after = merge(before, [instance("again", 1, class_id=3), instance("other", 1, class_id=4)])
    assert ids(after) == ["other"]
    assert after.rejected == before.rejected


@pytest.mark.parametrize("state", [*PERSONS, PREDICTED])
def test_in_a_done_image_nothing_changes(state):
    before = replace(labels(instance("one", 0, state=state)), state=ImageState.DONE)
    assert merge(before, [instance("new", 50)]) is before


@pytest.mark.parametrize("state", [ImageState.UNTOUCHED, ImageState.STARTED])
def test_the_state_of_the_image_stays(state):
    before = replace(labels(instance("mine", 0, state=EDITED)), state=state)
    assert merge(before, [instance("new", 50)]).state is state


def test_an_id_that_is_in_use_is_not_given_twice():
    before = labels(instance("x", 0, state=EDITED), rejected=(instance("y", 150),))
    after = merge(before, [instance("x", 50), instance("y", 80), instance("z", 100)])
    assert len({*ids(after), "y"}) == 5
    assert ids(after)[3] == "z"


def test_what_is_no_prediction_is_refused():
    with pytest.raises(ValueError, match="only predictions"):
        merge(labels(), [instance("new", 0, state=EDITED)])


boxes = st.builds(
    instance,
    st.uuids().map(str),
    st.integers(-15, 195),
    state=st.sampled_from(InstanceState),
    class_id=st.integers(1, 2),
    width=st.integers(1, 40),
)


@settings(max_examples=100)
@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=3), st.lists(boxes, max_size=6))
def test_merging_again_changes_nothing_and_never_loses_a_persons_work(now, turned_down, new):
    before = labels(*now, rejected=tuple(turned_down))
    predicted = [replace(one, state=PREDICTED) for one in new]
    once = merge(before, predicted)
    assert merge(once, predicted) == once
    assert [one for one in now if one.is_of_person] == [
        one for one in once.instances if one.is_of_person
    ]


def scored(name: str, x: float, score: float) -> Instance:
    return instance(name, x, score=score)


def shown(before: ImageLabels, predicted: list[Instance], threshold: float) -> ImageLabels:
    return showing(before, unjudged(before, predicted), threshold=threshold)


PREDICTED_ONCE = [scored("a", 0, 0.9), scored("b", 50, 0.5), scored("c", 100, 0.2)]


def test_a_lower_threshold_brings_the_same_instances_back_in_the_same_order():
    low = shown(labels(), PREDICTED_ONCE, 0.1)
    high = shown(low, PREDICTED_ONCE, 0.8)
    assert ids(high) == ["a"]
    assert shown(high, PREDICTED_ONCE, 0.1) == low


def test_a_class_shows_from_its_own_threshold_on():
    predicted = [PREDICTED_ONCE[0], *(replace(one, class_id=2) for one in PREDICTED_ONCE[1:])]
    after = showing(labels(), predicted, threshold=Thresholds(0.95, {2: 0.3}))
    assert ids(after) == ["b"]


def test_a_prediction_that_shows_stays_the_very_same():
    # what its label file says of it would be lost with another one
    low = shown(labels(), [scored("a", 0, 0.9)], 0.1)
    assert shown(low, PREDICTED_ONCE, 0.1).instances[0] is low.instances[0]


def test_a_prediction_that_was_taken_over_and_moved_away_does_not_come_back():
    mine = replace(scored("a", 150, 0.9), state=EDITED)
    assert ids(shown(labels(mine), PREDICTED_ONCE, 0.1)) == ["a", "b", "c"]
    assert shown(labels(mine), PREDICTED_ONCE, 0.1).instances[0] is mine


def test_an_accepted_prediction_stays_above_any_threshold_and_has_no_double():
    low = shown(labels(), PREDICTED_ONCE, 0.1)
    taken = replace(low.instances[2], state=InstanceState.ACCEPTED)
    now = replace(low, instances=(*low.instances[:2], taken))
    assert ids(shown(now, PREDICTED_ONCE, 0.8)) == ["c", "a"]
    assert ids(shown(now, PREDICTED_ONCE, 0.1)) == ["c", "a", "b"]


def test_a_rejected_prediction_stays_rejected_at_any_threshold():
    low = shown(labels(), PREDICTED_ONCE, 0.1)
    now = replace(low, instances=low.instances[:2], rejected=(low.instances[2],))
    assert ids(shown(now, PREDICTED_ONCE, 0.05)) == ["a", "b"]


@pytest.mark.parametrize("threshold", [0.0, 0.95])
def test_the_threshold_changes_nothing_in_a_done_image(threshold):
    before = replace(labels(scored("a", 0, 0.5)), state=ImageState.DONE)
    assert shown(before, PREDICTED_ONCE, threshold) is before


scores = st.floats(0, 1, width=16)
once = st.lists(
    st.builds(scored, st.uuids().map(str), st.integers(-15, 195), scores), max_size=6
).map(lambda some: sorted(some, key=lambda one: -one.score))


@settings(max_examples=150)
@given(
    st.lists(boxes.filter(lambda one: one.is_of_person), max_size=4),
    st.lists(boxes, max_size=2),
    once,
    st.lists(scores, min_size=1, max_size=6),
)
def test_any_way_to_a_threshold_ends_as_the_straight_one(persons, turned_down, predicted, way):
    before = labels(*persons, rejected=tuple(turned_down))
    now = before
    for threshold in way:
        now = shown(now, predicted, threshold)
    assert now == shown(before, predicted, way[-1])


@settings(max_examples=100)
@given(once, st.lists(st.tuples(scores, st.integers(0, 5), st.booleans()), max_size=6))
def test_what_a_person_judged_on_the_way_stays_judged(predicted, steps):
    now = labels()
    for threshold, place, accepts in steps:
        now = shown(now, predicted, threshold)
        picked = [one.id for one in now.instances[place : place + 1]]
        now = edits.accepted(now, picked) if accepts else edits.rejected(now, picked)
        of_person = [one for one in now.instances if one.is_of_person]
        after = shown(now, predicted, 0.0)
        assert [one for one in after.instances if one.is_of_person] == of_person
        assert after.rejected == now.rejected
        assert not {one.id for one in now.rejected} & set(ids(after))
        assert len(set(ids(after))) == len(after.instances)
