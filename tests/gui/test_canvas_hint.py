"""What the strip says follows whatever changes it, not only the mouse on the canvas."""

from pytestqt.qtbot import QtBot

from tests.gui.hand import Hand, square


def test_what_is_selected_in_the_list_is_answered_at_once(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(10, 10, "a"))
    said: list[str] = []
    hand.canvas.hint_changed.connect(said.append)

    hand.document.select(["a"])
    hand.document.select(())

    assert [sentence.split()[:3] for sentence in said] == [
        ["Drag", "to", "move,"],
        ["Click", "to", "select,"],
    ]
