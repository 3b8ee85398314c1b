"""Classes and states that do not show on the canvas: neither drawn nor found."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageLabels, Instance, InstanceState, Part
from gui.document import Document
from gui.main_window import MainWindow
from gui.session.visibility import Visibility
from gui.widgets.class_tree import EYE, ClassTree
from gui.widgets.states_button import StatesButton
from tests.gui.user import LEFT, User

PREDICTED, DRAWN = InstanceState.PREDICTED, InstanceState.DRAWN


def instance(name: str, class_id: int, state: InstanceState = DRAWN) -> Instance:
    return Instance(name, class_id, (Part([[0, 0], [9, 0], [9, 9]]),), state)


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    several = (instance("a", 1), instance("b", 2), instance("c", 2, PREDICTED))
    return Document("a.jpg", ImageLabels((20, 20), several))


@pytest.fixture
def visibility(document: Document) -> Visibility:
    made = Visibility(lambda: document)
    made.follow()
    return made


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def test_a_hidden_class_or_state_hides_its_instances(
    visibility: Visibility, document: Document
) -> None:
    visibility.toggle_class(2)
    assert document.marks.hidden == {"b", "c"}
    visibility.toggle_state(DRAWN)
    assert document.marks.hidden == {"a", "b", "c"}
    visibility.toggle_class(2)
    assert document.marks.hidden == {"a", "b"}


def test_what_was_hidden_by_hand_stays_so(visibility: Visibility, document: Document) -> None:
    document.marks.set_hidden(["a"])
    visibility.toggle_class(1)
    visibility.toggle_class(2)
    visibility.toggle_class(1)
    visibility.toggle_class(2)
    assert document.marks.hidden == {"a"}


def test_what_changes_its_kind_shows_or_hides(visibility: Visibility, document: Document) -> None:
    visibility.toggle_class(2)
    document.select(["a"])
    document.edit("Change class", partial(edits.with_class_changed, ids=["a"], class_id=2))
    assert "a" in document.marks.hidden
    assert document.selection == set()
    document.undo()
    assert document.marks.hidden == {"b", "c"}


def test_what_hides_is_selected_no_more(visibility: Visibility, document: Document) -> None:
    document.select(["a", "c"])
    visibility.toggle_state(PREDICTED)
    assert document.selection == {"a"}


def test_show_all_shows_every_kind_too(visibility: Visibility, document: Document) -> None:
    document.marks.set_hidden(["a"])
    visibility.toggle_class(2)
    document.marks.show_all()
    assert document.marks.hidden == set()
    assert visibility.hidden_classes == set()


def test_the_next_image_hides_the_same_kinds(qtbot: QtBot) -> None:
    documents = [Document(f"{one}.jpg", ImageLabels((20, 20), (instance(one, 2),))) for one in "ab"]
    visibility = Visibility(lambda: documents[0])
    visibility.follow()
    visibility.toggle_class(2)
    documents.reverse()
    visibility.follow()
    assert documents[0].marks.hidden == {"b"}
    visibility.toggle_class(2)
    assert documents[0].marks.hidden == set()


def eye_of(user: User, row: int) -> QPoint:
    tree = user.child(ClassTree)
    return tree.visualRect(tree.model().index(row, EYE)).center()


def press_eye(user: User, row: int) -> None:
    tree = user.child(ClassTree)
    user.qtbot.mouseClick(tree.viewport(), LEFT, pos=eye_of(user, row))


def test_the_eye_of_a_class_hides_it_on_the_canvas(user: User) -> None:
    red, green = user.add(), user.add(x=60, class_index=1)
    current = user.session.class_list.current
    user.document.select(())
    press_eye(user, 1)
    assert user.document.marks.hidden == {green}
    assert user.session.class_list.current == current
    user.keys("V")
    user.click_at(80, 30)
    assert user.document.selection == set()
    user.click_at(30, 30)
    assert user.document.selection == {red}
    press_eye(user, 1)
    user.click_at(80, 30)
    assert user.document.selection == {green}


def test_the_space_bar_is_a_press_on_the_eye(user: User) -> None:
    one = user.add()
    tree = user.child(ClassTree)
    tree.setCurrentItem(tree.items[0])
    user.keys("Space", tree)
    assert user.document.marks.hidden == {one}
    assert tree.items[0].data(EYE, Qt.ItemDataRole.AccessibleTextRole) == "hidden"


def test_the_menu_of_the_states_hides_one(user: User) -> None:
    user.add()
    predicted = user.add(PREDICTED, x=60)
    button = user.child(StatesButton)
    (action,) = (one for one in button.menu().actions() if "predicted" in one.text())
    action.trigger()
    assert user.document.marks.hidden == {predicted}
    assert "predicted hidden" in button.accessibleName()
    action.trigger()
    assert user.document.marks.hidden == set()


def test_the_status_bar_says_what_is_hidden_and_shows_it_again(user: User) -> None:
    user.add()
    user.add(PREDICTED, x=60)
    note = user.window.status.hidden
    assert not note.isVisible()
    press_eye(user, 0)
    user.session.visibility.toggle_state(PREDICTED)
    assert note.text() == "2 hidden: red, predicted"
    user.session.open_image("img_1.png")
    user.until_on("img_1.png")
    assert note.text() == "0 hidden: red, predicted"
    user.qtbot.mouseClick(note, LEFT)
    assert not note.isVisible()
    user.session.open_image("img_0.png")
    user.until_on("img_0.png")
    assert user.document.marks.hidden == set()


def test_the_eye_of_an_instance_says_why_it_stays_hidden(user: User) -> None:
    one = user.add()
    press_eye(user, 0)
    user.window.docks["instances"].widget()._on_eye_clicked(one)
    assert user.told[-1].startswith("Its class or its state is hidden.")
    assert user.document.marks.hidden == {one}


def test_what_is_drawn_of_a_hidden_class_is_told(user: User) -> None:
    press_eye(user, 1)  # of what is drawn next
    user.keys("B")
    user.drag((20, 20), (60, 60))
    (one,) = user.instances
    assert user.document.marks.hidden == {one.id}
    assert user.told[-1].startswith("What you drew or changed does not show")


def test_no_other_page_speaks_of_what_is_hidden(user: User) -> None:
    user.add()
    press_eye(user, 0)
    assert user.window.status.hidden.isVisible()
    user.press("page_train")
    assert not user.window.status.hidden.isVisible()
    user.press("page_annotate")
    assert user.window.status.hidden.isVisible()
