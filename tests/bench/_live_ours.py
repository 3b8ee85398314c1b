"""The window's Live page on a film: when each frame was taken, shown and painted."""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from gui.app import begin, made_application
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.pages.live import LivePage
from gui.session import Session
from gui.session.live import LivePicture
from gui.settings import Settings
from gui.widgets.garbage import GarbageInThisThread


class Measurement:
    """Watches for so many seconds from the first frame on, after those of the warm-up."""

    def __init__(self, window: MainWindow, *, seconds: float, warm_up_s: float) -> None:
        self.frames: list[dict[str, float]] = []
        self._live = window.session.live
        self._seconds, self._warm_up_s = seconds, warm_up_s
        self._picture: LivePicture | None = None
        self._from_s = float("inf")
        page = window.pages.page("live")
        assert isinstance(page, LivePage)
        page.view.painted.connect(self._on_painted)
        self._live.shown.connect(self._on_shown)
        self._live.changed.connect(self._on_changed)
        self._live.start()

    def _on_shown(self, picture: LivePicture) -> None:
        if self._picture is None:
            self._from_s = time.monotonic() + self._warm_up_s
            QTimer.singleShot(int(1000 * (self._seconds + self._warm_up_s)), self._live.stop)
        self._picture = picture

    def _on_painted(self, ended_s: float, took_s: float) -> None:
        picture = self._picture
        if picture is not None and picture.frame.captured_at_s >= self._from_s:
            self.frames.append(
                {
                    "number": picture.frame.number,
                    "instances": len(picture.frame.instances),
                    "predicted_in_s": picture.frame.predicted_in_s,
                    "latency_s": ended_s - picture.frame.captured_at_s,
                    "painted_s": ended_s,
                    "paint_s": took_s,
                }
            )

    def _on_changed(self) -> None:
        if not self._live.is_going:
            application.exit(0)


settings_file, source, weights, seconds, warm_up_s = sys.argv[1:]
application = made_application()
settings = Settings(Path(settings_file))
for name, value in (("live_kind", "file"), ("live_file", source), ("weights", weights)):
    settings.set(name, value)
settings.set("live_is_looped", 1)
settings.set("live_score", 0.5)
window = MainWindow(Session(settings, prepare=picture_of))
GarbageInThisThread(window)
window.resize(1400, 900)
window.show()
begin(window, [])
window.actions_by_name["page_live"].trigger()
measurement = Measurement(window, seconds=float(seconds), warm_up_s=float(warm_up_s))
application.exec()
window.close()
sys.stdout.write(json.dumps(measurement.frames) + "\n")
