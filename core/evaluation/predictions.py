"""Detections of many image files, decoded while the model computes."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.engines import Engine
from core.errors import AppError
from core.images import read_image
from core.types import Detections, Problem

_AHEAD = 3
_Pixels: TypeAlias = npt.NDArray[np.uint8]


def detections_of_files(
    engine: Engine, files: Sequence[Path]
) -> Iterator[tuple[Path, Detections | Problem]]:
    """Each file with what the engine sees in it, or why it cannot be read, in the given order."""
    for file, pixels in _decoded(files):
        if isinstance(pixels, Problem):
            yield file, pixels
        else:
            (detections,) = engine.predict([pixels])
            yield file, detections


def _decoded(files: Sequence[Path]) -> Iterator[tuple[Path, _Pixels | Problem]]:
    def decode(file: Path) -> _Pixels | Problem:
        try:
            return read_image(file)
        except AppError as error:
            return Problem(str(file), str(error))

    waiting: deque[tuple[Path, Future[_Pixels | Problem]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        for file in files:
            waiting.append((file, pool.submit(decode, file)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for file, future in waiting:
            yield file, future.result()
