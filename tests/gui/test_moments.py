"""Moments and differences in words."""

from datetime import datetime, timedelta

import pytest

from core.edits import Difference
from core.types import ImageState
from gui.widgets.moments import difference_text, moment_text

NOON = datetime(2026, 11, 3, 12, 5, 7).astimezone()


def test_of_today_the_time_is_enough() -> None:
    assert moment_text(NOON, today=NOON.date()) == "12:05:07"


def test_of_another_day_it_is_the_day_and_of_another_year_that_too() -> None:
    assert moment_text(NOON, today=NOON.date() + timedelta(days=1)) == "Tue 3 Nov, 12:05"
    next_year = NOON.date() + timedelta(days=365)
    assert moment_text(NOON, today=next_year) == "Tue 3 Nov 2026, 12:05"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Difference(), "the same instances"),
        (Difference(n_added=1), "+1 instance"),
        (Difference(n_added=2, n_gone=1, n_changed=1), "+2 -1 instances, 1 edited"),
        (Difference(n_rejected=2, state=ImageState.DONE), "2 rejected, done"),
        (Difference(n_rejected=-1), "1 rejection fewer"),
    ],
)
def test_a_difference_in_words(change: Difference, words: str) -> None:
    assert difference_text(change) == words
