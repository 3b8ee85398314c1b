"""Our window, from the start of the process to its first image. A child of window_start.py."""

import json
import sys
import time
from pathlib import Path

BEGIN = float(sys.argv[1])

from PySide6.QtCore import QEvent, QObject, QTimer  # noqa: E402 (the clock goes first)

from gui.app import begin, made_application  # noqa: E402
from gui.canvas.picture import picture_of  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.session import Session  # noqa: E402
from gui.settings import Settings  # noqa: E402


class Watch(QObject):
    """Notes when a widget was painted, and when pixels of the image were."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.times: dict[str, float] = {}
        self._window = window
        window.installEventFilter(self)
        window.canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self, lambda: self._on_painted(watched))
        return False

    def _on_painted(self, watched: QObject) -> None:
        now = time.time() - BEGIN
        if watched is self._window:
            self.times.setdefault("window", now)
        elif not self._window.canvas.image_rect().isEmpty():
            pixel = self._window.canvas.viewport().grab().toImage()
            middle = pixel.pixelColor(pixel.width() // 2, pixel.height() // 2)
            if middle.red() > 240 and middle.green() < 60:
                self.times.setdefault("image", now)
                application.exit(0)


application = made_application()
session = Session(Settings(Path(sys.argv[3])), prepare=picture_of)
window = MainWindow(session)
watch = Watch(window)
window.show()
QTimer.singleShot(0, window, lambda: begin(window, [sys.argv[2]]))
QTimer.singleShot(60_000, lambda: application.exit(3))
application.exec()
has_torch = "torch" in sys.modules
window.close()
sys.stdout.write(json.dumps({**watch.times, "has_torch": has_torch}) + "\n")
