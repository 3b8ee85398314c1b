"""A long watch: `python tests/bench/live_soak.py --minutes 10`, a looping film and a slow engine.

It prints figures and judges nothing: memory of both processes, latency, and how much was dropped,
a line a while.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 (the root is not on the path before)

from core.configs import EngineConfig, LiveConfig  # noqa: E402
from core.events import Event, Failed, Finished, LiveFrame  # noqa: E402
from tests.bench._live_watching import Watcher, film  # noqa: E402


@dataclass
class Stretch:
    """What was measured since the last line."""

    latencies_s: list[float] = field(default_factory=list)
    first: int = -1
    last: int = -1
    n_backwards: int = 0

    def add(self, frame: LiveFrame, arrived_s: float) -> None:
        """Takes a frame."""
        self.latencies_s.append(arrived_s - frame.captured_at_s)
        self.first = frame.number if self.first < 0 else self.first
        self.n_backwards += frame.number <= self.last
        self.last = frame.number


def main() -> int:
    """Watches and prints; 1 where the job failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two lines")
    parser.add_argument("--weights", default="fake:slow")
    parser.add_argument("--engine", default="fake")
    parser.add_argument("--frames-per-s", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        source = film(place / "film.avi", seconds=5, frames_per_s=options.frames_per_s)
        engine = EngineConfig(options.weights, engine=options.engine)
        config = LiveConfig(engine, str(source), str(place / "frames"), is_looped=True)
        watcher = Watcher(config)
        last = _watched(watcher, seconds=60 * options.minutes, every_s=options.every)
        watcher.end()
        left = sorted(one.name for one in place.iterdir())
    sys.stdout.write(f"ended with {last}; {watcher.n_torn} frames torn; left: {left}\n")
    return int(isinstance(last, Failed))


def _watched(watcher: Watcher, *, seconds: float, every_s: float) -> Event | None:
    sys.stdout.write(
        "minute  child MB  reader MB  frames/s  dropped  p50 ms  p95 ms  max ms  back\n"
    )
    begun_s = time.monotonic()
    line_s, stretch, last = begun_s, Stretch(), None
    for arrived_s, event in watcher.events():
        last = event
        if isinstance(event, LiveFrame):
            stretch.add(event, arrived_s)
        if arrived_s > line_s + every_s and stretch.latencies_s:
            minutes = (arrived_s - begun_s) / 60
            sys.stdout.write(_line(minutes, arrived_s - line_s, watcher.pid, stretch) + "\n")
            sys.stdout.flush()
            line_s, stretch = arrived_s, Stretch(last=stretch.last)
        if arrived_s > begun_s + seconds and not isinstance(event, Finished):
            watcher.cancel()
            seconds = float("inf")
    return last


def _line(minutes: float, seconds: float, pid: int, stretch: Stretch) -> str:
    p50, p95, most = (1000 * float(np.percentile(stretch.latencies_s, q)) for q in (50, 95, 100))
    n_seen = len(stretch.latencies_s)
    dropped = 1 - n_seen / max(1, stretch.last - stretch.first + 1)
    return (
        f"{minutes:6.1f}  {_resident_mb(pid):8.1f}  {_resident_mb(os.getpid()):9.1f}"
        f"  {n_seen / seconds:8.1f}  {dropped:6.0%}  {p50:6.0f}  {p95:6.0f}  {most:6.0f}"
        f"  {stretch.n_backwards:4}"
    )


def _resident_mb(pid: int) -> float:
    """What a process has in memory now; NaN where the system does not say it in this way."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
