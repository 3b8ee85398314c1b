"""What a folder holds: its images, and what in it cannot be used."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from core.atomic import remove_file
from core.project.facts import Kind, KnownFacts
from core.project.places import Places, label_names_of
from core.project.project_file import PROJECT_FILE
from core.project.scan import FolderListing, in_batches, natural, natural_keys, walk
from core.types import Problem


class Inventory:
    """The keys of a project's images and the problems met so far."""

    def __init__(
        self, folder: Path, labels_folder: Path, places: Places, facts: KnownFacts
    ) -> None:
        self._folder = folder
        self._labels_folder = labels_folder
        self._places = places
        self._facts = facts
        self._lock = Lock()
        self._problems: dict[tuple[str, str], Problem] = {}
        self._keys: tuple[str, ...] = ()
        self._later: set[str] = set()
        """Came after the scan, and are not sorted in yet."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, in the order in which it was met."""
        with self._lock:
            return tuple(self._problems.values())

    def note(self, *problems: Problem) -> None:
        """Adds problems; one that is there already is not repeated."""
        with self._lock:
            for problem in problems:
                self._problems.setdefault((problem.where, problem.sentence), problem)

    @property
    def keys(self) -> tuple[str, ...]:
        """The images, in natural order."""
        with self._lock:
            if self._later:
                self._keys = tuple(natural_keys({*self._keys, *self._later}))
                self._later.clear()
            return self._keys

    def add_key(self, key: str) -> None:
        """Takes an image in that came after the scan."""
        with self._lock:
            self._later.add(key)

    def scan(self, *, may_remove: bool) -> Iterator[tuple[str, ...]]:
        """Keys in batches while the folders are walked; keys and problems are whole at its end.

        Args:
            may_remove: whether temporary files that a killed process left are removed.
        """
        with self._lock:
            self._problems.clear()
        are_apart = self._labels_folder != self._folder
        keys: list[str] = []
        by_folder: dict[str, list[str]] = {}
        jsons: dict[str, tuple[str, ...]] = {}
        for listing in walk(self._folder, skip=self._labels_folder if are_apart else None):
            self._take(listing, may_remove=may_remove and not are_apart)
            jsons[listing.below] = listing.jsons
            found = [listing.below + image for image in listing.images]
            by_folder[listing.below.rstrip("/")] = found
            keys.extend(found)
            yield from in_batches(found)
        if are_apart:
            jsons.clear()
            for listing in walk(self._labels_folder, skip=self._folder):
                self._remove_leftovers(listing, may_remove=may_remove)
                jsons[listing.below] = listing.jsons
        self._note_orphans(keys, jsons)
        # each folder's are in order already
        in_order = tuple(key for name in natural(by_folder) for key in by_folder[name])
        with self._lock:
            self._later.clear()
            self._keys = in_order

    def _take(self, listing: FolderListing, *, may_remove: bool) -> None:
        self._places.remember(listing)
        self.note(*listing.problems)
        self._remove_leftovers(listing, may_remove=may_remove)

    def _remove_leftovers(self, listing: FolderListing, *, may_remove: bool) -> None:
        for name in listing.leftovers if may_remove else ():
            remove_file(self._labels_folder / listing.below / name)

    def _note_orphans(self, keys: list[str], jsons: dict[str, tuple[str, ...]]) -> None:
        claimed = {PROJECT_FILE}
        for key in keys:
            below, slash, image = key.rpartition("/")
            claimed.update(below + slash + name for name in label_names_of(image))
        for below, names in jsons.items():
            for name in names:
                if below + name not in claimed:
                    self._note_orphan(below + name)

    def _note_orphan(self, name: str) -> None:
        facts = self._facts.of(name)
        if facts.kind is Kind.LABELS:
            image = facts.image_name or "its image"
            sentence = (
                f"It holds labels of {image}, which is not beside it. Put the image there, or"
                " import the file."
            )
            self.note(Problem(name, sentence))
        elif facts.kind is Kind.UNREADABLE or (facts.kind is Kind.BROKEN and facts.may_be_labels):
            self.note(Problem(name, facts.sentence))
