"""What the label files of a folder hold, in short, kept up to date in the background."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from itertools import islice
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal

from core.project import LabelSummary, Project
from gui.runs import ThreadRun

_AT_ONCE = 100
"""Label files that are looked at before the window hears of them."""


class Summaries(QObject):
    """The summary of each image's labels, as far as it was looked at."""

    image_changed = Signal(str)
    """The labels of this image are other than at the look before."""
    changed = Signal(object)
    """frozenset of the keys that `known` has anew or otherwise."""
    ended = Signal(object)
    """Finished or Failed: every image was looked at."""

    def __init__(self, project: Project, reader: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._known: dict[str, LabelSummary] = {}
        self._has_news = True
        self._queued: dict[str, None] = {}
        self._has_ended = False
        self._looking = ThreadRun(self._look_through, reader, latest_only=True, parent=self)
        self._looking.reported.connect(self._on_looked)
        self._looking.ended.connect(self.ended)
        self._catching_up = ThreadRun(self._look, reader, parent=self)
        self._catching_up.reported.connect(self._on_looked)
        self._catching_up.ended.connect(lambda _: self._catch_up())

    @property
    def known(self) -> Mapping[str, LabelSummary]:
        """By the keys of the images."""
        return MappingProxyType(self._known)

    @property
    def is_looking(self) -> bool:
        """Whether every image is being looked at."""
        return self._looking.is_going

    def look_through(self) -> None:
        """Looks at every image of the project."""
        self._looking.start()

    def look_at(self, key: str) -> None:
        """Looks at one image, whose labels are new on disk."""
        if not self._has_ended:  # a last save can be reported when the folder is left already
            self._queued[key] = None
            self._catch_up()

    def take_news(self) -> bool:
        """Whether anything was new since the last call, or nobody asked yet."""
        had_news, self._has_news = self._has_news, False
        return had_news

    def drop(self) -> None:
        """Looks no further, whatever is asked."""
        self._has_ended = True
        self._queued.clear()
        self._looking.drop()

    def _catch_up(self) -> None:
        # all that came meanwhile goes at once: a pre-label writes many in a second
        if self._queued and not self._catching_up.is_going:
            keys, self._queued = tuple(self._queued), {}
            self._catching_up.start(keys)

    def _look_through(self) -> Iterator[dict[str, LabelSummary]]:
        """Called in a thread."""
        keys = iter(self._project.keys)
        while chunk := tuple(islice(keys, _AT_ONCE)):
            yield self._look(chunk)

    def _look(self, keys: tuple[str, ...]) -> dict[str, LabelSummary]:
        """Called in a thread."""
        return {key: self._project.summary(key) for key in keys}

    def _on_looked(self, summaries: dict[str, LabelSummary]) -> None:
        other = [key for key, one in summaries.items() if self._known.get(key) != one]
        known_before = [key for key in other if key in self._known]
        self._known.update(summaries)
        if other:
            self._has_news = True
            self.changed.emit(frozenset(other))
        for key in known_before:
            self.image_changed.emit(key)
