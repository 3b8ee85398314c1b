"""Which images are shown, and what comes first."""

import pytest

from core.project import LabelSummary
from core.types import ImageState
from gui.widgets.image_order import Shown, Sorting, Wish, arranged

UNTOUCHED, STARTED, DONE = ImageState.UNTOUCHED, ImageState.STARTED, ImageState.DONE
SUMMARIES = {
    "done.png": LabelSummary(DONE, class_counts={1: 5}),
    "fresh.png": LabelSummary(UNTOUCHED, 2, {1: 2}, least_score=0.9),
    "left.png": LabelSummary(DONE, 1, {1: 1}, least_score=0.1),
    "begun.png": LabelSummary(STARTED, class_counts={2: 9}),
    "unsure.png": LabelSummary(STARTED, 1, {2: 1}, least_score=0.2),
}
KEYS = (*SUMMARIES, "new.png", "sub/broken.jpg")


def test_a_plain_wish_shows_all_by_name() -> None:
    assert arranged(Wish(), KEYS, SUMMARIES) == list(KEYS)
    assert not Wish(text="a").needs_labels


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
    assert arranged(Wish(shown=shown), KEYS, SUMMARIES, problems=problems) == expected


def test_images_are_shown_by_class_and_state_and_name_together() -> None:
    assert arranged(Wish(class_id=2), KEYS, SUMMARIES) == ["begun.png", "unsure.png"]
    wish = Wish("UNS", Shown.STARTED, class_id=2)
    assert arranged(wish, KEYS, SUMMARIES) == ["unsure.png"]


def test_what_needs_a_person_most_comes_first() -> None:
    expected = [
        "unsure.png", "fresh.png", "begun.png", "new.png", "sub/broken.jpg", "done.png", "left.png",
    ]  # fmt: skip
    assert arranged(Wish(sorting=Sorting.NEED), KEYS, SUMMARIES) == expected


def test_what_has_the_most_instances_comes_first() -> None:
    shown = arranged(Wish(sorting=Sorting.INSTANCES), KEYS, SUMMARIES)
    assert shown[:3] == ["begun.png", "done.png", "fresh.png"]
