"""Pictures of every page and dialog, light and dark, at 100 and 200 percent: make screenshots.

All is real: the demo project, two fine-tunes of it, their predictions, a video of its images. The
first child works through the loop at 100 percent and films it; the second shows what the first left
at 200 percent. docs/screenshots gets the pictures at 100 percent and those of the README at 200
(@2x), build/screenshots all others.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY_MS = 100

sys.path.insert(0, str(ROOT))


class Tour:
    """Goes through steps, each when what the one before waits for is so, in Qt's own loop."""

    def __init__(self, steps: Iterator[Callable[[], bool]]) -> None:
        from PySide6.QtCore import QTimer

        self._steps = steps
        self._is_done: Callable[[], bool] = lambda: True
        self._timer = QTimer(interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        from PySide6.QtWidgets import QApplication

        if not self._is_done():
            return
        try:
            self._is_done = next(self._steps)
        except StopIteration:
            self._timer.stop()
            QApplication.exit(0)
        except BaseException:
            self._timer.stop()
            QApplication.exit(1)
            raise


def main() -> int:
    """Makes the pictures of one scale, or starts itself for each."""
    if len(sys.argv) == 3:
        return pictures(scale=int(sys.argv[1]), place=Path(sys.argv[2]))
    home = Path(tempfile.gettempdir()) / "ada"  # whose name is in the pictures
    home.mkdir()
    try:
        return max(_child(scale, home) for scale in (1, 2))
    finally:
        shutil.rmtree(home)


def _child(scale: int, home: Path) -> int:
    # Of its own accord the offscreen screen is smaller than the window is at its first start.
    screen = {"name": "desk", "x": 0, "y": 0, "width": 1920 * scale, "height": 1200 * scale}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    config = home / "screen.json"
    config.write_text(json.dumps({"screens": [screen]}))
    environment = os.environ | {
        "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        "QT_SCALE_FACTOR": str(scale),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
    }
    return subprocess.call([sys.executable, __file__, str(scale), str(home)], env=environment)


def pictures(*, scale: int, place: Path) -> int:
    """Makes the pictures of a scale; the exit code."""
    from _shots import Scene, tour

    from gui.app import follow_theme, made_application
    from gui.canvas.picture import picture_of
    from gui.main_window import MainWindow
    from gui.session import Session
    from gui.settings import Settings

    application = made_application()
    settings = Settings(place / f"settings_{scale}.ini")
    settings.set("theme", "light")  # offscreen there is no system to follow
    settings.set("device", "cpu")
    session = Session(settings, prepare=picture_of)
    window = MainWindow(session)
    follow_theme(application, settings)
    window.show()
    going = Tour(tour(Scene(window, place, ROOT, scale)))
    code = application.exec()
    del going
    session.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
