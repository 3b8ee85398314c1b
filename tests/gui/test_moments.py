"""Moments and differences in words."""

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from core.edits import Difference
from core.types import ImageState
from gui.widgets.moments import difference_text, minute_text, moment_text

NOON = datetime(2026, 11, 3, 12, 5, 7).astimezone()


def test_of_today_the_time_is_enough() -> None:
    assert moment_text(NOON, today=NOON.date()) == "12:05:07"


def test_of_another_day_it_is_the_day_and_of_another_year_that_too() -> None:
    assert moment_text(NOON, today=NOON.date() + timedelta(days=1)) == "Tue 3 Nov, 12:05"
    next_year = NOON.date() + timedelta(days=365)
    assert moment_text(NOON, today=next_year) == "Tue 3 Nov 2026, 12:05"


def test_of_a_run_it_is_the_minute() -> None:
    assert minute_text(NOON) == "3 Nov 2026, 12:05"


class _German(QTranslator):
    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        words = {
            "Tue": "Di",
            "Nov": "Nov.",
            "{day} {month} {year}, {time}": "{day}. {month} {time}",
        }
        return words.get(text)


def test_the_names_of_days_and_months_are_in_the_language_of_the_person(
    qapp: QApplication,
) -> None:
    german = _German()
    qapp.installTranslator(german)
    try:
        tomorrow = NOON.date() + timedelta(days=1)
        assert moment_text(NOON, today=tomorrow) == "Di 3 Nov., 12:05"
        assert minute_text(NOON) == "3. Nov. 12:05"
    finally:
        qapp.removeTranslator(german)


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
