"""Rounds on the same images: which numbers compare, and what is behind each."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.widgets.measured.rounds_view import RoundNumbers, RoundsView, behind_round
from tests.gui.measured_example import keep_example

LEFT = Qt.MouseButton.LeftButton
THEN = {"segm": {"AP": 20.0}, "effort": {"edits_per_instance": 7.5}}


@pytest.fixture
def view(qtbot: QtBot) -> RoundsView:
    made = RoundsView()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


@pytest.fixture
def rounds(tmp_path: Path) -> tuple[RoundNumbers, ...]:
    """The first measured on other images, the second not at all, two on the same ones."""
    times = [f"2026-11-0{day}T10:00:00" for day in (1, 2, 3)]
    other = keep_example(tmp_path / "a", ground="other", when=times[0])
    first = keep_example(tmp_path / "b", when=times[1])
    last = keep_example(tmp_path / "c", when=times[2])
    return (
        RoundNumbers("a.pth", "one", THEN, other),
        RoundNumbers("b.pth", "two", {}),
        RoundNumbers("c.pth", "three", THEN, first),
        RoundNumbers("d.pth", "four", {}, last),
    )


def test_without_a_round_it_says_what_to_do(view: RoundsView) -> None:
    assert view.words.text().startswith("No fine-tune of this folder is finished yet.")
    assert not view.ap.isVisible()
    assert not view.measure_button.isVisible()


def test_the_line_is_of_the_same_images_alone(
    view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds, can_measure=True)
    ap, effort = view.lines
    assert ap.values == [None, None, 33.3, 33.3]
    assert ap.others == [20.0, None, 20.0, None]
    assert effort.values == [None, None, 2.5, 2.5]
    assert effort.others == [7.5, None, 7.5, None]
    assert view.words.text() == "2 rounds are not measured on the val images of now."


def test_the_table_has_both_side_by_side(
    view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds, can_measure=True)
    assert view.table.text_at("one", "Mask AP") == "n/a"
    assert view.table.text_at("one", "Mask AP then") == "20.0"
    assert view.table.text_at("three", "Edits an instance") == "2.5"
    assert view.table.text_at("three", "Untouched") == "25 %"


def test_what_is_missing_can_be_measured(
    qtbot: QtBot, view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds, can_measure=True)
    with qtbot.waitSignal(view.measure_wanted) as wanted:
        qtbot.mouseClick(view.measure_button, LEFT)
    assert [one.name for one in wanted.args[0]] == ["one", "two"]


def test_nothing_is_measured_while_something_is(
    view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds, can_measure=False)
    assert not view.measure_button.isEnabled()


def test_rounds_that_are_all_measured_say_so(
    view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds[2:], can_measure=True)
    assert view.words.text() == "Every round is measured on the same images."
    assert not view.measure_button.isVisible()


def test_keys_and_clicks_pick_a_round(
    qtbot: QtBot, view: RoundsView, rounds: tuple[RoundNumbers, ...]
) -> None:
    view.show_rounds(rounds, can_measure=True)
    assert view.ap.accessibleDescription() == "four: 33.3; on its images of then n/a"
    qtbot.keyClick(view.ap, Qt.Key.Key_Left)
    assert view.ap.accessibleDescription().startswith("three: 33.3")
    with qtbot.waitSignal(view.asked) as asked:
        qtbot.keyClick(view.ap, Qt.Key.Key_Return)
    assert asked.args[0]().title == "three: missed or wrong at a confidence of 40 %"
    at = view.effort.place_of(2, 2.5)
    with qtbot.waitSignal(view.effort.picked) as picked:
        qtbot.mouseClick(view.effort, LEFT, pos=at.toPoint())
    assert picked.args == [2]


def test_behind_a_round_are_the_images_with_the_most_mistakes_first(
    rounds: tuple[RoundNumbers, ...],
) -> None:
    (group,) = behind_round(rounds[2]).groups
    assert [(row.key, row.n) for row in group.rows] == [("img_1.png", 2), ("img_0.png", 1)]


def test_behind_a_round_that_was_not_measured_is_nothing(
    rounds: tuple[RoundNumbers, ...],
) -> None:
    behind = behind_round(rounds[1])
    assert behind.title == "two was not measured on the val images of now."
    assert behind.groups[0].rows == ()
