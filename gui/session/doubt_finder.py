"""The doubts of a project: found in a thread, renewed where labels change, dismissed for good."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from core.doubts import Dismissals, Doubt, doubts_of
from core.errors import AppError
from core.events import Failed
from core.predictions import PredictionStore, usable
from core.project import Project
from gui.runs import ThreadRun

_Found: TypeAlias = dict[str, tuple[bool, tuple[Doubt, ...]]]
"""Of each image whether predictions are kept for it, and its doubts."""


class DoubtFinder(QObject):
    """Looks through the labels when it is asked to, and keeps what it found up to date."""

    changed = Signal()
    wanted = Signal()
    """A person wants to see the doubts, found anew."""
    looked_through = Signal()
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        pool: Executor,
        *,
        writer: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._store = PredictionStore(project.hidden_folder)
        self._dismissals = Dismissals(project.hidden_folder)
        self._of_image: dict[str, tuple[Doubt, ...]] = {}
        self._stale: dict[str, None] = {}
        self._last_dismissed: list[tuple[Doubt, ...]] = []
        self.has_looked = False
        """Whether it was ever asked to look, and so keeps looking."""
        self.n_images = 0
        self.n_looked = 0
        self.n_predicted = 0
        """Of the images that were looked at, how many a model's predictions are kept for."""
        self._looking = ThreadRun(self._look_through, pool, latest_only=True, parent=self)
        self._looking.reported.connect(self._on_looked)
        self._looking.ended.connect(self._on_looked_through)
        self._again = ThreadRun(self._look, pool, parent=self)
        self._again.reported.connect(self._on_looked_again)
        self._again.ended.connect(lambda _: self._catch_up())
        self._writing = ThreadRun(_called, writer, parent=self)
        self._writing.ended.connect(self._on_written)

    @property
    def is_looking(self) -> bool:
        """Whether images are being looked through."""
        return self._looking.is_going

    @property
    def can_bring_back(self) -> bool:
        """Whether something was dismissed since the folder was opened."""
        return bool(self._last_dismissed)

    def all(self) -> tuple[Doubt, ...]:
        """What looks wrong and was not dismissed, image by image."""
        found = (one for doubts in self._of_image.values() for one in doubts)
        return self._dismissals.left(found)

    def look_through(self, keys: Sequence[str]) -> None:
        """Looks through these images, in this order, in place of what is known."""
        self.has_looked = True
        self._of_image.clear()
        self._stale.clear()
        self.n_images, self.n_looked, self.n_predicted = len(keys), 0, 0
        self._looking.start(tuple(keys))
        self.changed.emit()

    def look_at(self, key: str) -> None:
        """Looks at an image again, whose labels are new on disk."""
        if self.has_looked:
            self._stale[key] = None
            self._catch_up()

    def dismiss(self, doubts: Collection[Doubt]) -> None:
        """Lets these be doubted no more, now and in later rounds."""
        if doubts:
            self._dismissals.add(doubts)
            self._last_dismissed.append(tuple(doubts))
            self._keep()

    def bring_back(self) -> None:
        """Takes the last dismissal back."""
        if self._last_dismissed:
            self._dismissals.remove(self._last_dismissed.pop())
            self._keep()

    def leave(self) -> None:
        """Looks no further: the folder is closed."""
        self.has_looked = False
        self._stale.clear()
        self._looking.drop()

    def _keep(self) -> None:
        if not self._project.read_only_reason:
            self._writing.start(self._dismissals.write)
        self.changed.emit()

    def _catch_up(self) -> None:
        if self._stale and not self._again.is_going:
            keys, self._stale = tuple(self._stale), {}
            self._again.start(keys)

    def _look_through(self, keys: Sequence[str]) -> Iterator[_Found]:
        """Called in a thread."""
        for key in keys:
            yield self._look((key,))

    def _look(self, keys: Sequence[str]) -> _Found:
        """Called in a thread."""
        names = {one.id: one.name for one in self._project.classes}
        found: _Found = {}
        for key in keys:
            try:
                labels = self._project.read(key).labels
            except AppError:
                found[key] = (False, ())  # the list of images says what is wrong with it
                continue
            kept = self._store.latest(key)
            predicted = usable(kept, labels, classes=self._project.classes)
            doubts = doubts_of(key, labels, predicted, names=names)
            found[key] = (kept is not None, doubts)
        return found

    def _on_looked(self, found: _Found) -> None:
        self.n_looked += len(found)
        self.n_predicted += sum(is_predicted for is_predicted, _ in found.values())
        has_news = self._take(found)
        if has_news or self.n_looked % 50 == 0:
            self.changed.emit()

    def _on_looked_through(self, _last: object) -> None:
        self.changed.emit()
        self.looked_through.emit()

    def _on_looked_again(self, found: _Found) -> None:
        if self._take(found):
            self.changed.emit()

    def _take(self, found: _Found) -> bool:
        """Whether any image has other doubts now."""
        before = {key: self._of_image.get(key, ()) for key in found}
        for key, (_, doubts) in found.items():
            self._of_image[key] = doubts
        return any(self._of_image[key] != doubts for key, doubts in before.items())

    def _on_written(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)


def _called(work: Callable[[], object]) -> None:
    """Called in the writer's thread."""
    work()
