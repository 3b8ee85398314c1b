"""Which image needs a person next, and what is said where none does."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageState
from gui.main_window import MainWindow
from gui.panels.images import ImagesPanel
from gui.session import Session
from gui.session.work_order import next_needed
from tests.gui.user import User

ORDER = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("needy", "after", "expected"),
    [
        ("bd", "a", "b"),
        ("bd", "b", "d"),
        ("bd", "d", "b"),
        ("b", "b", ""),
        ("", "a", ""),
        ("cd", "elsewhere", "c"),
    ],
)
def test_the_next_one_in_the_order_is_taken_and_after_the_last_the_first(
    needy: str, after: str, expected: str
) -> None:
    assert next_needed(ORDER, lambda key: key in needy, after=after) == expected


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def finish(user: User, *keys: str) -> None:
    for key in keys:
        user.session.open_image(key)
        user.until_on(key)
        user.document.edit("Done", lambda now: edits.with_image_state(now, ImageState.DONE))
    user.until(lambda: user.session.is_all_saved)


def test_it_follows_the_order_of_the_list(user: User) -> None:
    panel = user.child(ImagesPanel)
    panel.search.setText("-img_1")
    user.until(lambda: panel.model.rowCount() == 2)
    user.press("next_needed")
    user.until_on("img_2.png")


def test_images_outside_the_list_are_told_of(user: User) -> None:
    finish(user, "img_1.png", "img_0.png")
    panel = user.child(ImagesPanel)
    panel.search.setText("-img_2")
    user.until(lambda: panel.model.rowCount() == 2)
    user.window.canvas.setFocus()
    user.press("next_needed")
    assert "Outside it 1 image still needs you" in user.told[-1]


def test_where_only_the_open_image_is_left_that_is_told(user: User) -> None:
    finish(user, "img_1.png", "img_2.png")
    user.session.open_image("img_0.png")
    user.until_on("img_0.png")
    user.press("next_needed")
    assert user.told[-1] == "Only this image is left to look at."


def test_without_a_folder_it_says_so(session: Session) -> None:
    told: list[str] = []
    session.told.connect(told.append)
    session.order.go_to_needed()
    assert told == ["Open a folder of images first."]


def test_in_a_folder_without_images_it_says_so(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(session.images_changed):
        session.open_folder(tmp_path / "empty")
    told: list[str] = []
    session.told.connect(told.append)
    session.order.go_to_needed()
    assert told == ["There is no image in this folder."]
