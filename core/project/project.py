"""Project: the one owner of what is on disk."""

import os
import secrets
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.errors import AppError
from core.instance_rows import with_class_ids
from core.paths import user_cache_folder
from core.project import incoming, recovery
from core.project.class_book import ClassBook
from core.project.facts import KnownFacts
from core.project.history import History
from core.project.index import Index
from core.project.inventory import Inventory
from core.project.journal import Journal
from core.project.labels import LabelStore
from core.project.lock import FolderLock
from core.project.places import Places
from core.project.project_file import ProjectFileStore, opened_folders, with_images
from core.project.rewriting import Rewriter
from core.project.split_book import SplitBook
from core.project.splitting import Splitter
from core.project.values import LabelSummary, LoadedLabels, Recovered
from core.types import ImageLabels, ImageState, Problem


class Project(ClassBook, SplitBook):
    """A folder of images with its labels, classes, splits and journal; the only writer of them.

    Keys name images: their path below the folder, with forward slashes. Any thread may call.
    """

    def __init__(self, folder: Path, labels_folder: Path, *, wants_to_write: bool) -> None:
        """Use Project.open."""
        self.folder = folder
        self.labels_folder = labels_folder
        hidden = labels_folder / ".maskloop"
        self.hidden_folder = hidden
        self._history = History(hidden / "history")
        self._lock = FolderLock(hidden / "lock") if wants_to_write else None
        self.read_only_reason = (
            self._lock.take() if self._lock else "It was opened to be looked at only."
        )
        self._file = ProjectFileStore(
            labels_folder, keep=lambda data: self._history.keep("maskloop.json", data)
        )
        self.read_only_reason = self.read_only_reason or self._file.why_read_only
        self._index = Index(user_cache_folder(), labels_folder)
        facts = KnownFacts(labels_folder, self._index)
        self._places = Places(folder, labels_folder, facts)
        self._inventory = Inventory(folder, labels_folder, self._places, facts)
        session = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(3)}"
        self._journal = Journal(hidden / "journal" / f"{session}.jsonl")
        self._labels = LabelStore(
            folder,
            labels_folder,
            places=self._places,
            facts=facts,
            history=self._history,
            class_id_of=self._class_id_of,
            classes=lambda: self.classes,
            note=self._inventory.note,
        )
        self.versions = self._labels.versions
        self._rewriter = Rewriter(self._labels, self._places, self._journal)
        self._splitter = Splitter(self._places, self._index)
        self._recovered: tuple[Recovered, ...] = ()
        if not self.read_only_reason:
            try:
                self._begin_writing()
            except AppError as error:
                self.read_only_reason = f"{labels_folder} can only be looked at: {error}"

    @classmethod
    def open(
        cls, folder: Path | str, labels_folder: Path | str | None = None, *,
        wants_to_write: bool = True,
    ) -> "Project":  # fmt: skip
        """Opens a folder of images; a writer also brings back what a killed program left.

        Args:
            folder: of the images, or a folder of labels whose maskloop.json names the images'.
            labels_folder: where labels are kept if not beside the images.
            wants_to_write: False never changes anything on disk; True may turn out not to be
                possible, which read_only_reason then says.

        Raises:
            AppError: there is no such folder.
        """
        images, labels = opened_folders(
            Path(folder), Path(labels_folder) if labels_folder else None
        )
        return cls(images, labels, wants_to_write=wants_to_write)

    def _begin_writing(self) -> None:
        if self.folder != self.labels_folder:
            self._file.change(lambda file: with_images(file, self.folder, self.labels_folder))
        self._recovered = tuple(
            recovery.recover(
                self._journal.path.parent, self._labels, self._history, skip=self._journal.path
            )
        )
        if self._file.value.renaming:
            self._finish_what_a_kill_left()

    def _finish_what_a_kill_left(self) -> None:
        try:
            self._finish_renaming()
        except AppError as error:
            self._inventory.note(Problem("maskloop.json", str(error)))

    def close(self) -> None:
        """Gives the lock back; nothing may be called any more. Unsaved edits stay journalled."""
        if not self.read_only_reason:
            self._journal.close()
        if self._lock:
            self._lock.release()
        self._index.close()

    # What is there

    def scan(self) -> Iterator[tuple[str, ...]]:
        """Keys of images in batches, while the folders are walked. Opens no image.

        When it has come to its end, keys holds them all in natural order, and problems what cannot
        be used: unreadable folders, pictures of unknown kinds, label files without their image.
        """
        yield from self._inventory.scan(may_remove=not self.read_only_reason)

    @property
    def keys(self) -> tuple[str, ...]:
        """The images that the last scan found, sorted as a person counts."""
        return self._inventory.keys

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read or used so far: by the scan, and by reading since."""
        broken = self._file.why_broken
        mine = (Problem(self._file.path.name, broken),) if broken else ()
        return mine + self._inventory.problems

    def image_path(self, key: str) -> Path:
        """The image. Raises AppError where the key leads out of the folder."""
        return self._places.image_path(key)

    def label_path(self, key: str) -> Path:
        """The label file, which may not exist yet. Raises AppError where the key leads out."""
        return self._places.label_path(key)

    def add_image(self, source: Path | str, key: str) -> str:
        """Copies an image into the folder and gives its key, which may differ from the wished one.

        Names are made safe for all systems; a file that is there is never replaced, and one with
        the same bytes is taken as this one.

        Raises:
            AppError: the key leads out of the folder, or the copy fails.
        """
        self.require_writable()
        added = incoming.copy_in(Path(source), self.folder, key)
        self._places.image_added(added)
        self._inventory.add_key(added)
        return added

    # Labels

    def read(self, key: str) -> LoadedLabels:
        """The labels of an image, as they are on disk now. Classes that it names are made.

        Raises:
            AppError: the label file cannot be read, or neither it nor the image says how large the
                image is.
        """
        return self._labels.read(key)

    def write(self, key: str, labels: ImageLabels, *, stamp: str) -> str:
        """Writes the labels of an image and gives the file's new stamp.

        What was there stays whole until the new file is. A file that another program wrote goes to
        history first. Journalled edits up to these labels are done with; later ones stay.

        Args:
            key: of the image.
            labels: all of them.
            stamp: of the file that these labels were made from; empty: there was none.

        Raises:
            ChangedOnDisk: another program changed the file since.
            AppError: it cannot be written; the old file is then in its place.
        """
        self.require_writable()
        return self._labels.write(key, labels, stamp=stamp, journal=self._journal)

    def set_aside(self, key: str) -> str:
        """Keeps the label file now on disk in history, and gives the stamp to replace it with.

        Raises:
            AppError: it cannot be kept.
        """
        self.require_writable()
        return self._labels.set_aside(key)

    def summary(self, key: str) -> LabelSummary:
        """What the image list shows; quick, because it is remembered until the file changes."""
        facts = self._places.place(key).facts
        ids = {one.name: one.id for one in self.classes} | dict(self._file.value.renaming)
        counts: dict[int, int] = {}
        id_of_place: dict[int, int] = {}
        for place, (name, count) in enumerate(facts.class_counts.items()):
            class_id = ids[name] if name in ids else self._class_id_of(name)
            id_of_place[place] = class_id
            counts[class_id] = counts.get(class_id, 0) + count
        rows = with_class_ids(facts.rows, id_of_place) if facts.rows else b""
        return LabelSummary(
            facts.state, facts.n_predicted, counts, facts.size_hw, facts.least_score, rows,
            facts.notes,
        )  # fmt: skip

    def file_of(self, key: str, labels: ImageLabels) -> bytes:
        """The label file that write() would write. Raises AppError where a class is not there."""
        return self._labels.text_of(key, labels)

    def bytes_of(self, key: str) -> bytes | None:
        """The label file as it is on disk, None where there is none. Raises AppError."""
        return self._labels.bytes_of(key)

    def is_own(self, key: str, stamp: str) -> bool:
        """Whether it was this project that put the label file of this stamp there last."""
        return self._labels.is_own(key, stamp)

    def restore(self, key: str, data: bytes | None, *, stamp: str) -> None:
        """Puts earlier bytes of a label file back, or removes it where there was none.

        Raises:
            ChangedOnDisk: the file has another stamp than this.
            AppError: it cannot be written, or the image has edits that are not saved yet.
        """
        self.require_writable()
        if self._journal.has_pending(key):
            raise AppError(f"{key} has edits that are not saved yet, so it was left as it is.")
        self._labels.replace(key, data, stamp=stamp)

    # The journal

    def record_edit(self, key: str, before: ImageLabels, after: ImageLabels, *, stamp: str) -> None:
        """Writes an edit to the journal. Call it before the edit shows: it survives kill -9 then.

        Args:
            key: of the image.
            before: the labels that were edited.
            after: what they became.
            stamp: of the label file as it was read or written last.

        Raises:
            AppError: it cannot be written.
        """
        self.require_writable()
        self._journal.record(key, before, after, stamp=stamp)

    def discard_edits(self, key: str) -> None:
        """Drops edits that no file holds, because the user took what is on disk instead."""
        self._journal.forget(key)

    def recover(self) -> tuple[Recovered, ...]:
        """What open() brought back from the journals of killed programs; told once."""
        recovered, self._recovered = self._recovered, ()
        return recovered

    # Splits

    def done_keys(self) -> tuple[str, ...]:
        """The images that are done, of those that the scan found."""
        return tuple(key for key in self._all_keys() if self.summary(key).state is ImageState.DONE)

    def take_stock(self) -> None:
        """Learns the classes that only label files name, and gives done images their split.

        A folder of another tool's label files becomes a project so: from then on its classes keep
        their ids and its images their splits.

        Raises:
            AppError: they cannot be stored.
        """
        for key in self._all_keys():
            self.summary(key)
        self.assign_splits()

    def _all_keys(self) -> tuple[str, ...]:
        if not self.keys:
            deque(self.scan(), maxlen=0)
        return self.keys
