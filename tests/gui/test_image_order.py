"""Which images are shown, and what comes first."""

import numpy as np
import pytest

from core.instance_rows import ROW, STATES
from core.project import LabelSummary
from core.query import parse
from core.thresholds import Thresholds
from core.types import ImageState, InstanceState, LabelClass
from gui.widgets.image_order import Known, Shown, Sorting, Wish, arranged

UNTOUCHED, STARTED, DONE = ImageState.UNTOUCHED, ImageState.STARTED, ImageState.DONE


def rows(n: int) -> bytes:
    """Of so many instances of which nothing is asked."""
    return np.zeros(n, ROW).tobytes()


SUMMARIES = {
    "done.png": LabelSummary(DONE, class_counts={1: 5}, rows=rows(5)),
    "fresh.png": LabelSummary(UNTOUCHED, 2, {1: 2}, least_score=0.9, rows=rows(2)),
    "left.png": LabelSummary(DONE, 1, {1: 1}, least_score=0.1, rows=rows(1)),
    "begun.png": LabelSummary(STARTED, class_counts={2: 9}, rows=rows(9)),
    "unsure.png": LabelSummary(STARTED, 1, {2: 1}, least_score=0.2, rows=rows(1)),
}
KEYS = (*SUMMARIES, "new.png", "sub/broken.jpg")


def test_a_plain_wish_shows_all_by_name() -> None:
    assert arranged(Wish(), KEYS, Known(SUMMARIES)) == list(KEYS)
    assert not Wish(parse("a")).needs_labels
    assert Wish(parse("image:done")).needs_labels


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown.UNTOUCHED, ["fresh.png", "new.png", "sub/broken.jpg"]),
        (Shown.STARTED, ["begun.png", "unsure.png"]),
        (Shown.DONE, ["done.png", "left.png"]),
        (Shown.TO_REVIEW, ["fresh.png", "left.png", "unsure.png"]),
        (Shown.PROBLEMS, ["fresh.png", "sub/broken.jpg"]),
    ],
)
def test_images_are_shown_by_their_state(shown: Shown, expected: list[str]) -> None:
    problems = ("sub/broken.jpg", "fresh.json", "other.png.json")
    assert arranged(Wish(shown=shown), KEYS, Known(SUMMARIES, problems)) == expected


def test_only_images_of_a_list_are_shown_and_of_these_what_else_is_wished() -> None:
    only = frozenset({"done.png", "begun.png", "gone.png"})
    assert arranged(Wish(only=only), KEYS, Known(SUMMARIES)) == ["done.png", "begun.png"]
    wish = Wish(only=only, shown=Shown.DONE)
    assert arranged(wish, KEYS, Known(SUMMARIES)) == ["done.png"]
    assert arranged(Wish(only=frozenset()), KEYS, Known(SUMMARIES)) == []


def test_images_are_shown_by_class_and_state_and_name_together() -> None:
    known = Known(SUMMARIES)
    assert arranged(Wish(class_id=2), KEYS, known) == ["begun.png", "unsure.png"]
    wish = Wish(parse("UNS"), Shown.STARTED, class_id=2)
    assert arranged(wish, KEYS, known) == ["unsure.png"]


def test_what_needs_a_person_most_comes_first() -> None:
    expected = [
        "unsure.png", "fresh.png", "begun.png", "new.png", "sub/broken.jpg", "done.png", "left.png",
    ]  # fmt: skip
    assert arranged(Wish(sorting=Sorting.NEED), KEYS, Known(SUMMARIES)) == expected


def test_what_has_the_most_instances_comes_first() -> None:
    shown = arranged(Wish(sorting=Sorting.INSTANCES), KEYS, Known(SUMMARIES))
    assert shown[:3] == ["begun.png", "done.png", "fresh.png"]


def predicted(*scores: float, state: ImageState = STARTED) -> LabelSummary:
    """The summary of an image with predictions of these scores."""
    rows = np.zeros(len(scores), ROW)
    rows["class_id"], rows["score"] = 1, scores
    rows["state"] = STATES.index(InstanceState.PREDICTED)
    return LabelSummary(
        state, len(scores), {1: len(scores)}, least_score=min(scores), rows=rows.tobytes()
    )


def test_a_query_and_a_filter_hold_together() -> None:
    known = Known(
        {"a.png": predicted(0.3), "b.png": predicted(0.9), "c.png": predicted(0.2, state=DONE)},
        classes=(LabelClass(1, "jeans", "#000000"),),
    )
    wish = Wish(parse("class:jeans score<0.5"), Shown.STARTED)
    assert arranged(wish, ("a.png", "b.png", "c.png"), known) == ["a.png"]


def test_what_has_the_most_predictions_near_the_threshold_comes_first() -> None:
    known = Known(
        {
            "sure.png": predicted(0.95, 0.9),
            "one.png": predicted(0.62, 0.9),
            "two.png": predicted(0.55, 0.65),
            "done.png": predicted(0.6, 0.6, 0.6, state=DONE),
            "less.png": predicted(0.52, 0.9),
        },
        thresholds=Thresholds(0.6),
    )
    shown = arranged(Wish(sorting=Sorting.UNCERTAINTY), tuple(known.summaries), known)
    assert shown == ["two.png", "less.png", "one.png", "sure.png", "done.png"]


def test_where_model_and_labels_differ_most_comes_first() -> None:
    known = Known(SUMMARIES, disagreements={"left.png": 3, "done.png": 0, "unsure.png": 5})
    shown = arranged(Wish(sorting=Sorting.DISAGREEMENT), KEYS, known)
    assert shown == ["unsure.png", "left.png", "done.png", "fresh.png", "begun.png", *KEYS[5:]]


def test_the_order_by_chance_is_each_time_the_same() -> None:
    keys = [f"{number:03}.png" for number in range(200)]
    wish = Wish(sorting=Sorting.RANDOM)
    shown = arranged(wish, keys, Known())
    assert sorted(shown) == keys
    assert shown != keys
    assert arranged(wish, keys, Known()) == shown
    assert arranged(wish, keys[1:], Known()) == [key for key in shown if key != keys[0]]


def test_near_is_near_to_the_threshold_of_the_class() -> None:
    known = Known(
        {"a.png": predicted(0.6), "b.png": predicted(0.2)}, thresholds=Thresholds(0.6, {1: 0.25})
    )
    wish = Wish(sorting=Sorting.UNCERTAINTY)
    assert arranged(wish, ("a.png", "b.png"), known) == ["b.png", "a.png"]
