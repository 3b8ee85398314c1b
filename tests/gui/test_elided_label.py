"""A sentence that ends in an ellipsis where it has no room."""

from pytestqt.qtbot import QtBot

from gui.widgets.elided_label import ElidedLabel

SENTENCE = "Drag to move, a vertex or an edge alone too."


def shown_at(qtbot: QtBot, width: int) -> ElidedLabel:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText(SENTENCE)
    label.resize(width, 24)
    label.show()
    qtbot.waitExposed(label)
    label.grab()
    return label


def test_without_room_it_ends_in_an_ellipsis_and_the_tooltip_has_it_whole(qtbot: QtBot) -> None:
    label = shown_at(qtbot, 90)

    assert label.shown().startswith("Drag")
    assert label.shown().endswith("…")
    assert label.toolTip() == label.text() == SENTENCE


def test_with_room_it_is_whole(qtbot: QtBot) -> None:
    label = shown_at(qtbot, 900)

    assert label.shown() == SENTENCE
    assert label.toolTip() == ""
