"""A long watch in the window: `python tests/bench/live_soak_window.py --minutes 10`, offscreen.

A looping film and an engine slower than it. It prints figures and judges nothing: memory of both
processes, latency from capture to paint, and how late the window's thread was, a line a while.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402 (the root is not on the path before)
from PySide6.QtCore import QTimer  # noqa: E402

from gui.app import made_application  # noqa: E402
from gui.canvas.picture import picture_of  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.pages.live import LivePage  # noqa: E402
from gui.session import Session  # noqa: E402
from gui.session.live import LivePicture  # noqa: E402
from gui.settings import Settings  # noqa: E402
from gui.widgets.garbage import GarbageInThisThread  # noqa: E402
from tests.bench._gaps import Gaps  # noqa: E402
from tests.bench._live_watching import film  # noqa: E402


class Soak:
    """Watches, and prints a line every so often."""

    def __init__(self, window: MainWindow, *, every_s: float) -> None:
        self._live = window.session.live
        self._gaps = Gaps()
        self._picture: LivePicture | None = None
        self._latencies_s: list[float] = []
        self._begun_s = time.monotonic()
        self._every_s = every_s
        page = window.pages.page("live")
        assert isinstance(page, LivePage)
        page.view.painted.connect(self._on_painted)
        self._live.shown.connect(self._on_shown)
        self._live.start()
        self._timer = QTimer(interval=int(1000 * every_s))
        self._timer.timeout.connect(self._say)
        self._timer.start()
        self._gaps.start()

    def _on_shown(self, picture: LivePicture) -> None:
        self._picture = picture

    def _on_painted(self, ended_s: float, _took_s: float) -> None:
        if self._picture is not None:
            self._latencies_s.append(ended_s - self._picture.frame.captured_at_s)

    def _say(self) -> None:
        late_ms, latencies_s = self._gaps.stop(), self._latencies_s or [float("nan")]
        p50, p95, most = (1000 * float(np.percentile(latencies_s, q)) for q in (50, 95, 100))
        late, latest = (float(np.percentile(late_ms, q)) for q in (99, 100))
        minutes = (time.monotonic() - self._begun_s) / 60
        sys.stdout.write(
            f"{minutes:6.1f}  {_resident_mb(os.getpid()):9.1f}"
            f"  {sum(_resident_mb(child) for child in _children()):8.1f}"
            f"  {len(self._latencies_s) / self._every_s:8.1f}  {p50:6.0f}  {p95:6.0f}  {most:6.0f}"
            f"  {late:11.1f}  {latest:11.1f}\n"
        )
        sys.stdout.flush()
        self._latencies_s = []
        self._gaps.start()


def _children() -> list[int]:
    # of each thread, because children are started in threads
    listed = (file.read_text() for file in Path("/proc/self/task").glob("*/children"))
    return [int(child) for text in listed for child in text.split()]


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Opens the window on its Live page and watches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        source = film(place / "film.avi", seconds=5, frames_per_s=60.0)
        application = made_application()
        settings = Settings(place / "settings.ini")
        values = (
            ("live_kind", "file"), ("live_file", str(source)), ("live_is_looped", 1),
            ("engine", "fake"), ("weights", "fake:slow"),
        )  # fmt: skip
        for name, value in values:
            settings.set(name, value)
        window = MainWindow(Session(settings, prepare=picture_of))
        GarbageInThisThread(window)
        window.resize(1400, 900)
        window.show()
        window.actions_by_name["page_live"].trigger()
        sys.stdout.write(
            "minute  window MB  child MB  frames/s  p50 ms  p95 ms  max ms"
            "  late p99 ms  late max ms\n"
        )
        soak = Soak(window, every_s=options.every)
        QTimer.singleShot(int(60_000 * options.minutes), application.quit)
        application.exec()
        del soak
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
