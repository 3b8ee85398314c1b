"""COCO export: 100,000 instances in 5 s, and memory that does not grow with their number."""

import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.formats import LabelledImage
from core.formats.coco import FORMAT
from core.types import ImageLabels, Instance, LabelClass, Part

_PER_IMAGE = 10
_VERTICES = 20
_CLASSES = (LabelClass(1, "coat", "#0072b2"), LabelClass(2, "hat", "#e69f00"))


def _images(count: int) -> Iterator[LabelledImage]:
    """Images of star-shaped instances; each is made when it is asked for, as a project does."""
    random = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, _VERTICES, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for n in range(count):
        centres = random.uniform(100, 900, (_PER_IMAGE, 1, 2))
        radii = random.uniform(20, 80, (_PER_IMAGE, _VERTICES, 1))
        instances = tuple(
            Instance(f"{i}", 1 + i % 2, (Part(ring),))
            for i, ring in enumerate(centres + radii * circle)
        )
        yield LabelledImage(f"photo{n:06}.jpg", ImageLabels((1000, 1000), instances))


def _seconds(write: Any, count: int, out: Path) -> float:
    made = 0.0
    begin = time.perf_counter()

    def timed() -> Iterator[LabelledImage]:
        nonlocal made
        source = _images(count)
        while True:
            at = time.perf_counter()
            image = next(source, None)
            made += time.perf_counter() - at
            if image is None:
                return
            yield image

    write(out, timed(), _CLASSES)
    return time.perf_counter() - begin - made


def _peak_mb(write: Any, count: int, out: Path) -> float:
    tracemalloc.start()
    try:
        write(out, _images(count), _CLASSES)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows, measured now."""
    assert FORMAT.write is not None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "instances.json"
        seconds = _seconds(FORMAT.write, 100_000 // _PER_IMAGE, out)
        size_mb = out.stat().st_size / 1e6
        few, many = (_peak_mb(FORMAT.write, n, out) for n in (500, 4_000))
    shared = {"peer": None, "peer_value": None}
    how = f"{100_000 // _PER_IMAGE} images, {_VERTICES} vertices an instance, {size_mb:.0f} MB"
    return [
        {
            "name": "COCO export, 100,000 instances",
            "value": round(seconds, 2),
            "unit": "s",
            "budget": 5.0,
            **shared,
            "holds": seconds <= 5.0,
            "how": f"{how}; without the time in which the images are made",
        },
        {
            "name": "COCO export, memory of 40,000 instances",
            "value": round(many, 2),
            "unit": "MB",
            "budget": 8.0,
            **shared,
            "holds": many <= 8.0,
            "how": f"peak of what Python holds; {few:.2f} MB for 5,000 instances",
        },
    ]
