"""The keyboard alone: a folder is reviewed with it, and every control says what it is."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.types import ImageState
from gui.dialogs.classes import ClassDialog
from gui.main_window import MainWindow
from gui.pages import all_pages
from tests.gui.user import User

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
)


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    opened.activateWindow()
    return User(qtbot, opened, tmp_path, folder)


def test_a_folder_is_reviewed_by_keyboard_alone(user: User) -> None:
    user.press("prelabel_all")
    user.until(lambda: bool(user.session.work.runs) and not user.session.work.runs[-1].is_going)
    user.until(lambda: len(user.instances) == 2)
    red, green = user.session.classes[:2]
    # The first image: the first instance gets another class, the rest is right.
    user.press("next_instance")
    (first,) = user.document.selection
    other = green if user.document.labels.instance(first).class_id == red.id else red
    user.press("change_class")
    dialog = user.child(ClassDialog)
    user.write(other.name, dialog.name)
    user.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert user.document.labels.instance(first).class_id == other.id
    user.press("accept_all")
    user.press("done_and_next")
    # The second: one prediction is nothing, and gone.
    user.until_on("img_1.png")
    user.until(lambda: len(user.instances) == 2)
    user.press("next_instance")
    user.press("delete_instances")
    assert len(user.instances) == 1
    user.press("accept_all")
    user.press("done_and_next")
    # The third is looked at, left as it is, and the first looked at once more.
    user.until_on("img_2.png")
    user.until(lambda: len(user.instances) == 2)
    user.press("accept_all")
    user.press("done_and_next")
    user.press("previous_image")
    user.press("previous_image")
    user.until_on("img_0.png")
    user.until(lambda: user.session.is_all_saved)
    project = user.session.project
    assert project is not None
    summaries = [project.summary(key) for key in user.session.keys]
    assert {one.state for one in summaries} == {ImageState.DONE}
    assert {one.n_predicted for one in summaries} == {0}
    shapes = [json.loads((user.folder / f"img_{i}.json").read_text())["shapes"] for i in range(3)]
    assert [len(several) for several in shapes] == [2, 1, 2]


def test_tab_leaves_every_area_that_it_comes_to(user: User) -> None:
    user.add()
    user.window.canvas.setFocus()
    seen: list[QWidget] = []
    for _ in range(80):
        focus = user.window.focusWidget()
        assert focus is not None
        if focus in seen:
            break
        seen.append(focus)
        user.qtbot.keyClick(focus, Qt.Key.Key_Tab)
    names = {name for name, dock in user.window.docks.items() for one in seen if _is_in(dock, one)}
    shown = {name for name, dock in user.window.docks.items() if not _is_hidden(dock)}
    assert names == shown


def test_every_control_has_a_name_and_a_tooltip(user: User) -> None:
    user.add()
    for dock in user.window.docks.values():
        dock.show()
    silent = _silent(user.window.findChildren(QWidget))
    for page in all_pages():
        user.window.pages.show_page(page.name)
        silent |= _silent(user.window.pages.page(page.name).findChildren(QWidget))
    assert silent == set()


@pytest.mark.parametrize(
    "action",
    [
        "fine_tune",
        "export_coco",
        "export_model",
        "compact_model",
        "pack_project",
        "shortcuts",
        "settings",
    ],
)
def test_every_control_of_a_dialog_has_a_name_and_a_tooltip(user: User, action: str) -> None:
    user.press(action)
    assert _silent(user.child(QDialog).findChildren(QWidget)) == set()


def _silent(widgets: Iterable[QWidget]) -> set[str]:
    """The controls that tell nothing to a screen reader, or to the mouse over them."""
    found = set()
    for one in widgets:
        is_control = isinstance(one, CONTROLS) and not isinstance(one, QScrollBar)
        if not is_control or one.isHidden() or _is_of_qt(one):
            continue
        text = one.text() if isinstance(one, QAbstractButton) else ""
        says_itself = isinstance(one, QAbstractItemView) or _is_standard(one)
        lacks = [
            what
            for what, there in (
                ("name", one.accessibleName() or text),
                ("tooltip", one.toolTip() or says_itself),
            )
            if not there
        ]
        if lacks:
            place = type(one.parent()).__name__
            found.add(f"{type(one).__name__} {text!r} in {place}: no {' and no '.join(lacks)}")
    return found


def _is_of_qt(widget: QWidget) -> bool:
    """Whether it is a part that Qt made: of a field, of a list, of tabs."""
    parts_of = QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView | QTabBar
    parent = widget.parent()
    is_popup = parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer"
    return widget.objectName().startswith("qt_") or isinstance(parent, parts_of) or is_popup


def _is_standard(widget: QWidget) -> bool:
    """Whether it is a button like Cancel, of which everybody knows what it does."""
    box = widget.parent()
    return isinstance(box, QDialogButtonBox) and (
        box.standardButton(widget) != QDialogButtonBox.StandardButton.NoButton
    )


def _is_in(area: QWidget, widget: QWidget) -> bool:
    return area.isAncestorOf(widget)


def _is_hidden(dock: QWidget) -> bool:
    return not dock.isVisible() or dock.visibleRegion().isEmpty()
