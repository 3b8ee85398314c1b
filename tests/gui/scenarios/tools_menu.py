"""The menu Tools."""

import pytest
from PySide6.QtCore import Qt

from core.geometry import parts_area
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


def lasso_tool(user: User) -> None:
    user.press("lasso_tool")
    for point in ((37, 30), (25, 42), (13, 30), (25, 18)):  # of the red blob
        user.click_at(*point)
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_Return)
    user.until(lambda: len(user.instances) == 1)
    assert parts_area(user.instances[0].parts) == pytest.approx(452, rel=0.1)


def grabcut_tool(user: User) -> None:
    user.press("grabcut_tool")
    user.drag((8, 13), (42, 47))
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_Return)
    user.until(lambda: len(user.instances) == 1)
    assert parts_area(user.instances[0].parts) == pytest.approx(452, rel=0.15)


def wand_tool(user: User) -> None:
    user.press("wand_tool")
    user.click_at(25, 30)
    user.qtbot.keyClick(user.window.canvas, Qt.Key.Key_Return)
    user.until(lambda: len(user.instances) == 1)
    assert parts_area(user.instances[0].parts) == pytest.approx(452, rel=0.1)


def assist_points_tool(user: User) -> None:
    user.click("assist_points_tool")
    # whether the model is on this machine or not: something is said, and the text can be written
    user.until(lambda: bool(user.window.tool_strip.hint.text()))
    assert user.window.tool_strip.control("text").isVisible()


def assist_box_tool(user: User) -> None:
    user.press("assist_box_tool")
    by = user.window.tool_strip.control("by")
    user.qtbot.keyClick(by, Qt.Key.Key_Down)
    user.drag((10, 10), (41, 45))
    user.until(lambda: bool(user.instances))
    (one,) = user.instances
    xs = one.parts[0].outer[:, 0]
    assert (xs.min(), xs.max()) == pytest.approx((13, 38), abs=1.5)


def brush_tool(user: User) -> None:
    user.press("brush_tool")
    user.drag((30, 30), (70, 30))
    (one,) = user.instances
    # a brush of 40 pixels, 40 pixels far
    assert parts_area(one.parts) == pytest.approx(40 * 40 + 3.14 * 400, rel=0.03)


def eraser_tool(user: User) -> None:
    one = user.add()
    user.press("eraser_tool")
    user.drag((60, 20), (60, 45))
    assert parts_area(user.document.labels.instance(one).parts) < 1600 - 200
    user.drag((10, 30), (50, 30))
    assert user.instances == ()
    assert "Nothing was left" in user.told[-1]


def cut_tool(user: User) -> None:
    one = user.add()
    user.press("cut_tool")
    user.drag((20, 2), (20, 60))
    assert [parts_area(instance.parts) for instance in user.instances] == pytest.approx(
        [1200, 400], abs=40
    )
    assert user.instances[0].id == one


def ellipse_tool(user: User) -> None:
    user.press("ellipse_tool")
    user.drag((10, 10), (60, 40))
    (one,) = user.instances
    assert 8 <= len(one.parts[0].outer) <= 20


def redraw_tool(user: User) -> None:
    one = user.add()
    user.click("redraw_tool")
    user.drag((10, 20), (10, 40))
    # from the left border and back to it, along it: the same square, with two vertices more
    assert len(user.document.labels.instance(one).parts[0].outer) == 6


def snapping(user: User) -> None:
    user.add()
    user.press("snapping")
    user.press("box_tool")
    user.drag((51, 11), (80, 40))
    assert user.instances[-1].parts[0].outer[0].tolist() == [50, 10]
    user.press("snapping")
    assert not user.window.canvas.stage.snapping.value
