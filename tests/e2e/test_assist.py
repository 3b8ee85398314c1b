"""Assisted drawing from the first press of its key: a download, a click, a label file."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.session.assist import Readiness
from gui.settings import Settings
from tests.core.assist.made import disc_model
from tests.gui.user import User

GREY = 51  # a fifth of white: the model draws discs of a radius of 20 pixels


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home folder without any model, and a server that has the files under their hashes."""
    made = disc_model()
    files = {
        blob.hash.removeprefix("sha256:"): data
        for blob, data in zip(made.blobs.values(), (made.encoder, made.decoder), strict=True)
    }

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing on stderr."""

        def do_GET(self) -> None:
            data = files[self.path.removeprefix("/")]
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    monkeypatch.setenv("OSAM_BLOB_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def user(qtbot: QtBot, window_process: None, tmp_path: Path, mirror: None) -> Iterator[User]:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(photos / name), np.full((240, 320, 3), GREY, np.uint8))
    worker = (sys.executable, str(Path(__file__).with_name("assisted_worker.py")))
    settings = Settings(tmp_path / "settings.ini")
    session = Session(settings, prepare=picture_of, worker_command=worker)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    qtbot.waitExposed(window)
    session.open_folder(photos)
    qtbot.waitUntil(lambda: session.document is not None)
    session.class_list.add("disc")
    window.canvas.setFocus()
    yield User(qtbot, window, tmp_path, photos)
    session.close()


def test_from_the_key_of_the_tool_to_the_label_file(user: User) -> None:
    canvas, assist = user.window.canvas, user.session.assist
    user.press("assist_points_tool")
    user.until(lambda: assist.readiness is Readiness.MISSING)
    assert any("not on this machine yet" in sentence for sentence in user.told)

    user.window.notices.answer("Download")
    user.until(lambda: assist.readiness is Readiness.READY)
    user.click_at(100, 120)
    user.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    user.until(lambda: len(user.instances) == 1)
    ring = user.instances[0].parts[0].outer
    outline, disc = shapely.Polygon(ring), shapely.Point(100, 120).buffer(20)
    assert outline.intersection(disc).area / outline.union(disc).area > 0.95
    assert len(ring) <= 20

    user.press("save")
    user.until(lambda: user.session.is_all_saved)
    shapes = json.loads((user.folder / "a.json").read_text())["shapes"]
    assert [shape["label"] for shape in shapes] == ["disc"]


def test_a_box_is_outlined_and_the_next_image_is_ready_ahead(user: User) -> None:
    assist = user.session.assist
    user.press("assist_box_tool")
    user.until(lambda: assist.readiness is Readiness.MISSING)
    user.drag((40, 60), (120, 160))  # it is downloaded for this
    user.until(lambda: len(user.instances) == 1)

    xs, ys = user.instances[0].parts[0].outer.T
    assert (xs.min(), ys.min(), xs.max(), ys.max()) == pytest.approx((40, 60, 120, 160), abs=3)
    user.press("next_image")
    user.until_on("b.png")
    user.until(lambda: assist.readiness is Readiness.READY)
