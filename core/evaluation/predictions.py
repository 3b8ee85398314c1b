"""Detections of many image files, decoded while the model computes."""

import contextlib
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.engines import Engine
from core.errors import AppError
from core.events import Noted
from core.images import read_image
from core.types import Detections, Problem

_AHEAD = 3
_AT_ONCE_ON_GPU = 4
_DECODERS_BESIDE_GPU = 3
_Pixels: TypeAlias = npt.NDArray[np.uint8]


class NotesOf:
    """What an engine has to say, each note once: some come while it predicts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._n_said = 0

    def new(self) -> Iterator[Noted]:
        """Those that came since the last time."""
        notes = self._engine.notes[self._n_said :]
        self._n_said += len(notes)
        for note in notes:
            yield Noted(note, lasts=True)


def detections_of_files(
    engine: Engine, files: Sequence[Path]
) -> Iterator[tuple[Path, Detections | Problem]]:
    """Each file with what the engine sees in it, or why it cannot be read, in the given order."""
    on_gpu = engine.device.startswith("cuda")
    decoded = _decoded(files, n_ahead=2 * _AT_ONCE_ON_GPU if on_gpu else _AHEAD, on_gpu=on_gpu)
    with contextlib.closing(decoded):
        while some := list(islice(decoded, _AT_ONCE_ON_GPU if on_gpu else 1)):
            images = [pixels for _, pixels in some if not isinstance(pixels, Problem)]
            found = iter(engine.predict(images) if images else ())
            for file, pixels in some:
                yield file, pixels if isinstance(pixels, Problem) else next(found)


def _decoded(
    files: Sequence[Path], *, n_ahead: int, on_gpu: bool
) -> Generator[tuple[Path, _Pixels | Problem], None, None]:
    def decode(file: Path) -> _Pixels | Problem:
        try:
            return read_image(file)
        except AppError as error:
            return Problem(str(file), str(error))

    waiting: deque[tuple[Path, Future[_Pixels | Problem]]] = deque()
    # where the CPU predicts, its cores are taken, but for the one that is left free
    n_threads = _DECODERS_BESIDE_GPU if on_gpu else 1
    with ThreadPoolExecutor(n_threads, thread_name_prefix="decode") as pool:
        for file in files:
            waiting.append((file, pool.submit(decode, file)))
            if len(waiting) > n_ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        for file, future in waiting:
            yield file, future.result()
