"""Label files read and written; the only place that replaces one."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from core.atomic import make_folder, reason_of, remove_file, write_atomically
from core.errors import AppError
from core.images import size_hw as image_size_hw
from core.labelfile import read_labelfile, write_labelfile
from core.project.facts import KnownFacts, facts_of_labels
from core.project.history import History
from core.project.journal import Journal
from core.project.places import Places
from core.project.values import ChangedOnDisk, LoadedLabels
from core.project.versions import Versions
from core.types import ImageLabels, ImageState, LabelClass, Problem


def stamp_of(data: bytes | None) -> str:
    """The stamp of a label file with these bytes; empty where there is no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


class LabelStore:
    """The label files of a project."""

    def __init__(
        self,
        folder: Path,
        labels_folder: Path,
        *,
        places: Places,
        facts: KnownFacts,
        history: History,
        class_id_of: Callable[[str], int],
        classes: Callable[[], tuple[LabelClass, ...]],
        note: Callable[..., None],
    ) -> None:
        self._folder = folder
        self._labels_folder = labels_folder
        self._places = places
        self._facts = facts
        self._history = history
        self._class_id_of = class_id_of
        self._classes = classes
        self._note = note
        self._lock = RLock()
        self._own_stamps: dict[str, str] = {}
        self.versions = Versions(history.folder, class_id_of=class_id_of, classes=classes)

    def is_own(self, key: str, stamp: str) -> bool:
        """Whether this program put the label file of this stamp there, and no other."""
        return self._own_stamps.get(key) == stamp

    def read(self, key: str) -> LoadedLabels:
        """The labels of an image; see Project.read."""
        place = self._places.place(key)
        data = self.bytes_of(key)
        if data is None:
            labels = ImageLabels(self._size_hw(key))
            self._note(*place.problems)
            return LoadedLabels(labels, "", place.problems)
        problems = list(place.problems)
        try:
            size_hw = self._size_hw(key)
        except AppError as error:
            problems.append(Problem(key, str(error)))
            size_hw = None
        try:
            content = read_labelfile(
                data, size_hw=size_hw, class_id_of=self._class_id_of, where=place.name
            )
        except AppError as error:
            self._note(Problem(place.name, str(error)))
            raise AppError(f"{self._labels_folder / place.name}: {error}") from error
        problems.extend(content.problems)
        self._note(*problems)
        return LoadedLabels(
            content.labels,
            stamp_of(data),
            tuple(problems),
            is_read_only=content.is_read_only,
            declared_size_hw=content.declared_size_hw,
        )

    def _size_hw(self, key: str) -> tuple[int, int]:
        try:
            return image_size_hw(self._places.image_path(key))
        except AppError as error:
            self._note(Problem(key, str(error)))
            raise

    def bytes_of(self, key: str) -> bytes | None:
        """The label file as it is on disk; None where there is none.

        Raises:
            AppError: it is there and cannot be read.
        """
        path = self._places.label_path(key)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AppError(f"{path} cannot be read: {reason_of(error)}.") from error

    def text_of(self, key: str, labels: ImageLabels) -> bytes:
        """The label file that write() would write.

        Raises:
            AppError: an instance is of a class that the project does not have.
        """
        path = self._places.label_path(key)
        image = self._places.image_path(key)
        try:
            image_path = os.path.relpath(image, path.parent).replace(os.sep, "/")
        except ValueError:  # Windows: on another drive
            image_path = str(image)
        try:
            return write_labelfile(labels, image_path=image_path, class_names=self._names())
        except KeyError as error:
            raise AppError(
                f"{key} was not saved: an instance has the class {error}, which is not there any"
                " more. Give it another class and save again."
            ) from error

    def _names(self) -> dict[int, str]:
        return {one.id: one.name for one in self._classes()}

    def write(self, key: str, labels: ImageLabels, *, stamp: str, journal: Journal | None) -> str:
        """Writes the labels of an image and notes it in the journal; see Project.write."""
        data = self.text_of(key, labels)

        def intend() -> None:
            if journal is not None:
                journal.saving(key, labels, stamp=stamp_of(data))

        self.replace(key, data, stamp=stamp, intend=intend)
        facts = replace(
            facts_of_labels(labels, self._names()), image_name=self._places.image_path(key).name
        )
        self._facts.learn(self._places.place(key).name, facts, n_bytes=len(data))
        if journal is not None:
            journal.saved(key, labels)
        return stamp_of(data)

    def replace(
        self, key: str, data: bytes | None, *, stamp: str, intend: Callable[[], None] = lambda: None
    ) -> None:
        """Puts these bytes in the place of the label file, or removes it where they are None.

        Args:
            key: of the image.
            data: the whole file.
            stamp: what the file on disk must have; checked again in the last moment.
            intend: called when all is checked and nothing is replaced yet.

        Raises:
            ChangedOnDisk: it has another stamp.
            AppError: it cannot be written; the old file is then in its place.
        """
        with self._lock:
            self._check_folder()
            path = self._places.label_path(key)
            old = self.bytes_of(key)
            self._check(key, old, stamp)
            if old is not None:
                self._keep_if_foreign(key, old)
            saved_at = self._saved_at(key)
            intend()
            if data is None:
                remove_file(path)
            elif data != old:
                if self._folder != self._labels_folder:
                    make_folder(path.parent)
                write_atomically(
                    path, data, just_before=lambda: self._check(key, self.bytes_of(key), stamp)
                )
            self._own_stamps[key] = stamp_of(data)
            if old is not None and saved_at is not None and data != old:
                self.versions.keep(key, old, saved_at=saved_at)

    def _check(self, key: str, data: bytes | None, stamp: str) -> None:
        if stamp_of(data) == stamp:
            return
        path = self._places.label_path(key)
        if data is None:
            raise ChangedOnDisk(
                f"{path} was deleted by another program since it was read. Save again to write it"
                " anew, or open the image again to start without it."
            )
        raise ChangedOnDisk(
            f"{path} was changed by another program since it was read, so it was not replaced."
            " Open the image again to see what is there now, or save again over it: the other"
            " version is then kept in .maskloop/history."
        )

    def set_aside(self, key: str) -> str:
        """Keeps the label file now on disk in history; its stamp, with which it can be replaced."""
        data = self.bytes_of(key)
        if data is not None:
            self._history.keep(key, data)
        return stamp_of(data)

    def _keep_if_foreign(self, key: str, old: bytes) -> None:
        facts = self._places.place(key).facts
        if facts.is_newer:
            raise AppError(
                f"{self._places.label_path(key)} was written by a newer version of Maskloop, so it"
                " was not replaced. Update this one to change these labels."
            )
        if not facts.is_ours:
            self._history.keep(key, old)

    def _saved_at(self, key: str) -> datetime | None:
        """When a label file that holds work of a person was saved; None where none of it is ours.

        What a model predicted and nobody looked at is kept with the predictions.
        """
        place = self._places.place(key)
        facts = place.facts
        n_of_person = sum(facts.class_counts.values()) - facts.n_predicted
        is_worked_on = (
            n_of_person or facts.rejected_names or facts.state is not ImageState.UNTOUCHED
        )
        if not (facts.is_ours and is_worked_on):
            return None
        with contextlib.suppress(OSError, OverflowError, ValueError):
            changed_s = (self._labels_folder / place.name).stat().st_mtime
            return datetime.fromtimestamp(changed_s, UTC)
        return None

    def _check_folder(self) -> None:
        # A disk that was unplugged must neither look like deleted files nor come back empty.
        if not self._labels_folder.is_dir():
            raise AppError(
                f"Nothing was saved: the folder {self._labels_folder} is not there any more."
                " Connect its disk again and save again."
            )
