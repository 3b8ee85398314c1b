"""Cyclic garbage is collected in the window's thread alone.

Python collects in whatever thread happens to allocate. A QObject that dies so in a worker thread
takes the program down with it (seen: a segmentation fault in the event loop within seconds).
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000
_ALL_EVERY = 60  # young garbage is a matter of microseconds, all of it of tens of milliseconds


class GarbageInThisThread(QObject):
    """Collects by a timer of its own thread from now on, and nowhere else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._n = 0
        gc.disable()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        self._n += 1
        gc.collect(2 if self._n % _ALL_EVERY == 0 else 1)
