"""Ways out of doubts: after each, the doubt is gone, checked by the finder itself."""

from dataclasses import replace

import numpy as np
import pytest

from core.doubts import DoubtKind, doubts_of, mended
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

NAMES = {1: "fig", 2: "date"}


def blob(name: str, x: float, *, radius: float = 20, class_id: int = 1) -> Instance:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(angles), 100 + radius * np.sin(angles)])
    return Instance(name, class_id, (Part(ring),))


def seen(name: str, x: float, *, class_id: int = 1) -> Instance:
    made = blob(name, x, class_id=class_id)
    return replace(made, state=InstanceState.PREDICTED, score=0.9)


def bow() -> Instance:
    return replace(blob("a", 50), parts=(Part([[20, 20], [80, 80], [80, 20], [20, 80]]),))


def doubts(labels: ImageLabels, *predicted: Instance):
    return doubts_of("a.jpg", labels, predicted, names=NAMES)


@pytest.mark.parametrize(
    ("kind", "instances", "predicted"),
    [
        (DoubtKind.MISSED, (), (seen("p", 50),)),
        (DoubtKind.WRONG_CLASS, (blob("a", 50),), (seen("p", 50, class_id=2),)),
        (DoubtKind.LOOSE, (blob("a", 50, radius=25),), (seen("p", 50),)),
        (DoubtKind.DOUBLE, (blob("a", 50), blob("b", 51)), ()),
        (DoubtKind.OUTSIDE, (blob("a", 290),), ()),
        (DoubtKind.CROSSING, (bow(),), ()),
        (DoubtKind.TINY, (blob("a", 50, radius=2),), ()),
    ],
)
def test_what_is_mended_is_doubted_no_more(kind, instances, predicted) -> None:
    labels = ImageLabels((200, 300), instances, ImageState.STARTED)
    (doubt,) = doubts(labels, *predicted)
    assert doubt.kind is kind
    after = mended(labels, [doubt])
    assert doubts(after, *predicted) == ()
    assert after.state is ImageState.STARTED


def test_a_part_that_covers_nothing_goes_with_the_crossing_of_another() -> None:
    line = Part([[20, 150], [80, 150], [50, 150]])
    one = replace(bow(), parts=(*bow().parts, line))
    labels = ImageLabels((200, 300), (one,), ImageState.DONE)
    (after,) = mended(labels, doubts(labels)).instances
    assert len(after.parts) == 2
    assert line not in after.parts


def test_of_a_double_what_a_person_made_stays() -> None:
    labels = ImageLabels((200, 300), (blob("mine", 50), seen("p", 51)), ImageState.STARTED)
    assert [one.id for one in mended(labels, doubts(labels)).instances] == ["mine"]
    turned = replace(labels, instances=labels.instances[::-1])
    assert [one.id for one in mended(turned, doubts(turned)).instances] == ["mine"]


def test_a_missed_object_is_accepted() -> None:
    labels = ImageLabels((200, 300), (), ImageState.STARTED)
    (one,) = mended(labels, doubts(labels, seen("p", 50))).instances
    assert (one.state, one.score) == (InstanceState.ACCEPTED, 0.9)


def test_what_is_gone_by_now_is_passed_over() -> None:
    labels = ImageLabels((200, 300), (blob("a", 50), blob("b", 51)), ImageState.STARTED)
    found = doubts(labels)
    one = replace(labels, instances=labels.instances[:1])
    assert mended(one, found) is one
