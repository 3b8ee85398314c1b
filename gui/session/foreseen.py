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


@dataclass(frozen=True, slots=True, eq=False)
class _All:
    n_images: int
    images: npt.NDArray[np.int64]
    """(N,) which image each prediction lies in."""
    class_ids: npt.NDArray[np.int64]
    """(N,)"""
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
        """The images of the last `begin` of which predictions are kept, when they are found."""
        self._all: _All | None = None
        """Those of `_wanted` that are known, until one more is."""
        self._reading = ThreadRun(self._read, reader, latest_only=True, parent=self)
        self._reading.reported.connect(self._on_read)
        self._reading.ended.connect(lambda _: self.changed.emit())

    def begin(self, keys: Sequence[str]) -> None:
        """Reads what is kept for these images, as far as it is not known yet."""
        self._wanted, self._all = (), None
        self._reading.start(keys, frozenset(self._known))

    def forget(self, key: str) -> None:
        """Reads an image anew the next time: its labels, or what is kept for it, are others."""
        if self._known.pop(key, None) is not None:
            self._all = None

    def stop(self) -> None:
        """Reads no further; what was read is kept."""
        self._reading.drop()

    def change(self, before: Thresholds, after: Thresholds) -> Change:
        """What lies between two thresholds in the images that `begin` was given."""
        if self._all is None:
            self._all = _together([self._known[key] for key in self._wanted if key in self._known])
        was, will = _shown(self._all, before), _shown(self._all, after)
        return Change(
            int((will & ~was).sum()),
            int((was & ~will).sum()),
            len(np.unique(self._all.images[was != will])),
            len(self._wanted) - self._all.n_images,
        )

    def _read(
        self, keys: Sequence[str], known: frozenset[str]
    ) -> Iterator[Sequence[str] | _Scores]:
        """Called in a reader's thread: first those that are to be read, then what is in them."""
        kept = self._store.those_kept(keys)
        yield kept
        for key in kept:
            if key not in known:
                yield self._scores_of(key)

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

    def _on_read(self, one: Sequence[str] | _Scores) -> None:
        self._all = None
        if not isinstance(one, _Scores):
            self._wanted = one
            return
        self._known[one.key] = one
        if len(self._known) % _TELL_EVERY == 0:
            self.changed.emit()


def _scores(key: str, of: Sequence[tuple[int, float]]) -> _Scores:
    return _Scores(
        key,
        np.array([class_id for class_id, _ in of], np.int64),
        np.array([score for _, score in of], np.float64),
    )


def _together(several: Sequence[_Scores]) -> _All:
    counts = [len(one.scores) for one in several]
    nothing = _scores("", [])
    return _All(
        len(several),
        np.repeat(np.arange(len(several)), counts),
        np.concatenate([nothing.class_ids, *(one.class_ids for one in several)]),
        np.concatenate([nothing.scores, *(one.scores for one in several)]),
    )


def _shown(of: _All, thresholds: Thresholds) -> npt.NDArray[np.bool_]:
    least = np.full(len(of.scores), thresholds.overall)
    for class_id, score in thresholds.of_class.items():
        least[of.class_ids == class_id] = score
    shown: npt.NDArray[np.bool_] = of.scores >= least
    return shown
