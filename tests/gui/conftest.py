"""What tests of the window share: a folder of small images, and a session that can open it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings

BLOBS = {"red": (40, 40, 200), "green": (40, 180, 40), "blue": (200, 60, 40)}  # BGR


@pytest.fixture(autouse=True)
def in_a_window_process(window_process: None) -> None:
    """Every test here is one of the window."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images of 120 x 90, each with a red, a green and a blue blob."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        pixels = np.full((90, 120, 3), 230, np.uint8)
        for place, colour in enumerate(BLOBS.values()):
            cv2.circle(pixels, (25 + 35 * place, 30 + 10 * number), 12, colour, -1)
        cv2.imwrite(str(photos / f"img_{number}.png"), pixels)
    return photos


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    remembered = Settings(tmp_path / "settings.ini")
    remembered.set("autosave_idle_ms", 1)
    remembered.set("engine", "fake")
    remembered.set("weights", "fake")
    return remembered


@pytest.fixture
def exports_to_tmp_path(settings: Settings, tmp_path: Path) -> None:
    """What leaves the project lands beside it."""
    settings.set("export_folder", str(tmp_path))


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    """What starts the children of the session: the usual, unless tests have others."""
    return ()


@pytest.fixture
def session(qtbot: QtBot, settings: Settings, worker_command: tuple[str, ...]) -> Iterator[Session]:
    made = Session(settings, prepare=picture_of, worker_command=worker_command)
    yield made
    made.close()


@pytest.fixture
def open_folder(qtbot: QtBot, session: Session) -> Callable[[Path], None]:
    """Opens a folder and waits until its first image is there and the scan has ended."""

    def open_it(path: Path) -> None:
        with qtbot.waitSignals([session.images_changed, session.document_changed]):
            session.open_folder(path)
        qtbot.waitUntil(lambda: session.document is not None)

    return open_it


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Iterator[MainWindow]:
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for dialog in made.findChildren(QDialog):
        dialog.close()


@pytest.fixture
def opened(window: MainWindow, folder: Path, open_folder: Callable[[Path], None]) -> MainWindow:
    open_folder(folder)
    window.session.class_list.add("red")
    window.session.class_list.add("green")
    window.canvas.setFocus()
    return window
