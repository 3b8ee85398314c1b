"""The figures of the live view: how many frames a second, how late, how many were left out."""

from collections import deque
from statistics import median

_SPAN_S = 2.0
"""Frames a second are those of so long."""
_N_LATENCIES = 60
_MOST = 600  # more than any source gives in that time


class LiveFigures:
    """Counts the frames of one source that were painted."""

    def __init__(self) -> None:
        self.n_left_out = 0
        """Frames that the source gave and nobody saw, because a newer one was there already."""
        self._last_number: int | None = None
        self._painted_at_s: deque[float] = deque(maxlen=_MOST)
        self._latencies_s: deque[float] = deque(maxlen=_N_LATENCIES)

    def count(self, number: int, *, captured_at_s: float, painted_at_s: float) -> None:
        """A frame was painted; both times are time.monotonic()'s."""
        if self._last_number is not None:
            self.n_left_out += max(number - self._last_number - 1, 0)
        self._last_number = number
        self._painted_at_s.append(painted_at_s)
        self._latencies_s.append(painted_at_s - captured_at_s)

    def frames_per_s(self, now_s: float) -> float | None:
        """Of the last moments before now, by time.monotonic(); None before the second frame."""
        if len(self._painted_at_s) < 2:
            return None
        recent = [at_s for at_s in self._painted_at_s if now_s - at_s <= _SPAN_S]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-3)

    @property
    def latency_s(self) -> float | None:
        """The median of the last frames, from capture to paint; None before the first."""
        return median(self._latencies_s) if self._latencies_s else None
