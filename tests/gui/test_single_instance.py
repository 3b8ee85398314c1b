"""One window for a folder: later starts bring it to the front."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalServer
from pytestqt.qtbot import QtBot

from gui import app, single_instance
from gui.main_window import MainWindow
from gui.single_instance import Doorbell, address_of, sockets_folder, was_brought_to_front

ROOT = Path(__file__).resolve().parents[2]
LATER_START = (
    "import sys; from gui.single_instance import was_brought_to_front;"
    " sys.exit(0 if was_brought_to_front(sys.argv[1]) else 7)"
)


@pytest.fixture
def address(tmp_path: Path) -> str:
    return address_of(tmp_path / "photos", tmp_path)


def later_start(address: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", LATER_START, address], cwd=ROOT)


def test_a_second_start_with_the_same_folder_rings_and_ends(qtbot: QtBot, address: str) -> None:
    bell = Doorbell()
    bell.listen(address)
    with qtbot.waitSignal(bell.rung, timeout=30_000):
        later = later_start(address)
    assert later.wait(30) == 0
    bell.close()


def test_where_no_window_is_a_start_goes_on(address: str) -> None:
    assert not was_brought_to_front(address)
    assert not was_brought_to_front("")


def test_the_socket_of_a_killed_window_is_in_nobodys_way(qtbot: QtBot, address: str) -> None:
    killed = subprocess.run(
        [
            sys.executable, "-c",
            "import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]);"
            " s.listen(); os._exit(9)",
            address,
        ],
        check=False,
    )  # fmt: skip
    assert killed.returncode == 9
    assert Path(address).exists()
    assert not was_brought_to_front(address)
    bell = Doorbell()
    bell.listen(address)
    assert bell.is_listening
    bell.close()


def test_a_window_that_hangs_does_not_keep_a_start_waiting_for_ever(
    qtbot: QtBot, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_ANSWER_MS", 1)
    hanging = QLocalServer()
    assert hanging.listen(address)
    assert not was_brought_to_front(address)
    hanging.close()


def test_windows_with_other_folders_listen_elsewhere(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b", None]
    assert len({address_of(folder, tmp_path) for folder in folders}) == 3
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert address_of(tmp_path / "link", tmp_path) == address_of(tmp_path / "a", tmp_path)


def test_sockets_lie_where_no_other_user_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = sockets_folder()
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)
    assert sockets_folder() is None


def test_a_window_comes_to_the_front_for_its_folder_and_not_for_another(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    app.FindsThisWindow(window, tmp_path)
    open_folder(folder)
    window.setWindowState(Qt.WindowState.WindowMinimized)
    other, mine = (address_of(one, tmp_path) for one in (tmp_path / "other", folder))
    assert later_start(other).wait(30) == 7
    later = later_start(mine)
    qtbot.waitUntil(lambda: later.poll() is not None, timeout=30_000)
    assert later.returncode == 0
    assert not window.isMinimized()
    assert window.isVisible()
