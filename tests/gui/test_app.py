"""The program around its window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.app import LooksAgain
from gui.session import Session


def test_an_image_that_came_meanwhile_is_there_when_a_person_comes_back(
    qtbot: QtBot, qapp: QApplication, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    with qtbot.waitSignal(session.image_shown):
        open_folder(folder)
    LooksAgain(qapp, session)
    assert session._folder is not None
    with qtbot.waitSignal(session._folder.stock_taken):
        session.look_again()
    (folder / "img_3.png").write_bytes((folder / "img_0.png").read_bytes())
    with qtbot.waitSignal(session.images_changed):
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert "img_3.png" in session.keys
