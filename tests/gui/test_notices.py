"""Notices: over the picture and not in its way, and answered by mouse or keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.widgets.notices import Notice, NoticeBar, NoticeKind

LONG = "A sentence that is so long that it does not fit into one line of a narrow window. " * 3


@pytest.fixture
def middle(qtbot: QtBot) -> Iterator[QWidget]:
    middle = QWidget()
    middle.resize(500, 400)
    qtbot.addWidget(middle)
    middle.show()
    qtbot.waitExposed(middle)
    return middle


@pytest.fixture
def bar(middle: QWidget) -> NoticeBar:
    bar = NoticeBar()
    bar.float_over(middle)
    return bar


def test_a_notice_does_not_move_the_picture(qtbot: QtBot, opened: MainWindow) -> None:
    before = opened.canvas.geometry()
    opened.session.told.emit("Something happened.")
    assert opened.notices.isVisible()
    assert opened.canvas.geometry() == before


def test_several_lie_inside_whatever_the_size(bar: NoticeBar, middle: QWidget) -> None:
    for i in range(3):
        bar.show_notice(Notice(f"{i}. {LONG}"))
    for width in (320, 900):
        middle.resize(width, 500)
        assert middle.rect().contains(bar.geometry())


def test_no_sentence_is_cut(qtbot: QtBot, bar: NoticeBar, middle: QWidget) -> None:
    bar.show_notice(Notice(LONG))
    row = bar.findChildren(QWidget)[0]
    qtbot.waitUntil(lambda: row.height() >= row.heightForWidth(row.width()))


def test_what_it_is_shows_by_its_icon() -> None:
    assert Notice("a").kind is NoticeKind.INFORMATION
    assert Notice("a", (("Yes", lambda: None),)).kind is NoticeKind.QUESTION
    assert Notice("a", is_warning=True).kind is NoticeKind.WARNING


def test_the_keyboard_gets_to_the_answer_and_esc_hides_it(qtbot: QtBot, opened: MainWindow) -> None:
    opened.notices.show_notice(Notice("Shall it?", (("Yes", lambda: None),)))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_F6)
    for _ in range(9):
        focus = QApplication.focusWidget()
        if opened.notices.isAncestorOf(focus):
            break
        qtbot.keyClick(focus, Qt.Key.Key_F6)
    assert focus.text() == "Yes"
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert opened.notices.notices == ()
    assert opened.canvas.hasFocus()


def test_tab_goes_from_notice_to_notice_whatever_was_built_between_them(
    qtbot: QtBot, bar: NoticeBar, middle: QWidget
) -> None:
    bar.show_notice(Notice("Something was written."))
    between = QPushButton("Between", middle)
    between.show()
    bar.show_notice(Notice("More?", (("Yes", lambda: None), ("No", lambda: None))))
    buttons = bar.findChildren(QAbstractButton)
    qtbot.waitUntil(lambda: all(one.isVisible() for one in buttons))
    buttons[0].setFocus()
    stops = []
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert isinstance(focus, QAbstractButton)
        stops.append(focus.text())
    assert stops == ["Yes", "No"]


def test_the_buttons_at_the_lower_edge_of_a_page_stay_free(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.pages.show_page("review")
    opened.notices.show_notice(Notice("Something was done."))
    page = opened.pages.page("review")
    button = page.verdict_bar.accept_button
    top_of_buttons = button.mapTo(opened, button.rect().topLeft()).y()
    qtbot.waitUntil(
        lambda: (
            opened.notices.mapTo(opened, opened.notices.rect().bottomLeft()).y() < top_of_buttons
        )
    )
