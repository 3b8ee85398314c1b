"""Sources for tests: videos that are written on the spot, cameras and clocks of our own."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.errors import AppError
from core.live.capture import Clock
from core.live.sources import Ended, Given

Rgb = npt.NDArray[np.uint8]


def disc(x: int = 40, *, size_hw: tuple[int, int] = (96, 128)) -> Rgb:
    """A red disc on a dark ground: (H, W, 3) uint8 RGB."""
    rgb = np.full((*size_hw, 3), 20, np.uint8)
    cv2.circle(rgb, (x, size_hw[0] // 2), 15, (250, 30, 30), -1)
    return rgb


def write_video(
    path: Path, frames: Iterable[Rgb], *, fourcc: str = "MJPG", frames_per_s: float = 25
) -> Path:
    """A video of RGB frames of one size."""
    writer: cv2.VideoWriter | None = None
    for rgb in frames:
        if writer is None:
            code = cv2.VideoWriter.fourcc(*fourcc)
            writer = cv2.VideoWriter(str(path), code, frames_per_s, (rgb.shape[1], rgb.shape[0]))
            assert writer.isOpened()
        writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    assert writer is not None
    writer.release()
    return path


class Grabber:
    """In place of cv2.VideoCapture: gives these BGR frames, then nothing."""

    def __init__(
        self, frames: Iterable[Any] = (), properties: Mapping[int, float] | None = None
    ) -> None:
        self.is_released = False
        self.was_set: dict[int, float] = {}
        self._frames = deque(frames)
        self._properties = properties or {}

    def isOpened(self) -> bool:
        return bool(self._frames)

    def get(self, property_id: int, /) -> float:
        return self._properties.get(property_id, -1.0)

    def set(self, property_id: int, value: float, /) -> bool:
        self.was_set[property_id] = value
        return True

    def read(self) -> tuple[bool, Any]:
        if not self._frames:
            return False, None
        frame = self._frames.popleft()
        if isinstance(frame, Exception):
            raise frame
        return True, frame

    def release(self) -> None:
        self.is_released = True


class ScriptedSource:
    """Gives what it was told to; a function among it is called, and what it returns is given."""

    title = "Scripted"
    frames_per_s = 0.0

    def __init__(
        self,
        given: Iterable[Given | Callable[[], Given]],
        *,
        interval_s: float = 0.0,
        is_every_frame_shown: bool = False,
    ) -> None:
        self.interval_s = interval_s
        self.is_every_frame_shown = is_every_frame_shown
        self.is_closed = False
        self._given = deque(given)

    def read(self) -> Given:
        if not self._given:
            return Ended("The script has come to its end.")
        given = self._given.popleft()
        return given() if callable(given) else given

    def close(self) -> None:
        self.is_closed = True


def opening(*sources: ScriptedSource | AppError) -> Callable[[], ScriptedSource]:
    """Opens one after the other; where an error stands, it is raised."""
    left = deque(sources)

    def open_it() -> ScriptedSource:
        source = left.popleft()
        if isinstance(source, AppError):
            raise source
        return source

    return open_it


class QuickClock(Clock):
    """Time passes only where somebody waits, and then at once."""

    def __init__(self) -> None:
        self.waited_s: list[float] = []
        self._now_s = 0.0

    def now(self) -> float:
        return self._now_s

    def pass_by(self, seconds: float) -> None:
        self._now_s += seconds

    def wait(self, until: threading.Event, seconds: float) -> None:
        self.waited_s.append(seconds)
        self._now_s += seconds
