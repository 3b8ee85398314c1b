"""The program around its window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.paths import user_data_folder
from gui.app import LooksAgain, begin, wished_folder
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings


def test_an_image_that_came_meanwhile_is_there_when_a_person_comes_back(
    qtbot: QtBot, qapp: QApplication, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    with qtbot.waitSignal(session.image_shown):
        open_folder(folder)
    LooksAgain(qapp, session)
    (folder / "img_3.png").write_bytes((folder / "img_0.png").read_bytes())

    def is_there() -> bool:
        # A look that still goes on is not begun anew, so a person may have to come back twice.
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        return "img_3.png" in session.keys

    qtbot.waitUntil(is_there)


@pytest.mark.parametrize(("arguments", "wished"), [(["/named"], "/named"), ([], "/last")])
def test_the_folder_that_is_named_goes_before_the_last_one(
    settings: Settings, arguments: list[str], wished: str
) -> None:
    settings.set("last_folder", "/last")
    assert wished_folder(settings, arguments) == Path(wished)


def test_the_last_folder_that_is_gone_leaves_the_start_page_with_what_to_do(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.session.settings.set("last_folder", str(tmp_path / "unplugged"))
    with qtbot.waitSignal(window.session.asked):
        begin(window, [])
    (notice,) = window.notices.notices
    assert "unplugged" in notice.sentence
    assert [text for text, _ in notice.answers] == ["Try again"]
    assert window.start_page.isVisible()
    assert window.start_page.open_button.isEnabled()


def test_the_next_start_says_that_the_last_one_ended_badly(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    marks = user_data_folder() / "open"
    marks.mkdir()
    (marks / "1.json").write_text('{"pid": 999999999, "started": "long ago"}')
    begin(window, [str(folder)])
    assert any("did not close well" in one.sentence for one in window.notices.notices)
    qtbot.waitUntil(lambda: window.session.document is not None)
    assert list(marks.iterdir()) == []
