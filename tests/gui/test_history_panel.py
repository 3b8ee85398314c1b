"""The history: steps that are gone to, and earlier versions looked at and brought back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from core import edits
from core.project import Project
from core.types import ImageLabels, ImageState, Instance
from gui.main_window import MainWindow
from gui.main_window.looking_back import LookingBackBar
from gui.panels.history import HistoryPanel
from tests.gui.hand import square
from tests.gui.user import User

LEFT = Qt.MouseButton.LeftButton
KEY = "img_0.png"


def _saved_before(folder: Path, *counts: int) -> None:
    """Sessions of the past, each of which ended with so many instances, the last one done."""
    for count in counts:
        project = Project.open(folder)
        red = project.add_class("red").id
        instances = tuple(
            Instance(f"old {n}", red, square(10 + 30 * n, 10, "", side=20).parts)
            for n in range(count)
        )
        state = ImageState.DONE if count == counts[-1] else ImageState.STARTED
        stamp = project.read(KEY).stamp
        project.write(KEY, ImageLabels((90, 120), instances, state), stamp=stamp)
        project.close()


@pytest.fixture
def user(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    open_folder: Callable[[Path], None],
    tmp_path: Path,
) -> User:
    """Before an image that had one instance, then three, and has two now; the history is open."""
    _saved_before(folder, 1, 3, 2)
    open_folder(folder)
    window.docks["history"].show()
    window.docks["history"].raise_()
    window.canvas.setFocus()
    made = User(qtbot, window, tmp_path, folder)
    made.until(lambda: panel(made).versions.count() == 2)
    return made


def panel(user: User) -> HistoryPanel:
    found = user.window.docks["history"].widget()
    assert isinstance(found, HistoryPanel)
    return found


def texts(of: QListWidget) -> list[str]:
    return [of.item(row).text() for row in range(of.count())]


def click(user: User, of: QListWidget, row: int) -> None:
    of.scrollToItem(of.item(row))
    user.qtbot.mouseClick(of.viewport(), LEFT, pos=of.visualItemRect(of.item(row)).center())


def current_step(user: User) -> int:
    (row,) = [n for n, text in enumerate(texts(panel(user).steps)) if text.startswith("▸")]
    return row


def bar(user: User) -> LookingBackBar:
    found = user.window.findChild(LookingBackBar)
    assert found is not None
    return found


def shown(user: User) -> list[str]:
    document = user.window.canvas.document
    assert document is not None
    return [one.id for one in document.labels.instances]


def after_a_kill(user: User) -> ImageLabels:
    """What is there if the program were killed at this moment: a copy of the folder, opened."""
    killed = user.tmp_path / "killed"
    shutil.copytree(user.folder, killed)
    project = Project.open(killed)
    labels = project.read(KEY).labels
    project.close()
    return labels


def test_it_is_closed_at_first(window: MainWindow) -> None:
    assert not window.docks["history"].isVisible()


def test_the_menu_opens_it_in_front(qtbot: QtBot, window: MainWindow) -> None:
    dock = window.docks["history"]
    dock.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    assert dock.height() > 400


def test_each_edit_is_a_step_and_the_current_one_is_marked(user: User) -> None:
    assert "Nothing was changed" in panel(user).hint.text()
    user.add()
    user.add()
    steps = texts(panel(user).steps)
    assert steps[0].strip() == "As it was opened"
    assert [step.split()[0] for step in steps[1:]] == ["Draw", "▸"]
    assert current_step(user) == 2
    user.press("undo")
    assert current_step(user) == 1
    assert len(texts(panel(user).steps)) == 3


def test_a_click_goes_to_a_step_and_a_kill_after_it_loses_nothing(user: User) -> None:
    user.session.settings.set("autosave_idle_ms", 100_000)
    states = [user.document.labels]
    for n in range(3):
        user.add(x=10 + n)
        states.append(user.document.labels)
    for row in (0, 2, 1, 3, 1):
        click(user, panel(user).steps, row)
        assert user.document.labels is states[row]
        assert current_step(user) == row
    assert after_a_kill(user) == states[1]


def test_the_keyboard_goes_to_a_step_too(user: User) -> None:
    user.add()
    user.add()
    steps = panel(user).steps
    steps.setFocus()
    user.qtbot.keyClick(steps, Qt.Key.Key_Home)
    user.qtbot.keyClick(steps, Qt.Key.Key_Return)
    assert user.document.undo_stack.index() == 0


def test_earlier_versions_say_when_they_were_saved_and_what_changed(user: User) -> None:
    latest, first = texts(panel(user).versions)
    assert latest.splitlines()[1] == "3 instances: +2 instances"
    assert first.splitlines()[1] == "1 instance"


def test_a_version_is_looked_at_and_escape_ends_it(user: User) -> None:
    before = user.document.labels
    click(user, panel(user).versions, 0)
    assert shown(user) == ["old 0", "old 1", "old 2"]
    assert bar(user).isVisible()
    assert "Nothing can be changed" in bar(user).words.text()
    user.window.canvas.setFocus()
    user.keys("Esc")
    assert shown(user) == ["old 0", "old 1"]
    assert not bar(user).isVisible()
    assert user.document.labels is before
    assert not user.document.undo_stack.count()


def test_what_is_looked_at_cannot_be_changed(user: User) -> None:
    click(user, panel(user).versions, 0)
    user.window.canvas.setFocus()
    user.window.canvas.zoom_to_actual()
    user.press("select_all")
    user.press("delete_instances")
    assert "can only be looked at" in user.told[-1]
    user.drag((15, 15), (40, 60))
    assert len(shown(user)) == 3
    assert user.document.undo_stack.count() == 0
    assert user.document.selection == set()


def test_a_version_is_brought_back_as_one_step_that_can_be_undone(user: User) -> None:
    before = user.document.labels
    click(user, panel(user).versions, 0)
    user.qtbot.mouseClick(panel(user).bring_back, LEFT)
    user.until(lambda: len(user.instances) == 3)
    assert not bar(user).isVisible()
    assert shown(user) == ["old 0", "old 1", "old 2"]
    assert user.document.labels.state is ImageState.STARTED
    assert user.document.undo_stack.count() == 1
    assert user.document.undo_stack.undoText().startswith("Bring back")
    user.press("undo")
    assert user.document.labels is before


def test_a_kill_after_a_version_was_brought_back_loses_nothing(user: User) -> None:
    user.session.settings.set("autosave_idle_ms", 100_000)
    click(user, panel(user).versions, 0)
    user.qtbot.mouseClick(panel(user).bring_back, LEFT)
    user.until(lambda: len(user.instances) == 3)
    assert not user.session.is_all_saved
    assert after_a_kill(user) == user.document.labels


def test_what_a_version_replaces_is_a_version_itself(user: User) -> None:
    click(user, panel(user).versions, 1)
    user.qtbot.mouseClick(bar(user).bring_back, LEFT)
    user.until(lambda: len(user.instances) == 1)
    user.until(lambda: panel(user).versions.count() == 3)
    assert "2 instances: -1 instance, done" in texts(panel(user).versions)[0]


def test_the_next_image_ends_it(user: User) -> None:
    click(user, panel(user).versions, 0)
    user.press("next_image", on=user.window)
    user.until_on("img_1.png")
    assert not bar(user).isVisible()
    assert shown(user) == []
    user.until(lambda: panel(user).versions.count() == 0)
    assert panel(user).versions_hint.isVisible()


def test_an_edit_of_the_labels_ends_it(user: User) -> None:
    click(user, panel(user).versions, 0)
    user.document.edit("State", lambda now: edits.with_image_state(now, ImageState.STARTED))
    assert not bar(user).isVisible()
    assert shown(user) == ["old 0", "old 1"]


def test_a_version_that_cannot_be_read_says_so(user: User) -> None:
    (latest, _) = sorted((user.folder / ".maskloop" / "history" / KEY).iterdir(), reverse=True)
    latest.write_bytes(b"\x1f\x8b\x08")
    user.window.docks["history"].hide()
    user.session.open_image("img_1.png")
    user.until_on("img_1.png")
    user.session.open_image(KEY)
    user.until_on(KEY)
    user.window.docks["history"].show()
    user.until(lambda: "cannot be read" in "".join(texts(panel(user).versions)))
    click(user, panel(user).versions, 0)
    assert "not whole" in user.told[-1]
    assert not bar(user).isVisible()


def test_a_file_that_changes_on_disk_meanwhile_is_what_escape_goes_back_to(user: User) -> None:
    click(user, panel(user).versions, 0)
    file = user.folder / "img_0.json"
    file.write_text(file.read_text().replace('"old 0"', '"new 0"'))
    user.session.look_again()
    user.until(lambda: not bar(user).isVisible())
    assert "new 0" in shown(user)


def test_a_closed_history_reads_nothing(user: User) -> None:
    user.window.docks["history"].hide()
    read: list[str] = []
    assert user.session.project is not None
    versions = user.session.project.versions
    user.session.project.versions = type(
        "Spy", (), {"of": lambda _, key: read.append(key) or versions.of(key)}
    )()
    user.session.open_image("img_1.png")
    user.until_on("img_1.png")
    user.until(lambda: user.session.is_all_saved)
    assert read == []


def test_what_comes_too_late_is_brought_back_into_no_folder_that_was_left(user: User) -> None:
    document, before = user.document, user.document.labels
    click(user, panel(user).versions, 0)
    with user.qtbot.waitSignal(user.session.earlier._work.left):
        user.qtbot.mouseClick(panel(user).bring_back, LEFT)
        user.session.close()

    user.qtbot.waitUntil(lambda: not shiboken6.isValid(document))
    assert document.labels is before
