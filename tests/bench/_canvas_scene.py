"""What both canvases of the benchmark show, and how their frames are taken."""

import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

IMAGE_HW = (3000, 4000)
VIEW_WH = (1600, 1000)
_VERTICES = 60


def image() -> npt.NDArray[np.uint8]:
    """12 megapixels of noise on a ramp, (H, W, 3) uint8 RGB."""
    height, width = IMAGE_HW
    ramp = np.linspace(40, 200, width, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(1).normal(0, 12, (height, width, 3)).astype(np.float32)
    return np.clip(ramp + noise, 0, 255).astype(np.uint8)


def rings(n_instances: int) -> npt.NDArray[np.float64]:
    """(N, 60, 2) outlines of uneven discs all over the image; the first lies in its middle."""
    random = np.random.default_rng(0)
    height, width = IMAGE_HW
    angles = np.linspace(0, 2 * np.pi, _VERTICES, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    radii = random.uniform(15, 55, (n_instances, 1, 1))
    radii = radii * (1 + 0.1 * random.standard_normal((n_instances, _VERTICES, 1)))
    centres = random.uniform((150, 150), (width - 150, height - 150), (n_instances, 1, 2))
    centres[0] = (width / 2, height / 2)
    return centres + radii * circle


def circle_path(steps: int, *, radius_px: float) -> Iterator[tuple[float, float]]:
    """Points around (0, 0), one a frame, never the same twice in a row."""
    for step in range(steps):
        angle = 2 * np.pi * step / 40
        yield radius_px * float(np.cos(angle)), radius_px * float(np.sin(angle))


def serve(
    ways: dict[str, Callable[[int], Iterator[Callable[[], None]]]],
    *,
    settle: Callable[[], None],
    pixels: Callable[[], bytes],
) -> None:
    """Answers lines of JSON, `[way, frames]`, with the milliseconds of each frame, and of its event
    alone.

    A frame is timed from its input event until everything that it changed is painted; then the
    painted pixels are read back, and a frame that changed none of them is counted as missing.
    """
    _say("ready")
    for line in sys.stdin:
        way, frames = json.loads(line)
        milliseconds, of_event, of_cpu, missing, last = [], [], [], 0, 0
        for number, make_frame in enumerate(ways[way](frames)):
            if number == 0:
                settle()  # the size that the way begins with is no frame of it
            begin, cpu = time.perf_counter(), time.process_time()
            make_frame()
            of_event.append((time.perf_counter() - begin) * 1000)
            settle()
            milliseconds.append((time.perf_counter() - begin) * 1000)
            of_cpu.append((time.process_time() - cpu) * 1000)
            now = zlib.crc32(pixels())
            missing += now == last
            last = now
        _say(
            {
                "milliseconds": milliseconds,
                "of_event": of_event,
                "of_cpu": of_cpu,
                "missing": missing,
            }
        )


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
