"""The menu Tools."""

import pytest
from PySide6.QtCore import Qt

from tests.gui.user import User


def select_tool(user: User) -> None:
    one = user.add()
    user.press("box_tool")
    user.press("select_tool")
    assert user.action("select_tool").isChecked()
    user.drag((30, 30), (50, 40))
    assert user.document.labels.instance(one).parts[0].outer[0] == pytest.approx([30, 20], abs=0.6)


def polygon_tool(user: User) -> None:
    user.press("polygon_tool")
    for point in ((10, 10), (60, 10), (60, 60)):
        user.click_at(*point)
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_Return)
    (one,) = user.instances
    assert len(one.parts[0].outer) == 3


def box_tool(user: User) -> None:
    user.click("box_tool")
    user.drag((10, 10), (60, 40))
    (one,) = user.instances
    assert len(one.parts[0].outer) == 4
