"""A fake engine that has something to say at its second image, as where memory runs short."""

from collections.abc import Generator, Sequence

import numpy as np
import numpy.typing as npt

from core.configs import EngineConfig
from core.engines import Engine, EngineShelf
from core.engines.fake import FakeEngine
from core.events import Event
from core.types import Detections

LOADED, TIRED = "It was loaded.", "It does with less memory."


class TiringEngine(FakeEngine):
    """Says LOADED from the start on, TIRED from its second image on."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self.notes = (LOADED,)
        self._n_seen = 0

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        before, self._n_seen = self._n_seen, self._n_seen + len(images)
        if before < 2 <= self._n_seen:
            self.notes = (LOADED, TIRED)
        return super().predict(images)


class TiringShelf(EngineShelf):
    """Has nothing else."""

    def engine(self, config: EngineConfig) -> Generator[Event, None, Engine]:
        yield from ()
        return TiringEngine(config)
