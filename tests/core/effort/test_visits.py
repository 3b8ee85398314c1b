"""What a person does in an image, told from the edits."""

from dataclasses import replace

import numpy as np
import pytest

from core import edits
from core.effort import IDLE_S, Visit, VisitTracker, is_of_person
from core.merge import merge, showing
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

PREDICTED, ACCEPTED = InstanceState.PREDICTED, InstanceState.ACCEPTED


def square(name: str, x: float = 0, *, side: float = 20) -> Instance:
    corners = np.array([[x, 0], [x + side, 0], [x + side, side], [x, side]])
    return Instance(name, 1, (Part(corners),))


def prediction(name: str, x: float = 0, *, score: float = 0.9) -> Instance:
    return replace(square(name, x), state=PREDICTED, score=score, source="round-1/best.pth")


EMPTY = ImageLabels((100, 400))
THERE = replace(EMPTY, instances=(prediction("a"), prediction("b", 50), prediction("c", 100)))


class Person:
    """Works on an image, an edit a second."""

    def __init__(self, labels: ImageLabels) -> None:
        self.labels = labels
        self.now_s = 1000.0
        self.tracker = VisitTracker("img.jpg", labels, now_s=self.now_s)

    def makes(self, after: ImageLabels, *, after_s: float = 1) -> None:
        self.now_s += after_s
        self.tracker.step(self.labels, after, now_s=self.now_s)
        self.labels = after

    @property
    def visit(self) -> Visit:
        visit = self.tracker.visit(self.labels, at_s=7)
        assert visit is not None
        return visit


def test_a_look_alone_is_no_visit() -> None:
    person = Person(THERE)
    person.tracker.touch(1010)
    assert person.tracker.visit(person.labels, at_s=7) is None


def test_what_becomes_of_predictions_is_counted() -> None:
    person = Person(THERE)
    person.makes(edits.accepted(person.labels, ["a"]))
    person.makes(edits.rejected(person.labels, ["b"]))
    wider = np.array([[100, 0], [130, 0], [130, 20], [100, 20]])
    person.makes(edits.with_parts(person.labels, "c", parts=(Part(wider),)))
    person.makes(edits.with_instance_added(person.labels, square("mine", 200)))
    person.makes(edits.with_image_state(person.labels, ImageState.DONE))
    assert person.visit == Visit(
        7, "img.jpg", 5.0, "round-1/best.pth", actions=5,
        accepted=1, edited=1, drawn=1, rejected=1, vertices=2, ious=(round(2 / 3, 4),),
    )  # fmt: skip


def test_a_class_that_was_wrong_is_a_correction_of_no_vertex() -> None:
    person = Person(THERE)
    person.makes(edits.with_class_changed(person.labels, ["a"], class_id=2))
    assert (person.visit.edited, person.visit.vertices, person.visit.ious) == (1, 0, (1.0,))


def test_time_counts_up_to_a_pause() -> None:
    person = Person(THERE)
    person.makes(edits.accepted(person.labels, ["a"]), after_s=IDLE_S)
    person.makes(edits.accepted(person.labels, ["b"]), after_s=IDLE_S + 1)
    for seconds in (10, 20, 20 + 2 * IDLE_S):
        person.tracker.touch(person.now_s + seconds)
    assert person.visit.seconds == IDLE_S + 20


def test_what_is_taken_back_counts_as_an_action_and_nothing_else() -> None:
    person = Person(THERE)
    person.makes(edits.accepted(THERE, ["a"]))
    person.makes(THERE)
    assert (person.visit.actions, person.visit.accepted) == (2, 0)


def test_an_accepted_one_that_is_corrected_later_is_untouched_no_more() -> None:
    begin = edits.accepted(THERE, ["a"])
    person = Person(begin)
    smaller = Part(np.array([[0, 0], [20, 0], [20, 10], [0, 10]]))
    person.makes(edits.with_parts(begin, "a", parts=(smaller,)))
    assert (person.visit.accepted, person.visit.edited, person.visit.ious) == (-1, 1, (0.5,))


def test_what_was_a_persons_before_counts_once() -> None:
    begin = replace(EMPTY, instances=(square("mine"),))
    person = Person(begin)
    person.makes(edits.with_parts(begin, "mine", parts=square("mine", 5).parts))
    visit = person.visit
    assert (visit.actions, visit.drawn, visit.edited, visit.ious) == (1, 0, 0, ())


def test_predictions_that_come_in_the_middle_are_held_against_what_becomes_of_them() -> None:
    person = Person(EMPTY)
    person.makes(merge(EMPTY, THERE.instances))
    person.makes(edits.accepted(person.labels, ["a"]))
    assert (person.visit.actions, person.visit.accepted) == (1, 1)
    assert person.visit.weights == "round-1/best.pth"


@pytest.mark.parametrize(
    "after",
    [
        replace(THERE, instances=THERE.instances[:1]),
        showing(THERE, THERE.instances, threshold=0.95),
        replace(THERE, instances=(*THERE.instances, prediction("new", 200))),
    ],
)
def test_a_model_and_its_threshold_are_no_person(after: ImageLabels) -> None:
    assert not is_of_person(THERE, after)
    assert not is_of_person(after, THERE)


@pytest.mark.parametrize(
    "after",
    [
        edits.accepted(THERE, ["a"]),
        edits.rejected(THERE, ["a"]),
        edits.with_instance_added(THERE, square("mine")),
        edits.with_image_state(THERE, ImageState.DONE),
        replace(THERE, instances=THERE.instances[::-1]),
    ],
)
def test_every_other_edit_is_a_persons(after: ImageLabels) -> None:
    assert is_of_person(THERE, after)
    assert is_of_person(after, THERE)


def test_what_another_program_wrote_is_not_the_persons_work() -> None:
    person = Person(THERE)
    person.makes(edits.accepted(person.labels, ["a"]))
    elsewhere = edits.with_instance_added(person.labels, square("theirs", 200))
    elsewhere = edits.rejected(edits.accepted(elsewhere, ["b"]), ["c"])
    person.labels = elsewhere
    person.makes(edits.with_instance_added(elsewhere, square("mine", 300)))
    visit = person.visit
    assert (visit.accepted, visit.drawn, visit.rejected, visit.actions) == (1, 1, 0, 2)
