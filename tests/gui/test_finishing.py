"""Done and next, where predictions are left that nobody looked at."""

import pytest
from pytestqt.qtbot import QtBot

from core.types import ImageState, InstanceState
from gui.main_window import MainWindow
from gui.widgets.notices import Notice
from tests.gui.user import User


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: object, tmp_path: object) -> User:
    return User(qtbot, opened, tmp_path, folder)  # type: ignore[arg-type]


def question(user: User) -> Notice:
    (notice,) = [one for one in user.window.notices.notices if one.answers]
    return notice


def test_predictions_that_nobody_looked_at_are_asked_about(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")
    assert question(user).sentence.startswith("1 prediction is left")
    assert user.document.labels.state is ImageState.STARTED
    assert user.session.key == "img_0.png"


def test_asking_twice_leaves_one_question(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")
    user.add(InstanceState.PREDICTED, x=60)
    user.press("done_and_next")
    assert question(user).sentence.startswith("2 predictions are left")


def test_they_can_be_accepted_in_the_same_step(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    first, n_steps = user.document, user.document.undo_stack.count()
    user.press("done_and_next")
    user.window.notices.answer("Accept and go on")
    assert first.labels.instances[0].state is InstanceState.ACCEPTED
    assert first.labels.state is ImageState.DONE
    assert first.undo_stack.count() == n_steps + 1
    user.until_on("img_1.png")


def test_they_can_be_left_as_they_are(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    first = user.document
    user.press("done_and_next")
    user.window.notices.answer("Leave and go on")
    assert first.labels.instances[0].state is InstanceState.PREDICTED
    assert first.labels.state is ImageState.DONE
    user.until_on("img_1.png")
    assert not [one for one in user.window.notices.notices if one.answers]


def test_by_the_keyboard_they_are_accepted_before(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    first = user.document
    user.press("done_and_next")
    user.press("accept_all")
    user.press("done_and_next")
    assert first.labels.state is ImageState.DONE
    user.until_on("img_1.png")


def test_hidden_predictions_are_not_accepted_unasked(user: User) -> None:
    hidden = user.add(InstanceState.PREDICTED)
    user.add(InstanceState.PREDICTED, x=60)
    user.document.marks.set_hidden([hidden])
    first = user.document
    user.press("accept_done_and_next")
    assert question(user).sentence.startswith("1 prediction is hidden")
    assert first.labels.state is ImageState.STARTED
    user.window.notices.answer("Accept and go on")
    assert {one.state for one in first.labels.instances} == {InstanceState.ACCEPTED}
    user.until_on("img_1.png")


def test_the_question_goes_with_its_image(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")
    user.press("next_image")
    user.until_on("img_1.png")
    assert not [one for one in user.window.notices.notices if one.answers]


def test_an_image_that_is_done_already_is_only_left(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")
    user.window.notices.answer("Leave and go on")
    user.until_on("img_1.png")
    user.press("previous_image")
    user.until_on("img_0.png")
    user.press("done_and_next")
    user.until_on("img_1.png")


def test_two_quick_presses_do_not_step_over_an_image(user: User) -> None:
    user.session.done_and_next()
    user.session.done_and_next()  # the next image is still being opened
    user.until_on("img_1.png")
    assert user.document.labels.state is ImageState.UNTOUCHED


def test_the_question_goes_with_the_page(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")
    assert question(user)
    user.press("page_train")
    assert not [one for one in user.window.notices.notices if one.answers]
