"""Choosing a class with the keyboard alone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import LabelClass
from gui.dialogs.classes import ClassDialog

NAMES = ("red", "green", "dark red")
CLASSES = tuple(LabelClass(i + 1, name, "#204060") for i, name in enumerate(NAMES))

Choose = Callable[..., list[str]]


@pytest.fixture
def choose(qtbot: QtBot) -> Choose:
    """Types a text and presses keys; what was chosen."""

    def choose_it(text: str, *keys: Qt.Key, prefers_new: bool = False) -> list[str]:
        dialog = ClassDialog(CLASSES, "Change class", prefers_new=prefers_new)
        dialog.show()
        chosen: list[str] = []
        dialog.chosen.connect(chosen.append)
        qtbot.keyClicks(dialog.name, text)
        for key in (*keys, Qt.Key.Key_Return):
            qtbot.keyClick(dialog.name, key)
        dialog.close()
        return chosen

    return choose_it


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("red", "red"), ("GREEN", "green"), ("gr", "green"), ("re", "red"), ("dark", "dark red")],
)
def test_enter_takes_the_class_that_fits_best(choose: Choose, text: str, chosen: str) -> None:
    assert choose(text) == [chosen]


def test_down_goes_to_the_next_that_fits(choose: Choose) -> None:
    assert choose("re", Qt.Key.Key_Down) == ["green"]


def test_without_a_text_the_arrows_go_through_all(choose: Choose) -> None:
    assert choose("", Qt.Key.Key_Down, Qt.Key.Key_Down) == ["green"]


def test_a_name_that_no_class_has_is_a_new_one(choose: Choose) -> None:
    assert choose("blue") == ["blue"]


def test_a_part_of_a_name_can_be_a_new_class_too(choose: Choose) -> None:
    assert choose("gre", Qt.Key.Key_Down) == ["gre"]
    assert choose("gre", prefers_new=True) == ["gre"]


def test_a_name_that_is_there_is_not_made_twice(choose: Choose) -> None:
    assert choose("Red", Qt.Key.Key_Down, prefers_new=True) == ["dark red"]
    assert choose("Red", prefers_new=True) == ["red"]


def test_without_a_name_enter_chooses_nothing(choose: Choose) -> None:
    assert choose("") == []


def test_the_button_says_what_enter_does(qtbot: QtBot) -> None:
    dialog = ClassDialog(CLASSES, "Change class")
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.name.setText("gre")
    assert ok.text() == "Choose"
    dialog.name.setText("blue")
    assert ok.text() == "Add class"
