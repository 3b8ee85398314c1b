"""One window for a folder: a second start with it brings the first one to the front.

Each window listens at an address made of the folder that is open in it. Only its own user can ring
there: on Linux and macOS the sockets lie in a folder that nobody else may enter, on Windows the
system sees to it.
"""

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.paths import user_data_folder

_CONNECT_MS, _ANSWER_MS = 200, 2000
_ANSWER = b"shown\n"


def sockets_folder() -> Path | None:
    """The user's own folder for sockets; None where the system needs none, or it is not safe."""
    if sys.platform == "win32":
        return None
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
    folder = base / f"maskloop-{os.getuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        # In /tmp somebody else may have made it before, to listen in.
        is_mine = status.st_uid == os.getuid() and stat.S_ISDIR(status.st_mode)
        if is_mine and not status.st_mode & 0o077:
            return folder
    return None


def address_of(opened: Path | None, sockets: Path | None) -> str:
    """Where the window with this folder listens; empty where that is not possible.

    Args:
        opened: the folder; None for a window that shows the start page.
        sockets: sockets_folder().
    """
    # With the user's settings in it: who sets those apart has another program.
    name = f"{user_data_folder()}\n{os.path.realpath(opened) if opened else ''}"
    mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    if sockets is not None:
        return str(sockets / mark)
    return f"maskloop-{os.environ.get('USERNAME', '')}-{mark}" if sys.platform == "win32" else ""


def was_brought_to_front(address: str) -> bool:
    """Whether a window listens there and has come to the front. Quick where none does."""
    if not address:
        return False
    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(_CONNECT_MS):
        return False
    # What a desktop on Wayland gave this start, so that the other window may take the focus.
    socket.write(os.environ.get("XDG_ACTIVATION_TOKEN", "").encode() + b"\n")
    is_shown = socket.waitForReadyRead(_ANSWER_MS) and socket.readAll().data() == _ANSWER
    socket.disconnectFromServer()
    return is_shown


class Doorbell(QObject):
    """Listens for later starts with the folder that is open here."""

    rung = Signal(str)
    """Somebody wants this window; the token to come to the front with, or empty."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    @property
    def is_listening(self) -> bool:
        """Whether later starts come here."""
        return self._server is not None

    def listen(self, address: str) -> None:
        """Listens there from now on, and nowhere else; not at all where another window does."""
        self.close()
        if not address or was_brought_to_front(address):
            return
        # Nobody answered: what lies there is of a window that was killed.
        QLocalServer.removeServer(address)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        if server.listen(address):
            self._server = server
        else:
            server.deleteLater()

    def close(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _on_connection(self) -> None:
        if self._server is None:
            return
        while (socket := self._server.nextPendingConnection()) is not None:
            _Caller(socket, self).asked.connect(self.rung)


class _Caller(QObject):
    """A later start: what it says is heard, and answered."""

    asked = Signal(str)

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        # The server may be gone before the one that called it.
        socket.setParent(self)
        socket.readyRead.connect(self._on_words)
        socket.disconnected.connect(self._on_disconnected)
        QTimer.singleShot(0, self, self._on_words)

    def _on_words(self) -> None:
        if self._socket.canReadLine():
            token = bytes(self._socket.readLine().data()).decode("utf-8", "replace").strip()
            self._socket.write(_ANSWER)
            self._socket.flush()
            self.asked.emit(token)

    def _on_disconnected(self) -> None:
        self.deleteLater()
