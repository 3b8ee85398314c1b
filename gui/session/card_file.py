"""The cards of a project's instances, read from the label files in a thread."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal

from core.cards import Card, cards_of
from core.errors import AppError
from core.project import Project
from gui.runs import ThreadRun

_AT_ONCE = 25
"""Label files that are read before the window hears of them."""


class CardFile(QObject):
    """Every card of a project, as far as its label files were read."""

    arrived = Signal()
    """More cards are here; `is_looking` says whether that was all."""
    renewed = Signal(object)
    """Images that were read once more: their cards may be others."""

    def __init__(self, project: Project, pool: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._of_image: dict[str, dict[tuple[str, str], Card]] = {}
        self._stale: dict[str, None] = {}
        self.n_images = 0
        """That there are to be looked at."""
        self._has_begun = False
        self._looking = ThreadRun(self._read_all, pool, latest_only=True, parent=self)
        self._looking.reported.connect(self._on_read)
        self._looking.ended.connect(lambda _: self.arrived.emit())
        self._again = ThreadRun(self._read, pool, parent=self)
        self._again.reported.connect(self._on_read_again)
        self._again.ended.connect(lambda _: self._catch_up())

    @property
    def has_begun(self) -> bool:
        """Whether the label files were ever asked for."""
        return self._has_begun

    @property
    def is_looking(self) -> bool:
        """Whether more cards may come."""
        return self._looking.is_going

    @property
    def n_looked(self) -> int:
        """How many images were read."""
        return len(self._of_image)

    def cards_in(self, key: str) -> Mapping[tuple[str, str], Card]:
        """The cards of an image by their places; none where it was not read yet."""
        return MappingProxyType(self._of_image.get(key, {}))

    def card(self, place: tuple[str, str]) -> Card | None:
        """The card of an image's key and an instance's id, where it is known."""
        return self._of_image.get(place[0], {}).get(place)

    def all(self) -> Iterator[Card]:
        """Every card that is known."""
        for cards in self._of_image.values():
            yield from cards.values()

    def look_through(self, keys: Sequence[str]) -> None:
        """Reads the label files of these images, in this order, in place of what is known."""
        self._has_begun = True
        self._of_image.clear()
        self._stale.clear()
        self.n_images = len(keys)
        self._looking.start(tuple(keys))

    def look_at(self, key: str) -> None:
        """Reads one image again, whose labels are new on disk."""
        if self._has_begun:
            self._stale[key] = None
            self._catch_up()

    def drop(self) -> None:
        """Reads no further."""
        self._has_begun = False
        self._stale.clear()
        self._looking.drop()

    def _catch_up(self) -> None:
        # all that came meanwhile goes at once: a verdict writes many in a second
        if self._stale and not self._again.is_going:
            keys, self._stale = tuple(self._stale), {}
            self._again.start(keys)

    def _read_all(self, keys: Sequence[str]) -> Iterator[dict[str, tuple[Card, ...]]]:
        """Called in a thread."""
        for first in range(0, len(keys), _AT_ONCE):
            yield self._read(keys[first : first + _AT_ONCE])

    def _read(self, keys: Sequence[str]) -> dict[str, tuple[Card, ...]]:
        """Called in a thread."""
        return {key: self._cards(key) for key in keys}

    def _cards(self, key: str) -> tuple[Card, ...]:
        try:
            return cards_of(key, self._project.read(key).labels)
        except AppError:
            return ()  # the list of images says what is wrong with it

    def _on_read(self, found: dict[str, tuple[Card, ...]]) -> None:
        self._take(found)
        self.arrived.emit()

    def _on_read_again(self, found: dict[str, tuple[Card, ...]]) -> None:
        self._take(found)
        self.renewed.emit(tuple(found))

    def _take(self, found: dict[str, tuple[Card, ...]]) -> None:
        for key, cards in found.items():
            self._of_image[key] = {one.place: one for one in cards}
