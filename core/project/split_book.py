"""The splits of a project's images: given once, kept in maskloop.json."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from core.project.grouping import PictureHash
from core.project.places import Places
from core.project.project_file import ProjectFile, ProjectFileStore
from core.project.splitting import Splitter
from core.types import Split


class SplitBook(ABC):
    """The part of Project that owns the splits."""

    _file: ProjectFileStore
    _places: Places
    _splitter: Splitter

    @abstractmethod
    def done_keys(self) -> tuple[str, ...]:
        """The images that are done."""

    @abstractmethod
    def require_writable(self) -> None:
        """Raises AppError where nothing may be written."""

    @abstractmethod
    def _change(self, step: Callable[[ProjectFile], ProjectFile]) -> None: ...

    @property
    def splits(self) -> Mapping[str, Split]:
        """The split of each image that ever was done."""
        return self._file.value.splits

    def keys_of(self, split: Split) -> tuple[str, ...]:
        """The done images of a split."""
        return tuple(key for key in self.done_keys() if self.splits.get(key) is split)

    def assign_splits(self, keys: Collection[str] | None = None) -> Mapping[str, Split]:
        """Gives done images a split where they have none, and what it gave. None ever moves.

        The first look at an image takes as long as decoding it. A reader keeps them in memory.

        Args:
            keys: those to look at; None: all done images.

        Raises:
            AppError: they cannot be stored.
        """
        done = self.done_keys()
        asked = [key for key in done if keys is None or key in keys or key in self.splits]
        names = {key: self._places.place(key).facts.class_counts for key in asked}
        given = self._splitter.splits_for(asked, self.splits, names)
        if given:
            self._change(lambda file: replace(file, splits={**given, **file.splits}))
        return given

    def move_to_splits(self, splits: Mapping[str, Split]) -> Mapping[str, Split]:
        """Moves images to other splits, as a person said of copies of others.

        Args:
            splits: by the keys of images that have a split; others are passed over.

        Returns:
            The splits that they had, of those that moved: moving them there takes it back.

        Raises:
            AppError: nothing may be written, or maskloop.json cannot be.
        """
        self.require_writable()
        known = self.splits
        before = {key: known[key] for key in splits if known.get(key, splits[key]) != splits[key]}
        if before:
            moved = {key: splits[key] for key in before}
            self._change(lambda file: replace(file, splits={**file.splits, **moved}))
        return before

    def picture_hash(self, key: str) -> PictureHash:
        """The hash of an image's picture; equal for copies, nearly so for what looks alike.

        It is remembered until the file changes; the first time takes as long as decoding it. Empty
        where it cannot be decoded.
        """
        return self._splitter.hash_of(key)
