"""The journal: every edit on disk before it shows, so that a killed program loses none.

One JSON object a line, in one file a session:

    {"edit": KEY, "stamp": S, ...}    an edit (deltas.py) of labels whose file has the stamp S
    {"saving": KEY, "stamp": S, "edits": N}
                                      a file with the stamp S is about to hold the first N edits
    {"forget": KEY, "edits": N}       the first N edits of this image are not wanted any more

"saving" is written before the label file is replaced. On the next start the stamp of the file on
disk tells which of the "saving" lines came true, and so which edits it lacks.
"""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from core.atomic import reason_of
from core.errors import AppError
from core.project.deltas import delta_of
from core.types import ImageLabels, Json


class Journal:
    """The journal of this session. It is made with the first edit and emptied when all is saved."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._pending: dict[str, list[ImageLabels]] = {}
        """What the labels became by each edit that no file holds yet."""
        self._done: dict[str, int] = {}
        """Edits of each image that files hold, counted from the beginning of the journal."""
        self._stamps: dict[str, str] = {}
        """Of the file of each image that was about to be written last."""
        self._on_disk: dict[str, tuple[ImageLabels, str]] = {}
        """What was written last of each image, and the stamp of that file."""

    def record(self, key: str, before: ImageLabels, after: ImageLabels, *, stamp: str) -> None:
        """Writes down an edit.

        Who edits may not have heard yet that a file was written from `before` meanwhile, and then
        gives the stamp of the file before that one: the right stamp is known here.

        Raises:
            AppError: it cannot be written; the edit would be lost if the program were ended.
        """
        delta = delta_of(before, after)
        with self._lock:
            written, its_stamp = self._on_disk.get(key, (None, ""))
            if written is before and not self._pending.get(key):
                stamp = its_stamp
            line = {"edit": key, "stamp": stamp, **delta}
            self._append(line)
            self._pending.setdefault(key, []).append(after)

    def saving(self, key: str, labels: ImageLabels, *, stamp: str) -> None:
        """Writes down that a file of this stamp is about to hold these labels.

        Raises:
            AppError: it cannot be written.
        """
        with self._lock:
            self._stamps[key] = stamp
            if self._pending.get(key):
                n_edits = self._done.get(key, 0) + self._n_covered(key, labels)
                self._append({"saving": key, "stamp": stamp, "edits": n_edits})

    def saved(self, key: str, labels: ImageLabels) -> None:
        """Notes that the file of an image now holds these labels, and with them earlier edits.

        Edits that came while it was being written stay.
        """
        with self._lock:
            self._on_disk[key] = (labels, self._stamps[key])
            self._drop(key, self._n_covered(key, labels))

    def forget(self, key: str) -> None:
        """Drops all edits of an image that no file holds, because the user does not want them.

        Raises:
            AppError: it cannot be written.
        """
        with self._lock:
            if pending := self._pending.get(key):
                n_edits = self._done.get(key, 0) + len(pending)
                self._append({"forget": key, "edits": n_edits})
                self._drop(key, len(pending))

    def has_pending(self, key: str) -> bool:
        """Whether there are edits of this image that no file holds."""
        with self._lock:
            return bool(self._pending.get(key))

    def close(self) -> None:
        """Removes the journal if nothing in it is waiting."""
        with self._lock:
            if not any(self._pending.values()) and self.path.exists():
                self.path.unlink()

    def _n_covered(self, key: str, labels: ImageLabels) -> int:
        pending = self._pending.get(key, [])
        for i in range(len(pending), 0, -1):
            if pending[i - 1] is labels:
                return i
        for i in range(len(pending), 0, -1):
            if pending[i - 1] == labels:
                return i
        return 0

    def _drop(self, key: str, n_edits: int) -> None:
        if not n_edits:
            return
        del self._pending[key][:n_edits]
        self._done[key] = self._done.get(key, 0) + n_edits
        if any(self._pending.values()):
            return
        # A failure leaves lines that recovery knows to be saved by the file's stamp.
        with contextlib.suppress(OSError):
            os.truncate(self.path, 0)
            self._pending.clear()
            self._done.clear()

    def _append(self, line: Json) -> None:
        try:
            # Without those above it: a disk that was unplugged must not come back as a folder.
            self.path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise AppError(
                f"The edit could not be written to the journal {self.path}: {reason_of(error)}."
            ) from error
        append_line(self.path, line)


def append_line(path: Path, line: Json) -> None:
    """Appends a JSON object to a file as one line and hands it to the system.

    A line that a killed process left unfinished is ended first, so that it spoils only itself.

    Raises:
        AppError: it cannot be written; a part of it may be there.
    """
    # half a character, which a label from elsewhere may hold, becomes its own JSON escape
    data = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    try:
        with path.open("ab+", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            if end and _byte_at(file.fileno(), end - 1) != b"\n":
                data = b"\n" + data
            written = file.write(data)
        if written != len(data):
            raise OSError(28, "the disk is full")
    except OSError as error:
        raise AppError(
            f"The edit could not be written to the journal {path}: {reason_of(error)}."
        ) from error


def _byte_at(descriptor: int, place: int) -> bytes:
    os.lseek(descriptor, place, os.SEEK_SET)
    return os.read(descriptor, 1)


@dataclass(slots=True)
class KeyLog:
    """What a journal says of one image."""

    edits: list[Json] = field(default_factory=list)
    savings: list[tuple[str, int]] = field(default_factory=list)
    """Stamps that its file was about to have, and how many edits it then held."""
    n_forgotten: int = 0

    def edits_missing_in(self, stamp: str) -> Sequence[Json] | None:
        """The edits that the file of this stamp lacks; None where another program wrote it."""
        pending = self.edits[self.n_forgotten :]
        if not pending:
            return ()
        for saved_stamp, n_edits in reversed(self.savings):
            if saved_stamp == stamp:
                return self.edits[max(n_edits, self.n_forgotten) :]
        known = {edit["stamp"] for edit in pending}
        return pending if stamp in known else None


def read_journal(path: Path) -> dict[str, KeyLog]:
    """What a journal says, image by image; lines that were cut off are left out.

    Raises:
        AppError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AppError(f"The journal {path} cannot be read: {reason_of(error)}.") from error
    logs: dict[str, KeyLog] = {}
    for line in data.split(b"\n"):
        try:
            _take_line(json.loads(line), logs)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # cut off by the end of the process that was writing it
    return logs


def _take_line(value: Json, logs: dict[str, KeyLog]) -> None:
    if "edit" in value:
        key, _ = str(value["edit"]), value["stamp"]
        logs.setdefault(key, KeyLog()).edits.append(value)
    elif "saving" in value:
        log = logs.setdefault(str(value["saving"]), KeyLog())
        log.savings.append((str(value["stamp"]), int(value["edits"])))
    else:
        log = logs.setdefault(str(value["forget"]), KeyLog())
        log.n_forgotten = max(log.n_forgotten, int(value["edits"]))
