"""The first pre-label downloads its weights: shown, cancelled, gone on with, by the real worker."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.events import Failed, Finished
from core.maskrcnn.zoo import zoo_path
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.panels.prelabel import PrelabelPanel
from gui.session import Session
from gui.settings import Settings

NAME = "mask_rcnn_R_50_FPN_3x"
# Made so that its MD5 begins with f10217, as the published file's name says of that file.
WEIGHTS = bytes(range(256)) * 16384 + b"06554225"
PIECE = 1 << 18


class SlowServer:
    """Sends the weights piece by piece, slowly until it may hurry; keeps where it was begun."""

    def __init__(self) -> None:
        self.begun_at: list[int] = []
        self.may_send = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Says nothing on stderr."""

            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
                server.begun_at.append(start)
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(WEIGHTS) - start))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    for at in range(start, len(WEIGHTS), PIECE):
                        self.wfile.write(WEIGHTS[at : at + PIECE])
                        server.may_send.wait(0.3)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def close(self) -> None:
        self.may_send.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[SlowServer]:
    made = SlowServer()
    yield made
    made.close()


@pytest.fixture
def window(
    qtbot: QtBot, window_process: None, tmp_path: Path, server: SlowServer
) -> Iterator[MainWindow]:
    photos = tmp_path / "photos"
    photos.mkdir()
    cv2.imwrite(str(photos / "a.png"), np.full((60, 80, 3), 200, np.uint8))
    settings = Settings(tmp_path / "settings.ini")
    settings.set("weights", NAME)
    worker = (sys.executable, str(Path(__file__).with_name("mirrored_worker.py")), server.address)
    session = Session(settings, prepare=picture_of, worker_command=worker)
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    session.open_folder(photos)
    qtbot.waitUntil(lambda: session.document is not None)
    session.class_list.add("person")
    yield made
    session.close()


def test_a_download_is_shown_can_be_cancelled_and_goes_on_later(
    qtbot: QtBot, window: MainWindow, server: SlowServer
) -> None:
    session, panel = window.session, window.docks["prelabel"].widget()
    assert isinstance(panel, PrelabelPanel)
    file = zoo_path(NAME)
    part = file.with_name(file.name + ".part")

    with qtbot.waitSignal(session.run_started) as started:
        panel.image_button.click()
    qtbot.waitUntil(lambda: "MB/s" in panel.downloading.words.text(), timeout=60_000)
    words = panel.downloading.words.text()
    assert words.startswith(f"Downloading {NAME}, licence CC BY-SA 3.0: ")
    assert " of 4 MB, " in words
    panel.downloading.cancel_button.click()
    run = started.args[0]
    qtbot.waitUntil(lambda: not run.is_going, timeout=30_000)
    assert isinstance(run.last, Finished)
    assert run.last.was_cancelled
    assert not panel.downloading.isVisible()
    have = part.stat().st_size
    assert 0 < have < len(WEIGHTS)

    server.may_send.set()
    with qtbot.waitSignal(session.run_started) as started:
        panel.image_button.click()
    again = started.args[0]
    qtbot.waitUntil(lambda: not again.is_going, timeout=60_000)
    assert server.begun_at == [0, have]
    assert file.read_bytes() == WEIGHTS
    assert isinstance(again.last, Failed)  # the bytes are those of no model
    assert file.name in again.last.sentence


def test_without_a_network_the_sentence_says_which_file_goes_where(
    qtbot: QtBot, window: MainWindow, server: SlowServer
) -> None:
    server.close()
    with qtbot.waitSignal(window.session.run_started) as started:
        window.session.prelabel_image()
    run = started.args[0]
    qtbot.waitUntil(lambda: not run.is_going, timeout=60_000)
    assert isinstance(run.last, Failed)
    assert "could not be downloaded" in run.last.sentence
    assert str(zoo_path(NAME)) in run.last.sentence
