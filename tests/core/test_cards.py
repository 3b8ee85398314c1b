from dataclasses import replace

import numpy as np

from core.cards import REJECTED, CardOrder, accepted_or_restored, cards_of, in_order, turned_down
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part


def square(name: str, side: float, score: float | None = None) -> Instance:
    ring = np.array([[0, 0], [side, 0], [side, side], [0, side]])
    state = InstanceState.DRAWN if score is None else InstanceState.PREDICTED
    return Instance(name, 1, (Part(ring),), state=state, score=score)


def of(key: str, *instances: Instance, rejected: tuple[Instance, ...] = ()) -> list:
    return list(cards_of(key, ImageLabels((50, 50), instances, rejected=rejected)))


def test_each_instance_has_a_card_and_what_was_turned_down_too() -> None:
    cards = of("a.jpg", square("x", 10, 0.5), rejected=(square("y", 20, 0.4),))
    assert [(one.place, one.state, one.area) for one in cards] == [
        (("a.jpg", "x"), "predicted", 100.0),
        (("a.jpg", "y"), REJECTED, 400.0),
    ]


def test_a_card_says_whether_its_image_is_done() -> None:
    labels = ImageLabels((50, 50), (square("x", 10),), ImageState.DONE)
    assert cards_of("a.jpg", labels)[0].is_in_done


def test_the_least_sure_come_first_and_what_a_person_drew_last() -> None:
    cards = of("a.jpg", square("drawn", 10), square("sure", 10, 0.9), square("unsure", 10, 0.2))
    ordered = in_order(cards, CardOrder.SCORE, place_of={})
    assert [one.instance_id for one in ordered] == ["unsure", "sure", "drawn"]


def test_by_size_the_smallest_come_first() -> None:
    cards = of("a.jpg", square("large", 20), square("small", 5))
    ordered = in_order(cards, CardOrder.SIZE, place_of={})
    assert [one.instance_id for one in ordered] == ["small", "large"]


def test_by_image_they_come_as_the_project_counts() -> None:
    cards = [*of("b2.jpg", square("z", 9)), *of("b10.jpg", square("x", 20), square("y", 10))]
    ordered = in_order(cards, CardOrder.IMAGE, place_of={"b10.jpg": 1, "b2.jpg": 0})
    assert [one.instance_id for one in ordered] == ["z", "x", "y"]


def test_what_was_turned_down_can_be_accepted_after_all() -> None:
    gone = square("gone", 10, 0.4)
    labels = ImageLabels((50, 50), (square("x", 10, 0.5),), rejected=(gone, square("y", 20, 0.3)))
    after = accepted_or_restored(labels, {"gone"})
    assert after.instance("gone") == replace(gone, state=InstanceState.ACCEPTED)
    assert [one.id for one in after.rejected] == ["y"]
    assert after.instance("x").state is InstanceState.PREDICTED


def test_what_was_accepted_can_be_turned_down_after_all() -> None:
    accepted = replace(square("a", 10, 0.5), state=InstanceState.ACCEPTED)
    labels = ImageLabels((50, 50), (accepted, square("p", 20, 0.3)))
    after = turned_down(labels, {"a", "p"})
    assert after.instances == ()
    assert [(one.id, one.state) for one in after.rejected] == [
        ("a", InstanceState.PREDICTED),
        ("p", InstanceState.PREDICTED),
    ]


def test_what_a_person_drew_or_edited_is_not_turned_down() -> None:
    edited = replace(square("e", 10, 0.5), state=InstanceState.EDITED)
    labels = ImageLabels((50, 50), (edited, square("drawn", 10)))
    assert turned_down(labels, {"e", "drawn"}) is labels


def test_one_that_is_there_as_well_as_turned_down_is_accepted_once() -> None:
    twice = square("twice", 10, 0.4)
    labels = ImageLabels((50, 50), (twice,), rejected=(twice,))
    after = accepted_or_restored(labels, ["twice"])
    assert after.instances == (replace(twice, state=InstanceState.ACCEPTED),)
    assert after.rejected == (twice,)
