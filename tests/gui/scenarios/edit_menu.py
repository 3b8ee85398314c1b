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


def paste_previous(user: User) -> None:
    first, second = user.add(InstanceState.PREDICTED), user.add(x=60, class_index=1)
    parts = [one.parts for one in user.instances]
    user.press("next_image")
    user.until_on("img_1.png")
    user.press("paste_previous")
    user.until(lambda: len(user.instances) == 2)
    assert [one.parts for one in user.instances] == parts
    assert not {first, second} & {one.id for one in user.instances}
    assert {one.state for one in user.instances} == {InstanceState.DRAWN}


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


def hide_selected(user: User) -> None:
    one = user.add()
    user.press("hide_selected")
    assert user.document.marks.hidden == {one}
    user.click_at(30, 30)
    assert user.document.selection == set()


def hide_others(user: User) -> None:
    other, _ = user.add(), user.add(x=60)
    user.press("hide_others")
    assert user.document.marks.hidden == {other}


def show_all(user: User) -> None:
    user.add()
    user.press("hide_selected")
    user.press("show_all")
    assert user.document.marks.hidden == set()


def lock_selected(user: User) -> None:
    one = user.add()
    user.press("lock_selected")
    user.press("delete_instances")
    assert [instance.id for instance in user.instances] == [one]
    assert "locked" in user.told[-1]


def unlock_all(user: User) -> None:
    user.add()
    user.press("lock_selected")
    user.press("unlock_all")
    user.press("delete_instances")
    assert user.instances == ()
