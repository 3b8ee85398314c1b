"""Rounds held against each other, and what they say about another one."""

import pytest

from core.effort import Round, Visit, conclusion, rounds_of


def visit(image: str, weights: str, *, seconds: float = 100, drawn: int = 0, **more: int) -> Visit:
    counts = {"actions": 10, "accepted": 0, "edited": 0, "rejected": 0, "vertices": 0} | more
    return Visit(0, image, seconds, weights, drawn=drawn, ious=(), **counts)


def round_of(weights: str, *, each: float, n: int = 50, n_images: int = 10) -> Round:
    """A round in which an instance took so many seconds."""
    return Round(weights, n_images, each * n, 3 * n, n, 0, 0, 0, 0, ())


def test_visits_are_added_up_by_the_weights() -> None:
    rounds = rounds_of(
        [
            visit("b.jpg", "first", accepted=3, edited=1, rejected=1, vertices=8, actions=4),
            visit("a.jpg", "", drawn=5),
            visit("b.jpg", "first", accepted=-1, edited=2, seconds=20, vertices=4, actions=2),
            visit("c.jpg", "second", accepted=4),
        ]
    )
    assert [one.weights for one in rounds] == ["", "first", "second"]
    first = rounds[1]
    assert (first.n_images, first.n_instances, first.seconds) == (1, 5, 120)
    assert first.seconds_each == 24
    assert first.actions_each == 6 / 5
    assert first.untouched_percent == pytest.approx(100 * 2 / 6)
    assert first.vertices_each == 4


def test_what_cannot_be_said_is_none() -> None:
    (alone,) = rounds_of([visit("a.jpg", "")])
    assert alone.name == "by hand"
    assert alone.seconds_each is None
    assert alone.untouched_percent is None
    assert alone.vertices_each is None
    assert alone.mean_iou is None


@pytest.mark.parametrize(
    ("rounds", "words"),
    [
        ((), "Nothing is recorded yet"),
        (
            (round_of("", each=40, n=3),),
            "3 instances recorded in the last round (by hand): too few",
        ),
        ((round_of("", each=40),), "By hand an instance takes 40 s. Fine-tune"),
        ((round_of("w", each=9),), "With w an instance takes 9.0 s. After another"),
        (
            (round_of("", each=40), round_of("w", each=10)),
            "took 40 s by hand and takes 10 s with w, 75 % less. Another round is likely worth it",
        ),
        (
            (round_of("v", each=10), round_of("w", each=9.9)),
            "took 10 s with v and takes 9.9 s with w: hardly any change. Another round will save",
        ),
        (
            (round_of("v", each=10), round_of("w", each=15)),
            "15 s with w, 50 % more. The last round did not help",
        ),
    ],
)
def test_a_sentence_says_whether_another_round_is_worth_it(
    rounds: tuple[Round, ...], words: str
) -> None:
    assert words in conclusion(rounds)


def test_a_round_of_few_instances_is_not_compared_with() -> None:
    rounds = (round_of("u", each=20), round_of("v", each=2, n=3), round_of("w", each=10))
    assert "took 20 s with u and takes 10 s with w" in conclusion(rounds)


@pytest.mark.parametrize(
    ("n_left", "words"),
    [
        (0, "rest: then this page shows what the first round saves."),
        (1, "The 1 image that is not done will take about 50 s at this pace."),
        (12, "The 12 images that are not done will take about 10 min at this pace."),
        (600, "The 600 images that are not done will take about 8 h 20 min at this pace."),
    ],
)
def test_it_says_how_long_what_is_left_will_take(n_left: int, words: str) -> None:
    assert conclusion((round_of("", each=10),), n_images_left=n_left).endswith(words)
