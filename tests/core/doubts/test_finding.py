"""Doubts on drawn shapes: each kind is found where it is, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from core.doubts import Doubt, DoubtKind, doubts_of
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

NAMES = {1: "fig", 2: "date"}
SIZE_HW = (200, 300)


def blob(
    name: str,
    x: float,
    *,
    radius: float = 20,
    class_id: int = 1,
    score: float | None = None,
    state: InstanceState = InstanceState.DRAWN,
) -> Instance:
    """A polygon of 24 vertices around (x, 100)."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(angles), 100 + radius * np.sin(angles)])
    return Instance(name, class_id, (Part(ring),), state=state, score=score)


def seen(name: str, x: float, *, radius: float = 20, class_id: int = 1, score: float = 0.9):
    state = InstanceState.PREDICTED
    return blob(name, x, radius=radius, class_id=class_id, score=score, state=state)


def found(*instances: Instance, predicted=(), state=ImageState.STARTED) -> tuple[Doubt, ...]:
    return doubts_of("a.jpg", ImageLabels(SIZE_HW, instances, state), predicted, names=NAMES)


def test_labels_that_the_model_agrees_with_raise_no_doubt() -> None:
    assert found(blob("a", 50), blob("b", 150), predicted=[seen("p", 50), seen("q", 150)]) == ()


def test_what_the_model_is_sure_of_and_nobody_labelled_is_missed() -> None:
    (one,) = found(blob("a", 50), predicted=[seen("p", 50), seen("q", 150)])
    assert (one.kind, one.ids, one.seen.id) == (DoubtKind.MISSED, (), "q")
    assert one.sentence == "The model is 90 % sure of a fig here, and nothing is labelled."
    assert one.box_xyxy == pytest.approx((130, 80, 170, 120))


def test_what_the_model_is_less_sure_of_is_not_missed() -> None:
    assert found(predicted=[seen("q", 150, score=0.7)]) == ()


def test_nothing_is_missed_in_an_image_that_nobody_began() -> None:
    assert found(predicted=[seen("q", 150)], state=ImageState.UNTOUCHED) == ()


def test_what_was_turned_down_is_not_missed() -> None:
    labels = ImageLabels(SIZE_HW, (), ImageState.STARTED, rejected=(seen("old", 151),))
    assert doubts_of("a.jpg", labels, [seen("q", 150)], names=NAMES) == ()


def test_what_lies_in_a_crowd_is_not_missed() -> None:
    crowd = replace(blob("a", 150, radius=60), crowd=True)
    assert found(crowd, predicted=[seen("q", 150)]) == ()


def test_another_class_at_the_same_place_is_doubted() -> None:
    (one,) = found(blob("a", 50), predicted=[seen("p", 51, class_id=2)])
    assert (one.kind, one.ids) == (DoubtKind.WRONG_CLASS, ("a",))
    assert one.sentence == "It is labelled fig; the model is 90 % sure that it is a date."


def test_a_class_that_the_model_sees_too_is_not_doubted() -> None:
    assert found(blob("a", 50), predicted=[seen("p", 50), seen("q", 51, class_id=2)]) == ()


def test_a_border_that_the_model_draws_elsewhere_is_doubted() -> None:
    (one,) = found(blob("a", 50, radius=25), predicted=[seen("p", 50)])  # IoU about (20/25)^2 = .64
    assert (one.kind, one.ids) == (DoubtKind.LOOSE, ("a",))
    assert "65 % in common" in one.sentence


def test_a_model_without_masks_says_nothing_of_borders() -> None:
    box = Part(np.array([[25, 75], [75, 75], [75, 125], [25, 125]]))
    assert found(blob("a", 50), predicted=[replace(seen("p", 50), parts=(box,))]) == ()


def test_predictions_that_nobody_looked_at_are_not_held_against_others() -> None:
    shown = blob("a", 50, radius=25, state=InstanceState.PREDICTED, score=0.6)
    assert found(shown, predicted=[seen("p", 50)]) == ()


def test_two_instances_of_a_class_on_each_other_are_a_double() -> None:
    (one,) = found(blob("a", 50), blob("b", 51), blob("c", 51, class_id=2))
    assert (one.kind, set(one.ids)) == (DoubtKind.DOUBLE, {"a", "b"})


def test_a_double_is_found_among_a_thousand_instances() -> None:
    many = [blob(f"m{n}", 300 * n, state=InstanceState.DRAWN) for n in range(1000)]
    labels = ImageLabels((200, 300_000), (*many, blob("z", 300 * 3 + 1)), ImageState.STARTED)
    (one,) = (d for d in doubts_of("a.jpg", labels, (), names=NAMES) if d.kind == DoubtKind.DOUBLE)
    assert one.ids == ("m3", "z")


def test_neighbours_of_a_class_are_no_double() -> None:
    assert found(blob("a", 50), blob("b", 62)) == ()


def test_a_tiny_one_is_found() -> None:
    (one,) = found(blob("a", 50, radius=2))
    assert one.kind is DoubtKind.TINY
    assert one.sentence == "This fig covers only 12 square pixels."


def test_one_off_the_image_is_found() -> None:
    (one,) = found(blob("a", 290))
    assert one.kind is DoubtKind.OUTSIDE
    assert "10 pixels over the edge" in one.sentence


def test_an_outline_that_crosses_itself_is_found() -> None:
    bow = Part(np.array([[20, 20], [80, 80], [80, 20], [20, 80]]))
    (one,) = found(replace(blob("a", 50), parts=(bow,)))
    assert one.kind is DoubtKind.CROSSING


def test_what_costs_a_training_most_comes_first() -> None:
    doubts = found(blob("a", 50, radius=2), predicted=[seen("q", 150)])
    assert [one.kind for one in doubts] == [DoubtKind.MISSED, DoubtKind.TINY]
