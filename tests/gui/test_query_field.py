"""The field for a search: what it completes, and what it says of a mistake."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.query import parse
from core.types import LabelClass
from gui.widgets.query_field import QueryField

CLASSES = (LabelClass(1, "jeans", "#000000"), LabelClass(2, "rain coat", "#000000"))


@pytest.fixture
def field(qtbot: QtBot) -> QueryField:
    made = QueryField("Search images", "the path")
    qtbot.addWidget(made)
    made.set_classes(CLASSES)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    return made


def completions(field: QueryField) -> list[str]:
    completer = field.completer()
    return [
        str(completer.completionModel().index(row, 0).data())
        for row in range(completer.completionCount())
    ]


def test_what_is_typed_is_a_query(qtbot: QtBot, field: QueryField) -> None:
    qtbot.keyClicks(field, "street class:jeans")
    assert field.query == parse("street class:jeans")
    assert field.trouble == ""


def test_a_mistake_is_told_and_the_query_before_it_stays(qtbot: QtBot, field: QueryField) -> None:
    qtbot.keyClicks(field, "street score<")
    assert "After “score” comes nothing (character 8)." in field.trouble
    assert field.query == parse("street score")
    qtbot.keyClicks(field, "0.5")
    assert field.trouble == ""


def test_a_class_that_is_not_there_is_told(qtbot: QtBot, field: QueryField) -> None:
    qtbot.keyClicks(field, "class:jean")
    assert field.trouble == "No class of this folder is called “jean”."
    field.set_classes((LabelClass(3, "Jean", "#000000"),))
    assert field.trouble == ""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("sco", ["score<", "score>"]),
        ("street CL", ["class:jeans", "class:rain coat"]),
        ("-state:p", ["state:predicted"]),
        ('class:"r', ["class:rain coat"]),
        ("image:d", ["image:done"]),
        ("street ", []),
    ],
)
def test_the_last_term_is_completed(
    qtbot: QtBot, field: QueryField, typed: str, expected: list[str]
) -> None:
    qtbot.keyClicks(field, typed)
    assert completions(field) == expected


def test_enter_takes_a_completion_over_and_only_then_is_an_enter(
    qtbot: QtBot, field: QueryField
) -> None:
    entered: list[bool] = []
    field.entered.connect(lambda: entered.append(True))
    qtbot.keyClicks(field, "street -class:r")
    popup = field.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert field.text() == 'street -class:"rain coat"'
    assert entered == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert entered == [True]


def test_the_help_lists_every_term(field: QueryField) -> None:
    for example in ("class:jeans", "score&lt;0.6", "parts&gt;1", "image:done", "note:torn"):
        assert example in field.toolTip()
