"""Rounds on drawn shapes: squares that two models see, and what a person labelled."""

from dataclasses import replace

import numpy as np
import pytest

from core.rounds import Difference, Kind, accepted_from, differences, with_outline_taken
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

SIZE_HW = (100, 200)


def seen(
    name: str,
    x: float,
    *,
    width: float = 40,
    class_id: int = 1,
    score: float | None = 0.8,
    state: InstanceState = InstanceState.PREDICTED,
) -> Instance:
    """A rectangle from (x, 10), 40 high."""
    ring = np.array([[x, 10], [x + width, 10], [x + width, 50], [x, 50]])
    return Instance(name, class_id, (Part(ring),), state=state, score=score)


def drawn(name: str, x: float, *, width: float = 40, class_id: int = 1) -> Instance:
    state = InstanceState.DRAWN
    return seen(name, x, width=width, class_id=class_id, score=None, state=state)


def labels(*instances: Instance, state: ImageState = ImageState.STARTED) -> ImageLabels:
    return ImageLabels(SIZE_HW, instances, state)


def kinds(found: tuple[Difference, ...]) -> list[Kind]:
    return [one.kind for one in found]


def test_what_only_the_new_model_sees_is_new() -> None:
    (one,) = differences([], [seen("n", 10)], labels())
    assert (one.kind, one.old, one.instance.id) == (Kind.NEW, None, "n")


def test_what_only_the_old_model_saw_is_gone() -> None:
    (one,) = differences([seen("o", 10)], [], labels())
    assert (one.kind, one.new, one.instance.id) == (Kind.GONE, None, "o")


def test_the_same_square_is_the_same_object() -> None:
    (one,) = differences([seen("o", 10)], [seen("n", 12)], labels())
    assert (one.kind, one.old.id, one.new.id) == (Kind.SAME, "o", "n")


def test_squares_that_share_less_than_half_are_two_objects() -> None:
    found = differences([seen("o", 10)], [seen("n", 30)], labels())
    assert sorted(kinds(found)) == [Kind.GONE, Kind.NEW]


def test_the_mask_nearer_to_the_label_is_better() -> None:
    old, new = seen("o", 10, width=60), seen("n", 10, width=44)
    (one,) = differences([old], [new], labels(drawn("a", 10)))
    assert one.kind is Kind.BETTER
    assert one.old_iou == pytest.approx(40 / 60)
    assert one.new_iou == pytest.approx(40 / 44)
    (back,) = differences([new], [old], labels(drawn("a", 10)))
    assert back.kind is Kind.WORSE


def test_the_right_class_is_better_than_the_wrong_one() -> None:
    old, new = seen("o", 10, class_id=2), seen("n", 10)
    (one,) = differences([old], [new], labels(drawn("a", 10)))
    assert (one.kind, one.old_iou, one.new_iou) == (Kind.BETTER, 0.0, 1.0)


def test_without_a_label_the_surer_one_is_better() -> None:
    old, new = seen("o", 10, score=0.4), seen("n", 10, score=0.9)
    assert kinds(differences([old], [new], labels())) == [Kind.BETTER]
    assert kinds(differences([new], [old], labels())) == [Kind.WORSE]


def test_each_object_is_matched_once() -> None:
    found = differences([seen("o", 10)], [seen("n", 10), seen("m", 12)], labels())
    assert kinds(found) == [Kind.SAME, Kind.NEW]


def test_an_object_of_the_same_class_is_matched_before_one_that_lies_nearer() -> None:
    old = [seen("o", 10), seen("p", 14, class_id=2)]
    new = [seen("n", 10, class_id=2), seen("m", 14)]
    found = {one.new.id: one.old.id for one in differences(old, new, labels())}
    assert found == {"n": "p", "m": "o"}


def test_a_new_one_is_accepted_into_the_labels() -> None:
    found = differences([], [seen("n", 10)], labels())
    after = accepted_from(labels(), found)
    (one,) = after.instances
    assert (one.id, one.state, one.score) == ("n", InstanceState.ACCEPTED, 0.8)


def test_accepting_what_shows_already_takes_its_place() -> None:
    shown = labels(seen("n", 10), seen("other", 120))
    after = accepted_from(shown, differences([], [seen("n", 10)], shown))
    assert [(one.id, one.state) for one in after.instances] == [
        ("other", InstanceState.PREDICTED),
        ("n", InstanceState.ACCEPTED),
    ]


def test_accepting_a_better_one_replaces_the_old_ones_prediction() -> None:
    old, new = seen("o", 10, score=0.4), seen("n", 12, score=0.9)
    after = accepted_from(labels(old), differences([old], [new], labels(old)))
    (one,) = after.instances
    assert (one.parts, one.state) == (new.parts, InstanceState.ACCEPTED)


def test_accepting_that_one_is_gone_turns_it_down() -> None:
    old = seen("o", 10)
    after = accepted_from(labels(old), differences([old], [], labels(old)))
    assert after.instances == ()
    assert after.rejected == (old,)


def test_by_rule_nothing_changes_what_a_person_made() -> None:
    before = labels(drawn("a", 10))
    found = differences([seen("o", 10, width=60)], [seen("n", 10, width=44)], before)
    assert accepted_from(before, found) is before


def test_what_a_person_made_meanwhile_stays_alone() -> None:
    found = differences([], [seen("n", 10)], labels())
    since = labels(drawn("a", 11))
    assert accepted_from(since, found) is since


def test_a_done_image_stays_as_it_is() -> None:
    done = labels(state=ImageState.DONE)
    assert accepted_from(done, differences([], [seen("n", 10)], done)) is done


def test_a_person_may_take_an_outline_for_their_own_instance() -> None:
    before = labels(drawn("a", 10))
    (one,) = differences([], [seen("n", 10, width=44, class_id=2)], before)
    after = with_outline_taken(before, one)
    (mine,) = after.instances
    assert (mine.id, mine.class_id, mine.parts) == ("a", 2, one.new.parts)


def test_an_id_that_is_taken_becomes_another() -> None:
    before = replace(labels(), rejected=(seen("n", 120),))
    after = accepted_from(before, differences([], [seen("n", 10)], before))
    assert after.instances[0].id != "n"


def test_an_object_in_a_crowd_is_not_taken_for_the_crowd() -> None:
    crowd = replace(drawn("crowd", 0, width=200), crowd=True)
    (one,) = differences([], [seen("n", 10)], labels(crowd))
    assert one.label is None
    assert with_outline_taken(labels(crowd), one) == labels(crowd)
