"""Predictions into label files, a whole batch of which can be taken back in one step.

A batch is one file below .maskloop/batches: one JSON object a line for each label file that it
changed, with the bytes from before and the stamp from after. It is written before the label file
is, so that a batch can be taken back after a crash too.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.atomic import make_folder, reason_of, remove_file, write_atomically
from core.errors import AppError
from core.events import Event, Prelabelled
from core.merge import merge
from core.project import Project, stamp_of
from core.project.journal import append_line
from core.types import ImageLabels, Instance, Json

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class TakenBack(NamedTuple):
    """What became of a batch."""

    restored: tuple[str, ...]
    """Images whose label files are again what they were, byte for byte."""
    left_alone: tuple[str, ...]
    """Images that were changed after the batch, and stay so."""


@dataclass(frozen=True, slots=True)
class _Step:
    key: str
    before: bytes | None
    after: str


def new_batch_id() -> str:
    """An id for a batch, later ones sorting after earlier ones."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"


def written(
    project: Project, events: Callable[[], Generator[Event, None, None]]
) -> Generator[Event, None, None]:
    """The events of a pre-label; an image's predictions are in its label file before the next.

    All of it is one batch. The job is begun only when the project's classes are stored, from where
    it reads them.

    Raises:
        AppError: the project cannot be written.
    """
    project.require_writable()
    project.take_stock()
    batch_id = new_batch_id()
    for event in events():
        if isinstance(event, Prelabelled):
            apply_predictions(project, batch_id, event.image, event.instances)
        yield event


def apply_predictions(
    project: Project, batch_id: str, key: str, predicted: Sequence[Instance]
) -> ImageLabels:
    """Merges predictions into the label file of an image, and gives the labels it then has.

    What a person drew, accepted or edited stays, and so does everything in a done image (merge.py).
    A file that would not change is not written.

    Args:
        project: to write into.
        batch_id: under which it can be taken back.
        key: of the image.
        predicted: instances of the project's classes.

    Raises:
        ChangedOnDisk: another program changed the file in this moment.
        AppError: it cannot be read or written; nothing is changed then.
    """
    loaded = project.read(key)
    after = merge(loaded.labels, predicted)
    if after == loaded.labels:
        return after
    if loaded.is_read_only:
        raise AppError(f"The labels of {key} were written by a newer version and stay as they are.")
    project.require_writable()
    remember(project, batch_id, key, before=None, after=after)
    project.write(key, after, stamp=loaded.stamp)
    return after


def remember(
    project: Project, batch_id: str, key: str, *, before: ImageLabels | None, after: ImageLabels
) -> None:
    """Makes what predictions change in an image part of a batch. Call it before that is written.

    Args:
        project: that is written into.
        batch_id: under which it can be taken back.
        key: of the image.
        before: its labels; None: those of its label file as it is now.
        after: its labels with the predictions, as they will be written.

    Raises:
        AppError: it cannot be written.
    """
    data = project.bytes_of(key) if before is None else project.file_of(key, before)
    path = _path(project, batch_id)
    make_folder(path.parent)
    append_line(path, _line(_Step(key, data, stamp_of(project.file_of(key, after)))))


def batches(project: Project) -> tuple[str, ...]:
    """The ids of batches that can be taken back, the newest last."""
    found = (project.hidden_folder / "batches").glob("*.jsonl")
    return tuple(path.stem for path in sorted(found, key=lambda path: path.stat().st_mtime_ns))


def take_back(project: Project, batch_id: str, *, elsewhere: Collection[str] = ()) -> TakenBack:
    """Restores the label files that a batch changed, except those changed again since.

    A batch that changed no file is taken back by doing nothing.

    Those that are left alone stay in the batch: where a later batch is taken back, they can follow.

    Args:
        project: that was written into.
        batch_id: of the batch.
        elsewhere: images that somebody else takes back, who has them open.

    Raises:
        AppError: the batch cannot be read, or the folder is read-only.
    """
    project.require_writable()
    path = _path(project, batch_id)
    steps = [step for step in _read(path) if step.key not in elsewhere]
    by_key: dict[str, list[_Step]] = {}
    for step in steps:
        by_key.setdefault(step.key, []).append(step)
    left = {key for key, own in by_key.items() if not _is_restored(project, key, own)}
    kept = [step for step in steps if step.key in left]
    if kept:
        lines = [json.dumps(_line(step), ensure_ascii=False) for step in kept]
        write_atomically(path, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
    else:
        remove_file(path)
    restored = tuple(key for key in by_key if key not in left)
    return TakenBack(restored, tuple(key for key in by_key if key in left))


def _is_restored(project: Project, key: str, steps: Sequence[_Step]) -> bool:
    try:
        now = stamp_of(project.bytes_of(key))
        before = _before(steps, now)
        if before is None:
            return False
        project.restore(key, before[0], stamp=now)
    except AppError:
        return False
    return True


def _before(steps: Sequence[_Step], now: str) -> tuple[bytes | None] | None:
    """What the file held before the batch, in a tuple; None where it is not what the batch left."""
    for step in reversed(steps):
        before = stamp_of(step.before)
        if now not in (step.after, before):  # before: the program ended ahead of the writing
            return None
        now = before
    return (steps[0].before,)


def _path(project: Project, batch_id: str) -> Path:
    if not _SAFE.fullmatch(batch_id):
        raise AppError(f"{batch_id!r} is not the id of a batch.")
    return project.hidden_folder / "batches" / f"{batch_id}.jsonl"


def _read(path: Path) -> list[_Step]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AppError(f"{path} cannot be read: {reason_of(error)}.") from error
    return list(_steps(data))


def _steps(data: bytes) -> Iterator[_Step]:
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
            before = value["before"]
            key, after = str(value["key"]), str(value["after"])
            yield _Step(key, None if before is None else base64.b64decode(before), after)
        except (ValueError, KeyError, TypeError):
            continue  # cut off by the end of the process; the file it is about was not written yet


def _line(step: _Step) -> Json:
    before = None if step.before is None else base64.b64encode(step.before).decode()
    return {"key": step.key, "before": before, "after": step.after}
