"""What a move of the threshold will show and hide in the other images, while it goes on."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.merge import unjudged
from core.predictions import PredictionStore, usable
from core.project import Project
from core.thresholds import Thresholds
from core.types import ImageState
from gui.runs import ThreadRun

_TELL_EVERY = 20  # images


@dataclass(frozen=True, slots=True)
class Change:
    """How many predictions another threshold shows or hides."""

    n_appear: int
    n_go: int
    n_images: int
    """In which any of them lie."""
    n_unknown: int = 0
    """Images that were not looked at yet."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    key: str
    class_ids: npt.NDArray[np.int64]
    """(N,) of the predictions that no person judged."""
    scores: npt.NDArray[np.float64]
    """(N,)"""


class Foreseen(QObject):
    """Reads the kept predictions of a folder once, and counts them for any threshold."""

    changed = Signal()

    def __init__(
        self,
        project: Project,
        store: PredictionStore,
        reader: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._store = store
        self._known: dict[str, _Scores] = {}
        self._wanted: Sequence[str] = ()
        self._reading = ThreadRun(self._read, reader, latest_only=True, parent=self)
        self._reading.reported.connect(self._on_read)
        self._reading.ended.connect(lambda _: self.changed.emit())

    def begin(self, keys: Sequence[str]) -> None:
        """Reads those of these images that are not known yet."""
        self._wanted = keys
        self._reading.start([key for key in keys if key not in self._known])

    def forget(self, key: str) -> None:
        """Reads an image anew the next time: its labels, or what is kept for it, are others."""
        self._known.pop(key, None)

    def stop(self) -> None:
        """Reads no further; what was read is kept."""
        self._reading.drop()

    def change(self, before: Thresholds, after: Thresholds) -> Change:
        """What lies between two thresholds in the images that `begin` was given."""
        n_appear = n_go = n_images = 0
        known = [self._known[key] for key in self._wanted if key in self._known]
        for one in known:
            was, will = _shown(one, before), _shown(one, after)
            appear, go = int((will & ~was).sum()), int((was & ~will).sum())
            n_appear, n_go = n_appear + appear, n_go + go
            n_images += bool(appear or go)
        return Change(n_appear, n_go, n_images, len(self._wanted) - len(known))

    def _read(self, keys: Sequence[str]) -> Iterator[_Scores]:
        """Called in a reader's thread."""
        kept = frozenset(self._store.those_kept(keys))
        for key in keys:
            yield self._scores_of(key) if key in kept else _scores(key, [])

    def _scores_of(self, key: str) -> _Scores:
        try:
            if self._project.summary(key).state is ImageState.DONE:
                return _scores(key, [])
            found, labels = self._store.latest(key), self._project.read(key).labels
        except AppError:  # the move itself tells of it
            return _scores(key, [])
        predictions = usable(found, labels, classes=self._project.classes)
        return _scores(
            key, [(one.class_id, one.score or 0.0) for one in unjudged(labels, predictions)]
        )

    def _on_read(self, one: _Scores) -> None:
        self._known[one.key] = one
        if len(self._known) % _TELL_EVERY == 0:
            self.changed.emit()


def _scores(key: str, of: Sequence[tuple[int, float]]) -> _Scores:
    return _Scores(
        key,
        np.array([class_id for class_id, _ in of], np.int64),
        np.array([score for _, score in of], np.float64),
    )


def _shown(one: _Scores, thresholds: Thresholds) -> npt.NDArray[np.bool_]:
    least = np.full(len(one.scores), thresholds.overall)
    for class_id, score in thresholds.of_class.items():
        least[one.class_ids == class_id] = score
    shown: npt.NDArray[np.bool_] = one.scores >= least
    return shown
