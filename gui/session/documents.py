"""The documents of a project: kept with their undo stacks, saved by themselves, compared with disk.

An edit is in the journal before it shows. It is written a moment after the last edit, when another
image is opened, and at the end; all writing is done by one thread. A file that another program
changed is noticed while its image is open and is never silently overwritten.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import AppError
from core.project import ChangedOnDisk, LoadedLabels, Project
from core.types import ImageLabels, ImageState
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.disk_watch import DiskWatch
from gui.session.failed_saves import FailedSaves
from gui.texts import tr
from gui.widgets.notices import Notice


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """How a save went."""

    key: str
    labels: ImageLabels
    stamp: str
    why_not: str = ""
    is_conflict: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _OnDisk:
    """What lies on disk for an image now."""

    key: str
    loaded: LoadedLabels | None
    why_not: str = ""


@dataclass(slots=True)
class _Entry:
    """A document and what is known of its file."""

    document: Document
    stamp: str
    why_read_only: str
    is_being_saved: bool = False
    has_conflict: bool = False


class Documents(QObject):
    """Every document that was opened in this session, and the one that is open now."""

    current_changed = Signal()
    saved_state_changed = Signal()
    written = Signal(str)
    """The key of an image whose label file is new."""
    edited = Signal(str, object, object)
    """The key of an image, and its labels before and after an edit that is about to show."""
    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    """The topic of a notice that needs no answer any more."""

    def __init__(
        self,
        project: Project,
        *,
        writer: Executor,
        reader: Executor,
        idle_ms: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._entries: dict[str, _Entry] = {}
        self._last_stamps: dict[str, str] = {}  # for the writer's thread alone
        self._current = ""
        self._idle = QTimer(self, singleShot=True, interval=idle_ms)
        self._idle.timeout.connect(self.save_all)
        self._writing = ThreadRun(self._write, writer, parent=self)
        self._writing.reported.connect(self._on_written)
        self._reading = ThreadRun(self._read, reader, parent=self)
        self._reading.reported.connect(self._on_read)
        self._failed = FailedSaves(
            self.save_all, ask=self.asked.emit, withdraw=self.answered.emit, parent=self
        )
        self._watch = DiskWatch(self)
        self._watch.changed.connect(lambda: self.check_disk(self._current))

    @property
    def current(self) -> Document | None:
        """The document of the open image."""
        entry = self._entries.get(self._current)
        return entry.document if entry else None

    @property
    def is_all_saved(self) -> bool:
        """Whether every edit of every image is in its label file."""
        return not any(entry.document.is_dirty for entry in self._entries.values())

    def document(self, key: str) -> Document | None:
        """The document of an image that was opened before."""
        entry = self._entries.get(key)
        return entry.document if entry else None

    def show(self, key: str, loaded: LoadedLabels) -> None:
        """Makes the document of this image the open one, with what was just read from disk."""
        self.save_all()
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = self._entry(key, loaded)
        else:
            self._compare(key, entry, loaded)
        self._set_current(key)

    def show_none(self) -> None:
        """No document is open: the image or its labels cannot be read."""
        self.save_all()
        self._set_current("")

    def save_all(self) -> None:
        """Begins to write every edit that is in no file yet."""
        self._idle.stop()
        for key, entry in self._entries.items():
            if entry.document.is_dirty and not entry.is_being_saved and not entry.has_conflict:
                entry.is_being_saved = True
                self._writing.start(key, entry.document.labels, entry.stamp)

    def set_idle_ms(self, idle_ms: int) -> None:
        """Saves so long after the last edit from now on."""
        self._idle.setInterval(idle_ms)

    def wait(self) -> None:
        """Begins to write nothing by itself until the next edit."""
        self._idle.stop()

    def save_now(self) -> None:
        """Begins to write, also what could not be written before."""
        self.save_all()
        for key, entry in self._entries.items():
            if entry.has_conflict:
                self._ask(key)

    def leave(self) -> list[Callable[[], object]]:
        """Stops, and gives what the writer has to call so that nothing stays unwritten."""
        self._idle.stop()
        self._failed.leave()
        self._watch.leave()
        for key, entry in self._entries.items():
            if entry.has_conflict:
                self.answered.emit(_topic(key))  # the journal keeps the edits
        return [
            partial(
                self._write_last if entry.is_being_saved else self._write,
                key,
                entry.document.labels,
                entry.stamp,
            )
            for key, entry in self._entries.items()
            if entry.document.is_dirty and not entry.has_conflict
        ]

    def rewrite(self, change: Callable[[ImageLabels], ImageLabels]) -> None:
        """Changes the labels of every document, those of its undo steps too."""
        for entry in self._entries.values():
            entry.document.rewrite(change)

    def check_disk(self, key: str) -> None:
        """Looks whether the label file of an image is still what its document is made from."""
        if key in self._entries:
            self._reading.start(key)

    def _entry(self, key: str, loaded: LoadedLabels) -> _Entry:
        document = Document(
            key, loaded.labels, before_change=partial(self._before_change, key), parent=self
        )
        document.changed.connect(partial(self._on_edited, key))
        document.saved_state_changed.connect(self.saved_state_changed)
        document.refused.connect(self.told)
        document.mended.connect(self.told)
        why = ""
        if loaded.is_read_only:
            newer = tr(
                "The labels of {image} were written by a newer version and can only be looked at."
            )
            why = newer.format(image=key)
            self.told.emit(why)
        return _Entry(document, loaded.stamp, why)

    def _before_change(self, key: str, before: ImageLabels, after: ImageLabels) -> None:
        entry = self._entries[key]
        if entry.why_read_only:
            raise AppError(entry.why_read_only)
        self._project.record_edit(key, before, after, stamp=entry.stamp)
        self.edited.emit(key, before, after)

    def _set_current(self, key: str) -> None:
        self._current = key
        self._watch.watch(self._project.label_path(key) if key else None)
        self.current_changed.emit()

    def _on_edited(self, key: str, _ids: object) -> None:
        self._idle.start()
        entry = self._entries[key]
        if entry.has_conflict and not entry.document.is_dirty:
            self.check_disk(key)  # nothing would be lost any more by taking theirs

    # Writing

    def _write(self, key: str, labels: ImageLabels, stamp: str) -> _Written:
        """Called in the writer's thread."""
        try:
            self._last_stamps[key] = self._project.write(key, labels, stamp=stamp)
            self._give_split(key, labels)
            return _Written(key, labels, self._last_stamps[key])
        except ChangedOnDisk as error:
            return _Written(key, labels, stamp, str(error), is_conflict=True)
        except AppError as error:
            return _Written(key, labels, stamp, str(error))

    def _give_split(self, key: str, labels: ImageLabels) -> None:
        if labels.state is ImageState.DONE and key not in self._project.splits:
            # The labels are saved all the same; before a fine-tune it is tried again, and told.
            with contextlib.suppress(AppError):
                self._project.assign_splits((key,))

    def _write_last(self, key: str, labels: ImageLabels, stamp: str) -> _Written:
        """Writes what was edited while a save was going on. Called in the writer's thread."""
        return self._write(key, labels, self._last_stamps.get(key, stamp))

    def _on_written(self, result: _Written) -> None:
        entry = self._entries[result.key]
        entry.is_being_saved = False
        if result.is_conflict:
            self._on_conflict(result.key)
        elif result.why_not:
            self._failed.add(result.key, result.why_not)
        else:
            entry.stamp = result.stamp
            self._failed.remove(result.key)
            entry.document.mark_saved(result.labels)
            self.written.emit(result.key)
            if entry.document.is_dirty:
                self._idle.start()
        self.saved_state_changed.emit()
        self._watch.look_anew()

    # What others write

    def _read(self, key: str) -> _OnDisk:
        """Called in a reader's thread."""
        try:
            return _OnDisk(key, self._project.read(key))
        except AppError as error:
            return _OnDisk(key, None, str(error))

    def _on_read(self, on_disk: _OnDisk) -> None:
        entry = self._entries[on_disk.key]
        if on_disk.loaded is None:
            self.told.emit(on_disk.why_not)
        else:
            self._compare(on_disk.key, entry, on_disk.loaded)

    def _compare(self, key: str, entry: _Entry, loaded: LoadedLabels) -> None:
        """Takes over what is on disk, or asks where that would cost an edit."""
        if entry.is_being_saved:
            return  # the writer finds a conflict itself
        if loaded.stamp == entry.stamp:
            if entry.has_conflict:  # the other program took its change back
                self._settle(key, entry, entry.stamp)
                self._idle.start()
            return
        if entry.document.is_dirty:
            self._on_conflict(key)
            return
        self._settle(key, entry, loaded.stamp)
        is_other = loaded.labels != entry.document.labels
        entry.document.replace_from_disk(loaded.labels)
        self.written.emit(key)
        is_foreign = not self._project.is_own(key, loaded.stamp)  # a pre-label tells of itself
        if is_other and is_foreign and key == self._current:
            sentence = tr("{image} was changed on disk; its labels were read again.")
            self.told.emit(sentence.format(image=key))

    def _settle(self, key: str, entry: _Entry, stamp: str) -> None:
        entry.stamp = stamp
        if entry.has_conflict:
            entry.has_conflict = False
            self.answered.emit(_topic(key))

    def _on_conflict(self, key: str) -> None:
        entry = self._entries[key]
        if not entry.has_conflict:
            entry.has_conflict = True
            self._ask(key)

    def _ask(self, key: str) -> None:
        sentence = tr(
            "The labels of {image} were changed by another program, and you have edits that are not"
            " saved. Keep yours (the other version goes to .maskloop/history), or take theirs"
            " (yours can be brought back by undo)?"
        ).format(image=key)
        answers = (
            (tr("Keep mine"), lambda: self._keep_mine(key)),
            (tr("Take theirs"), lambda: self._take_theirs(key)),
        )
        self.asked.emit(Notice(sentence, answers, topic=_topic(key)))

    def _keep_mine(self, key: str) -> None:
        entry = self._entries[key]
        try:
            stamp = self._project.set_aside(key)
        except AppError as error:
            self.told.emit(str(error))
            self._ask(key)
            return
        self._settle(key, entry, stamp)
        self.save_all()

    def _take_theirs(self, key: str) -> None:
        entry = self._entries[key]
        try:
            loaded = self._project.read(key)
            self._project.discard_edits(key)
        except AppError as error:
            self.told.emit(str(error))
            self._ask(key)
            return
        self._settle(key, entry, loaded.stamp)
        entry.document.replace_from_disk(loaded.labels)
        self.written.emit(key)


def _topic(key: str) -> str:
    return f"conflict {key}"
