"""The window opens without torch: in a fresh process, with an image on its canvas."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from gui import app
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings

application = app.made_application()
session = Session(Settings(Path(sys.argv[2])), prepare=picture_of)
window = MainWindow(session)
window.show()
session.document_changed.connect(lambda: session.document and application.exit(0))
QTimer.singleShot(60_000, lambda: application.exit(3))
app.begin(window, [sys.argv[1]])
code = application.exec()
window.close()
slow = {"torch", "torchvision", "pyqtgraph", "matplotlib", "osam", "onnxruntime"}
heavy = sorted(slow & set(sys.modules))
sys.stdout.write(f"{code} {heavy} {window.canvas.image_rect().width()}")
"""


def test_a_window_that_shows_an_image_has_not_loaded_torch(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    cv2.imwrite(str(photos / "a.png"), np.full((30, 40, 3), 200, np.uint8))
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(photos), str(tmp_path / "settings.ini")],
        capture_output=True,
        text=True,
        timeout=100,
        env=environment,
        check=False,
    )
    assert done.stdout == "0 [] 40.0", done.stderr


def test_without_a_display_the_program_says_so(tmp_path: Path) -> None:
    without = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=100,
        env={name: value for name, value in os.environ.items() if name not in without},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("There is no display")


def test_a_python_without_the_packages_says_which_one_has_them() -> None:
    started = subprocess.run(
        [sys.executable, "-S", str(ROOT / "main.py"), "doctor"],
        capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, check=False,
    )  # fmt: skip
    assert started.returncode == 1
    assert started.stderr.count("\n") == 1
    assert ".venv/bin/python main.py" in started.stderr
