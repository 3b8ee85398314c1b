"""A timer of the window's thread that notes how late it is: what blocks the window shows there."""

import time

from PySide6.QtCore import Qt, QTimer

_INTERVAL_MS = 16


class Gaps:
    """How late a 16 ms timer is, in ms."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=_INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begins to note."""
        self.late_ms.clear()
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> list[float]:
        """What was noted."""
        self._timer.stop()
        return list(self.late_ms)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late_ms.append((now - self._last) * 1000 - _INTERVAL_MS)
        self._last = now
