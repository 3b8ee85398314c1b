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
    (folder / "img_3.png").write_bytes((folder / "img_0.png").read_bytes())

    def is_there() -> bool:
        # A look that still goes on is not begun anew, so a person may have to come back twice.
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        return "img_3.png" in session.keys

    qtbot.waitUntil(is_there)
