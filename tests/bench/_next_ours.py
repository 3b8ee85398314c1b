"""Our window, going from image to image. A child of next_image.py."""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer

from gui.app import begin, made_application
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.session import Session
from gui.settings import Settings

_LOOK_MS = 1500


class Steps(QObject):
    """Goes on so many times, and notes how long each took until it was painted."""

    def __init__(self, window: MainWindow, n_steps: int) -> None:
        super().__init__()
        self.milliseconds: list[float] = []
        self._window = window
        self._n_steps = n_steps
        self._began: float | None = None
        self._is_there = False
        window.session.document_changed.connect(self._on_document_changed)
        window.canvas.viewport().installEventFilter(self)
        QTimer.singleShot(2 * _LOOK_MS, self, self._step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._is_there:
            self._is_there = False
            QTimer.singleShot(0, self, self._on_painted)
        return False

    def _step(self) -> None:
        self._began = time.perf_counter()
        self._window.actions_by_name["next_image"].trigger()

    def _on_document_changed(self) -> None:
        document = self._window.session.document
        self._is_there = self._began is not None and document is not None

    def _on_painted(self) -> None:
        assert self._began is not None
        self.milliseconds.append((time.perf_counter() - self._began) * 1000)
        self._began = None
        if len(self.milliseconds) == self._n_steps:
            application.exit(0)
        else:
            QTimer.singleShot(_LOOK_MS, self, self._step)


application = made_application()
session = Session(Settings(Path(sys.argv[2])), prepare=picture_of)
window = MainWindow(session)
window.resize(1440, 900)
window.show()
begin(window, [sys.argv[1]])
steps = Steps(window, int(sys.argv[3]))
QTimer.singleShot(120_000, lambda: application.exit(3))
application.exec()
window.close()
sys.stdout.write(json.dumps(steps.milliseconds) + "\n")
