"""Rejected predictions: seen crossed out, picked in their list, restored; later rounds keep off."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.merge import merge
from core.types import InstanceState
from gui.main_window import MainWindow
from gui.panels.instances import InstancesPanel
from gui.widgets.rejected_list import RejectedList
from tests.gui.user import User

LEFT = Qt.MouseButton.LeftButton
PREDICTED = InstanceState.PREDICTED


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    """Before an image in which a red and a green prediction were turned down."""
    made = User(qtbot, opened, tmp_path, folder)
    several = [made.add(PREDICTED), made.add(PREDICTED, x=60, class_index=1)]
    made.document.select(several)
    made.press("reject")
    return made


def section(user: User) -> RejectedList:
    panel = user.window.docks["instances"].widget()
    assert isinstance(panel, InstancesPanel)
    return panel.rejected


def ids(user: User) -> list[str]:
    return [one.id for one in user.document.labels.rejected]


def click_row(user: User, row: int) -> None:
    rows = section(user).list
    user.qtbot.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.item(row)).center())


def painted(user: User) -> QImage:
    place = user.place(15, 15)
    return user.window.canvas.viewport().grab(QRect(place.x(), place.y(), 60, 60)).toImage()


def test_the_list_says_how_many_there_are_and_opens(user: User) -> None:
    assert section(user).heading.text() == "2 rejected"
    assert not section(user).list.isVisible()
    user.qtbot.mouseClick(section(user).heading, LEFT)
    assert section(user).list.isVisible()
    assert [section(user).list.item(row).text() for row in range(2)] == [
        "✕ red 0.90", "✕ green 0.90",
    ]  # fmt: skip


def test_without_any_there_is_no_list(user: User) -> None:
    user.press("undo")
    assert not section(user).isVisible()


def test_they_are_painted_only_when_they_are_wanted(user: User) -> None:
    without = painted(user)
    user.press("show_rejected")
    assert painted(user) != without
    user.press("show_rejected")
    assert painted(user) == without


def test_without_colour_they_are_not_like_an_instance(user: User) -> None:
    """The hatch: a row of its pixels goes up and down where that of an instance is even."""

    def changes(image: QImage) -> int:
        greys = [image.pixelColor(x, 30).lightness() for x in range(10, 50)]
        return sum(abs(a - b) > 8 for a, b in pairwise(greys))

    user.press("show_rejected")
    crossed = changes(painted(user))
    user.press("show_rejected")
    user.press("restore_rejected")
    user.document.select(())
    assert crossed > changes(painted(user)) + 4


def test_those_that_are_picked_are_seen_and_restored_alone(user: User) -> None:
    red, green = ids(user)
    user.qtbot.mouseClick(section(user).heading, LEFT)
    click_row(user, 1)
    assert user.window.canvas.rejected.shown_ids == {green}
    user.press("restore_rejected", on=user.window.canvas)
    assert [one.id for one in user.instances] == [green]
    assert ids(user) == [red]
    assert section(user).heading.text() == "1 rejected"
    assert user.document.selection == {green}
    assert user.document.undo_stack.undoText() == "Restore rejected"
    user.press("undo", on=user.window.canvas)
    assert ids(user) == [red, green]


def test_a_closed_list_picks_none(user: User) -> None:
    user.qtbot.mouseClick(section(user).heading, LEFT)
    click_row(user, 0)
    user.qtbot.mouseClick(section(user).heading, LEFT)
    assert user.window.canvas.rejected.shown_ids == set()
    user.press("restore_rejected", on=user.window.canvas)
    assert len(user.instances) == 2


def test_it_says_so_where_none_was_rejected(user: User) -> None:
    user.press("undo")
    user.press("restore_rejected")
    assert user.told[-1] == "No prediction was rejected in this image."
    user.press("show_rejected")
    assert "from now on" in user.told[-1]


def test_they_are_shown_in_the_next_image_too(user: User) -> None:
    user.press("show_rejected")
    user.press("next_image")
    user.until_on("img_1.png")
    assert user.window.canvas.rejected.shown_ids == set()
    one = user.add(PREDICTED)
    user.press("reject")
    assert user.window.canvas.rejected.shown_ids == {one}
    user.press("previous_image")
    user.until_on("img_0.png")
    assert len(user.window.canvas.rejected.shown_ids) == 2


def test_a_rejection_outlives_the_window_and_later_rounds(user: User) -> None:
    predicted = user.document.labels.rejected
    user.until(lambda: user.session.is_all_saved)
    assert user.session.project is not None
    saved = user.session.project.read("img_0.png").labels
    assert [one.id for one in saved.rejected] == ids(user)
    assert merge(saved, predicted).instances == ()
    in_another_class = replace(predicted[0], class_id=user.session.classes[1].id)
    assert len(merge(saved, [in_another_class]).instances) == 1
