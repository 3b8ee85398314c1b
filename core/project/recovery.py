"""What the journals of killed processes still hold is brought into the label files."""

from collections.abc import Iterator
from pathlib import Path

from core.atomic import remove_file
from core.errors import AppError
from core.project.deltas import with_deltas
from core.project.history import History
from core.project.journal import KeyLog, append_line, read_journal
from core.project.labels import LabelStore, stamp_of
from core.project.values import Recovered
from core.types import ImageLabels, Json


def recover(
    folder: Path, labels: LabelStore, history: History, *, skip: Path
) -> Iterator[Recovered]:
    """Replays every journal in a folder, and removes those that are done with.

    An image whose label file another program changed since is not touched: the recovered labels go
    to history. A journal stays where something of it could not be written.

    Args:
        folder: of the journals.
        labels: where the labels are read and written.
        history: where they go otherwise.
        skip: the journal of this session.
    """
    for path in sorted(folder.glob("*.jsonl")):
        if path != skip:
            yield from _replay(path, labels, history)


def _replay(path: Path, labels: LabelStore, history: History) -> Iterator[Recovered]:
    is_done = True
    try:
        logs = read_journal(path)
    except AppError as error:
        yield Recovered("", None, str(error))
        return
    for key, log in logs.items():
        try:
            recovered = _recovered(path, key, log, labels=labels, history=history)
        except AppError as error:
            is_done = False
            sentence = f"Edits of {key} wait in {path}, because they could not be written: {error}"
            recovered = Recovered(key, None, sentence)
        if recovered is not None:
            yield recovered
    if is_done:
        remove_file(path)


def _recovered(
    path: Path, key: str, log: KeyLog, *, labels: LabelStore, history: History
) -> Recovered | None:
    data = labels.bytes_of(key)
    stamp = stamp_of(data)
    deltas = log.edits_missing_in(stamp)
    if deltas is not None and not deltas:
        return None
    if deltas is None or not _is_readable(key, labels):
        return _set_aside(key, log, labels=labels, history=history)
    loaded = labels.read(key)
    after = _applied(loaded.labels, deltas, key)
    text = labels.text_of(key, after)

    def intend() -> None:
        # So that a second kill, between this and the end of the journal, is understood as well.
        line = {"saving": key, "stamp": stamp_of(text), "edits": len(log.edits)}
        append_line(path, line)

    labels.replace(key, text, stamp=stamp, intend=intend)
    sentence = f"{key}: what was not saved when the program ended is back ({_edits(len(deltas))})."
    return Recovered(key, after, sentence, len(deltas))


def _is_readable(key: str, labels: LabelStore) -> bool:
    try:
        labels.read(key)
    except AppError:
        return False
    return True


def _set_aside(key: str, log: KeyLog, *, labels: LabelStore, history: History) -> Recovered | None:
    deltas = log.edits[log.n_forgotten :]
    if not deltas:
        return None
    try:
        now = labels.read(key).labels
        after = _applied(now, deltas, key)
        if after == now:
            return None  # the other program wrote what the edits say
    except AppError:
        after = _applied(ImageLabels((1, 1)), deltas, key)
    kept = history.keep(key, labels.text_of(key, after), why="recovered")
    sentence = (
        f"{key}: its label file was changed by another program while {_edits(len(deltas))} waited"
        f" to be saved. The file was left as it is; the labels with the edits are in {kept}."
    )
    return Recovered(key, after, sentence)


def _applied(labels: ImageLabels, deltas: Json, key: str) -> ImageLabels:
    try:
        return with_deltas(labels, deltas)
    except (KeyError, TypeError, ValueError) as error:
        raise AppError(f"an edit of {key} in the journal is broken ({error}).") from error


def _edits(n: int) -> str:
    return "1 edit" if n == 1 else f"{n} edits"
