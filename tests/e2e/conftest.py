"""What tests of the whole program share: photos, and the window on them with the real worker."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
from pytestqt.qtbot import QtBot

from gui.app import begin
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings
from tests.gui.user import User

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children share the cores with the window: one thread each."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """The four golden images, and two of them upside down."""
    folder = tmp_path / "photos"
    shutil.copytree(GOLDEN / "images", folder)
    for name in ("odd_319x241", "tall_187x333"):
        turned = cv2.rotate(cv2.imread(str(folder / f"{name}.png")), cv2.ROTATE_180)
        cv2.imwrite(str(folder / f"{name}_turned.png"), turned)
    return folder


@pytest.fixture
def without_torch() -> Iterator[None]:
    """Torch is never imported in the window's process; another test may have done it before."""
    had_torch = "torch" in sys.modules
    yield
    assert had_torch or "torch" not in sys.modules


@pytest.fixture
def worker_log(tmp_path: Path) -> Path:
    """Where the windows' children note what they are asked for, a line of JSON each."""
    return tmp_path / "asked.jsonl"


@pytest.fixture
def open_window(
    qtbot: QtBot, window_process: None, without_torch: None, tmp_path: Path, worker_log: Path
) -> Iterator[Callable[[Path], User]]:
    """Opens a window as `main.py FOLDER` does; all of them have the same settings."""
    worker = (sys.executable, str(Path(__file__).with_name("noting_worker.py")), str(worker_log))
    opened: list[MainWindow] = []

    def open_it(folder: Path) -> User:
        settings = Settings(tmp_path / "settings.ini")
        session = Session(settings, prepare=picture_of, worker_command=worker)
        window = MainWindow(session)
        opened.append(window)
        qtbot.addWidget(window)
        window.resize(1400, 900)
        window.show()
        qtbot.waitExposed(window)
        begin(window, [str(folder)])
        qtbot.waitUntil(lambda: session.document is not None and not session.is_looking)
        window.canvas.setFocus()
        return User(qtbot, window, tmp_path, folder)

    yield open_it
    for window in opened:
        if not window.has_closed:
            window.session.close()
