"""labelme's window, going from image to image. A child of next_image.py."""

import json
import sys
import time

from labelme.app import MainWindow
from PyQt5 import QtCore, QtWidgets

_LOOK_MS = 1500


class Steps(QtCore.QObject):
    """Goes on so many times, and notes how long each took until it was painted."""

    def __init__(self, window: MainWindow, n_steps: int) -> None:
        super().__init__()
        self.milliseconds: list[float] = []
        self._window = window
        self._n_steps = n_steps
        self._began: float | None = None
        window._canvas_widgets.canvas.installEventFilter(self)
        QtCore.QTimer.singleShot(2 * _LOOK_MS, self._step)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Paint and self._began is not None:
            QtCore.QTimer.singleShot(0, self._on_painted)
        return False

    def _step(self) -> None:
        self._began = time.perf_counter()
        self._window._open_next_image()

    def _on_painted(self) -> None:
        if self._began is None:
            return
        self.milliseconds.append((time.perf_counter() - self._began) * 1000)
        self._began = None
        if len(self.milliseconds) == self._n_steps:
            application.exit(0)
        else:
            QtCore.QTimer.singleShot(_LOOK_MS, self._step)


application = QtWidgets.QApplication(sys.argv[:1])
application.setStyle("Fusion")
window = MainWindow(config_file=None, config_overrides={}, file_or_dir=sys.argv[1])
window.resize(1440, 900)
window.show()
steps = Steps(window, int(sys.argv[3]))
QtCore.QTimer.singleShot(120_000, lambda: application.exit(3))
application.exec_()
sys.stdout.write(json.dumps(steps.milliseconds) + "\n")
sys.stdout.flush()
