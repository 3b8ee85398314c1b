from dataclasses import replace
from pathlib import Path

import pytest

from core.doubts import Dismissals, Doubt, DoubtKind

DOUBT = Doubt(DoubtKind.LOOSE, "a.jpg", 1, "Loose.", (10, 10, 50, 50), ("x",))
MISSED = Doubt(DoubtKind.MISSED, "a.jpg", 1, "Missed.", (10, 10, 50, 50))


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    return tmp_path / ".maskloop"


def kept(hidden: Path, *doubts: Doubt) -> Dismissals:
    dismissals = Dismissals(hidden)
    dismissals.add(doubts)
    dismissals.write()
    return Dismissals(hidden)


def test_what_was_dismissed_is_dismissed_at_the_next_start(hidden: Path) -> None:
    other = replace(DOUBT, key="b.jpg")
    assert kept(hidden, DOUBT).left([DOUBT, other]) == (other,)


def test_an_instance_that_was_changed_since_is_doubted_anew(hidden: Path) -> None:
    moved = replace(DOUBT, box_xyxy=(10, 10, 50, 80))
    assert kept(hidden, DOUBT).left([moved]) == (moved,)


def test_a_missed_object_stays_dismissed_where_another_model_draws_it_differently(
    hidden: Path,
) -> None:
    redrawn = replace(MISSED, box_xyxy=(12, 12, 52, 55))
    elsewhere = replace(MISSED, box_xyxy=(100, 100, 140, 140))
    assert kept(hidden, MISSED).left([redrawn, elsewhere]) == (elsewhere,)


def test_another_kind_at_the_same_place_is_another_doubt(hidden: Path) -> None:
    other = replace(DOUBT, kind=DoubtKind.TINY)
    assert kept(hidden, DOUBT).left([other]) == (other,)


def test_a_dismissal_can_be_taken_back(hidden: Path) -> None:
    dismissals = kept(hidden, DOUBT, MISSED)
    dismissals.remove([DOUBT])
    dismissals.write()
    assert Dismissals(hidden).left([DOUBT, MISSED]) == (DOUBT,)


HUGE = (
    '{"images": {"a.jpg": [{"kind": "missed", "class_id": 1e999, "ids": [], "box": [0, 0, 1, 1]}]}}'
)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"images": {"a.jpg": [{}]}}', '{"images": 3}', HUGE]
)
def test_a_file_that_makes_no_sense_counts_as_none(hidden: Path, text: str) -> None:
    hidden.mkdir()
    (hidden / "dismissed.json").write_text(text)
    assert Dismissals(hidden).left([DOUBT]) == (DOUBT,)


def test_a_file_that_makes_no_sense_is_kept_beside(hidden: Path) -> None:
    hidden.mkdir()
    (hidden / "dismissed.json").write_text("{half of")
    assert kept(hidden, DOUBT).left([DOUBT]) == ()
    assert (hidden / "dismissed.json.broken").read_text() == "{half of"
