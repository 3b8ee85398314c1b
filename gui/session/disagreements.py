"""In how much the kept predictions differ from the labels of done images, found in the background.

It is looked for when somebody asks, an image at a time, and kept in memory until labels or
threshold change.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal

from core.disagreement import disagreement
from core.errors import AppError
from core.predictions import PredictionStore, usable
from core.project import LabelSummary, Project
from core.thresholds import Thresholds
from core.types import ImageState
from gui.runs import ThreadRun

_AT_ONCE = 20
"""Images that are looked at before the window hears of them."""


class Disagreements(QObject):
    """How much model and labels differ, by the images' keys, as far as it was looked at."""

    changed = Signal()

    def __init__(
        self,
        project: Project,
        store: PredictionStore,
        reader: Executor,
        *,
        thresholds_of: Callable[[], Thresholds],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._store = store
        self._thresholds_of = thresholds_of
        self._thresholds: Thresholds | None = None
        self._known: dict[str, int] = {}
        self._seen: dict[str, LabelSummary] = {}
        """What the labels were when an image was looked at."""
        self._looking = ThreadRun(self._look, reader, latest_only=True, parent=self)
        self._looking.reported.connect(self._on_looked)

    @property
    def known(self) -> Mapping[str, int]:
        """By the keys of the done images of which predictions are kept."""
        return MappingProxyType(self._known)

    def look(self, summaries: Mapping[str, LabelSummary]) -> None:
        """Looks at the done images that are new or other since the last look."""
        thresholds = self._thresholds_of()
        if thresholds != self._thresholds:
            self._thresholds = thresholds
            self._seen.clear()
        wanted = {
            key: one
            for key, one in summaries.items()
            if one.state is ImageState.DONE and self._seen.get(key) != one
        }
        if wanted:
            self._looking.start(wanted, thresholds)

    def drop(self) -> None:
        """Looks no further."""
        self._looking.drop()

    def _look(
        self, wanted: Mapping[str, LabelSummary], thresholds: Thresholds
    ) -> Iterator[dict[str, tuple[LabelSummary, int | None]]]:
        """Called in a thread."""
        there = set(self._store.those_kept(wanted))
        found: dict[str, tuple[LabelSummary, int | None]] = {}
        for key, summary in wanted.items():
            found[key] = (summary, self._of(key, thresholds) if key in there else None)
            if len(found) == _AT_ONCE:
                yield found
                found = {}
        yield found

    def _of(self, key: str, thresholds: Thresholds) -> int | None:
        try:
            labels = self._project.read(key).labels
        except AppError:
            return None  # told where the image is opened
        kept = self._store.latest(key)
        predicted = usable(kept, labels, classes=self._project.classes)
        return None if kept is None else disagreement(labels, predicted, thresholds=thresholds)

    def _on_looked(self, found: dict[str, tuple[LabelSummary, int | None]]) -> None:
        before = dict(self._known)
        for key, (summary, n) in found.items():
            self._seen[key] = summary
            self._known.pop(key, None)
            if n is not None:
                self._known[key] = n
        if self._known != before:
            self.changed.emit()
