"""labelme's window, from the start of the process to its first image. A child of window_start."""

import json
import sys
import time

BEGIN = float(sys.argv[1])

from labelme.app import MainWindow  # noqa: E402 (the clock goes first)
from PyQt5 import QtCore, QtWidgets  # noqa: E402


class Watch(QtCore.QObject):
    """Notes when the window was painted, and when its canvas was with an image in it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.times: dict[str, float] = {}
        self._window = window
        self._canvas = window._canvas_widgets.canvas
        window.installEventFilter(self)
        self._canvas.installEventFilter(self)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Paint:
            QtCore.QTimer.singleShot(0, lambda: self._on_painted(watched))
        return False

    def _on_painted(self, watched: QtCore.QObject) -> None:
        now = time.time() - BEGIN
        if watched is self._window:
            self.times.setdefault("window", now)
        elif not self._canvas.pixmap.isNull():
            self.times.setdefault("image", now)
        if len(self.times) == 2:
            application.exit(0)


application = QtWidgets.QApplication(sys.argv[:1])
application.setStyle("Fusion")
window = MainWindow(config_file=None, config_overrides={}, file_or_dir=sys.argv[2])
watch = Watch(window)
window.show()
window.raise_()
QtCore.QTimer.singleShot(120_000, lambda: application.exit(3))
application.exec_()
sys.stdout.write(json.dumps(watch.times) + "\n")
sys.stdout.flush()
