"""The menu Edit."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from core.types import InstanceState
from tests.gui.user import User


def undo(user: User) -> None:
    user.add()
    user.press("undo")
    assert user.instances == ()


def redo(user: User) -> None:
    one = user.add()
    user.press("undo")
    user.press("redo")
    assert [instance.id for instance in user.instances] == [one]


def copy(user: User) -> None:
    user.add()
    user.press("copy")
    assert "red" in QGuiApplication.clipboard().text()


def paste(user: User) -> None:
    user.add()
    user.press("copy")
    user.press("paste")
    first, second = user.instances
    assert first.id != second.id
    assert (first.parts[0].outer == second.parts[0].outer).all()


def duplicate(user: User) -> None:
    one = user.add()
    user.press("duplicate")
    first, second = user.instances
    assert first.id == one
    assert user.document.selection == {second.id}
    assert (second.parts[0].outer > first.parts[0].outer).all()


def select_all(user: User) -> None:
    several = {user.add(), user.add(x=60)}
    user.press("select_all")
    assert user.document.selection == several


def delete_instances(user: User) -> None:
    kept, predicted = user.add(), user.add(InstanceState.PREDICTED, x=60)
    user.press("delete_instances")
    assert [one.id for one in user.instances] == [kept]
    assert [one.id for one in user.document.labels.rejected] == [predicted]


def delete_vertex(user: User) -> None:
    user.add()
    user.keys("V")
    user.point_at(50, 50)
    user.press("delete_vertex")
    (one,) = user.instances
    assert one.parts[0].outer.tolist() == [[10, 10], [50, 10], [10, 50]]
    assert user.window.canvas.cursor().shape() is not Qt.CursorShape.WaitCursor
