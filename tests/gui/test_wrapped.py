"""The label that is never cut."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.wrapped import WrappedLabel

LONG = "A sentence that needs several lines where there is little room beside it. " * 2


def test_it_takes_the_height_of_its_lines_at_any_width(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    label = WrappedLabel(LONG, parent)
    parent.show()
    heights = []
    for width in (600, 150, 600):
        label.resize(width, 10)
        heights.append(label.minimumHeight())
    assert heights[1] > heights[0] == heights[2]


def test_a_longer_text_takes_more(qtbot: QtBot) -> None:
    label = WrappedLabel("Short.")
    qtbot.addWidget(label)
    label.resize(150, 10)
    before = label.minimumHeight()
    label.setText(LONG)
    assert label.minimumHeight() > before
