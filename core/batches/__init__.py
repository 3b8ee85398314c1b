"""Predictions into label files, a whole batch of which can be taken back in one step.

A batch is one file below .maskloop/batches: one JSON object a line for each label file that it
changed, with the bytes from before and the stamp from after. It is written before the label file
is, so that a batch can be taken back after a crash too. A pre-label is a batch, and so is each move
of the threshold of confidence, and each verdict on instances of many images; a move of images to
other splits is one that changes no label file.
"""

import contextlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.atomic import make_folder, reason_of, remove_file, write_atomically
from core.batches.steps import Step, line_of, steps_in
from core.configs import PrelabelConfig
from core.edits import changed_ids
from core.errors import AppError
from core.events import Event, Prelabelled
from core.merge import showing, unjudged
from core.predictions import (
    LOWEST_SCORE,
    Predictions,
    PredictionStore,
    image_stamp,
    predicted_by,
    usable,
)
from core.project import Project, stamp_of
from core.project.journal import append_line
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState, Instance, Split

_LEFT = ".left"
_MOST, _MOST_BYTES, _ALWAYS = 20, 256 << 20, 3
"""So many batches can be taken back, fewer where they are larger than that, but always the last."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class TakenBack(NamedTuple):
    """What became of a batch."""

    restored: tuple[str, ...]
    """Images whose label files, or splits, are again what they were, byte for byte."""
    left_alone: tuple[str, ...]
    """Images that were changed after the batch, and stay so."""


def new_batch_id() -> str:
    """An id for a batch, later ones sorting after earlier ones."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"


def written(
    project: Project,
    config: PrelabelConfig,
    events: Callable[[], Generator[Event, None, None]],
) -> Generator[Event, None, None]:
    """The events of a pre-label; an image's predictions are in its label file before the next.

    All of it is one batch. What lies below the score that was asked for is kept beside the labels.
    The job is begun only when the project's classes are stored, from where it reads them.

    Raises:
        AppError: the project cannot be written.
    """
    project.require_writable()
    project.take_stock()
    score = config.engine.score
    project.keep_confidence(LOWEST_SCORE if score is None else score)
    thresholds = project.thresholds(0.0).with_least(None, score or 0.0)
    store, batch_id = PredictionStore(project.hidden_folder), new_batch_id()
    for event in events():
        if isinstance(event, Prelabelled):
            made = keep(project, store, event, config)
            predicted = (*event.instances, *event.below)
            apply_predictions(
                project, batch_id, event.image, predicted, threshold=thresholds, made=made
            )
        yield event


def keep(
    project: Project, store: PredictionStore, event: Prelabelled, config: PrelabelConfig
) -> str:
    """Keeps what a model saw in an image; the name for `remember`.

    Raises:
        AppError: it cannot be written.
    """
    by = predicted_by(
        config.engine,
        config.class_map,
        classes=project.classes,
        fewer_points=config.fewer_points,
    )
    stamp = image_stamp(project.image_path(event.image))
    instances = (*event.instances, *event.below)
    return store.keep(Predictions(event.image, stamp, event.size_hw, by, instances))


def apply_predictions(
    project: Project,
    batch_id: str,
    key: str,
    predicted: Sequence[Instance],
    *,
    threshold: float | Thresholds = 0.0,
    made: str = "",
    confidence_before: Thresholds | None = None,
) -> ImageLabels:
    """Puts predictions into the label file of an image, and gives the labels it then has.

    What a person drew, accepted or edited stays, and so does everything in a done image (merge.py).
    A file that would not change is not written.

    Args:
        project: to write into.
        batch_id: under which it can be taken back.
        key: of the image.
        predicted: instances of the project's classes, best first.
        threshold: the least score that shows.
        made: as for `remember`, and so is confidence_before.
        confidence_before: the threshold before, where this is a move of it.

    Raises:
        ChangedOnDisk: another program changed the file in this moment.
        AppError: it cannot be read or written; nothing is changed then.
    """
    loaded = project.read(key)
    after = showing(loaded.labels, unjudged(loaded.labels, predicted), threshold=threshold)
    if after == loaded.labels and not made:
        return after
    if loaded.is_read_only:
        raise AppError(f"The labels of {key} were written by a newer version and stay as they are.")
    project.require_writable()
    is_other = after != loaded.labels
    remember(
        project, batch_id, key, before=None, after=after if is_other else None, made=made,
        confidence_before=confidence_before,
    )  # fmt: skip
    if is_other:
        project.write(key, after, stamp=loaded.stamp)
    return after


def apply_threshold(
    project: Project,
    store: PredictionStore,
    batch_id: str,
    key: str,
    *,
    threshold: Thresholds,
    confidence_before: Thresholds,
) -> int | None:
    """Shows the kept predictions of an image from another score on, without the model.

    Args:
        project: to write into.
        store: of the predictions.
        batch_id: under which it can be taken back.
        key: of the image.
        threshold: the least score that shows.
        confidence_before: the one before, which comes back with the batch.

    Returns:
        How many instances more, or, below zero, less there are; None where nothing changed.

    Raises:
        AppError: as `apply_predictions`.
    """
    if project.summary(key).state is ImageState.DONE:
        return None
    kept = store.latest(key)
    if kept is None:
        return None
    before = project.read(key).labels
    if kept.size_hw != before.size_hw:
        return None
    after = apply_predictions(
        project, batch_id, key, usable(kept, before, classes=project.classes),
        threshold=threshold, confidence_before=confidence_before,
    )  # fmt: skip
    return None if after == before else len(after.instances) - len(before.instances)


def apply_verdict(
    project: Project,
    batch_id: str,
    key: str,
    change: Callable[[ImageLabels], ImageLabels],
    *,
    verdict: str,
    with_done: bool = False,
) -> int:
    """Changes the labels of an image as a person said, as a part of a batch.

    Args:
        project: to write into.
        batch_id: under which it can be taken back.
        key: of the image.
        change: the edit.
        verdict: what it is called: "Accept".
        with_done: whether a done image changes too.

    Returns:
        How many instances it changed.

    Raises:
        ChangedOnDisk: another program changed the file in this moment.
        AppError: it cannot be read or written; nothing is changed then.
    """
    loaded = project.read(key)
    before = loaded.labels
    if before.state is ImageState.DONE and not with_done:
        return 0
    after = change(before)
    if after == before:
        return 0
    if loaded.is_read_only:
        raise AppError(f"The labels of {key} were written by a newer version and stay as they are.")
    project.require_writable()
    remember(project, batch_id, key, before=None, after=after, verdict=verdict)
    project.write(key, after, stamp=loaded.stamp)
    return len(changed_ids(before, after))


def remember(
    project: Project,
    batch_id: str,
    key: str,
    *,
    before: ImageLabels | None,
    after: ImageLabels | None,
    made: str = "",
    confidence_before: Thresholds | None = None,
    verdict: str = "",
) -> None:
    """Makes what predictions change in an image part of a batch. Call it before that is written.

    Args:
        project: that is written into.
        batch_id: under which it can be taken back.
        key: of the image.
        before: its labels; None: those of its label file as it is now.
        after: its labels with the predictions, as they will be written; None: no others.
        made: the name of kept predictions that came with it, which are set aside with it.
        confidence_before: the project's threshold before, where the batch is a move of it.
        verdict: what a person did to many instances at once, where that is the batch.

    Raises:
        AppError: it cannot be written.
    """
    data = project.bytes_of(key) if before is None else project.file_of(key, before)
    path = _path_to_write(project, batch_id)
    stamp = stamp_of(data if after is None else project.file_of(key, after))
    append_line(path, line_of(Step(key, data, stamp, made, confidence_before, verdict)))


def move_to_splits(project: Project, batch_id: str, splits: Mapping[str, Split]) -> tuple[str, ...]:
    """Moves images to other splits, as one batch; those that moved.

    Args:
        project: to write into.
        batch_id: under which it can be taken back.
        splits: by the keys of images that have a split; others are passed over.

    Raises:
        AppError: nothing may be written, or it cannot be; no image has moved then.
    """
    project.require_writable()
    had = project.splits
    moves = {key: (had[key], to) for key, to in splits.items() if had.get(key, to) != to}
    if moves:
        path = _path_to_write(project, batch_id)
        try:
            for key, move in moves.items():
                append_line(path, line_of(Step(key, None, "", move=move)))
            project.move_to_splits(splits)
        except AppError:
            with contextlib.suppress(OSError):  # what never moved is moved back by doing nothing
                path.unlink(missing_ok=True)
            raise
    return tuple(moves)


def moved_in(project: Project, batch_id: str) -> tuple[str, ...]:
    """The images that a batch moved to other splits; none where it is a batch of another kind.

    Raises:
        AppError: the batch cannot be read.
    """
    path = _path(project, batch_id)
    try:
        with path.open(
            "rb"
        ) as file:  # a pre-label may be long: its first line tells that it is one
            first = next(steps_in(file.readline()), None)
    except OSError:
        first = None
    if first is None or not first.move:
        return ()
    return tuple(step.key for step in _read(path) if step.move)


def batches(project: Project) -> tuple[str, ...]:
    """The ids of batches that can be taken back, the one that is next to be the last.

    That is the newest; what is left of a batch that was taken back already comes after all others.
    One that a full disk or a kill ended in its very first line changed nothing.
    """
    files = (project.hidden_folder / "batches").glob("*.jsonl")
    found = [path for path in files if _has_line(path)]
    return tuple(
        path.name.removesuffix(".jsonl").removesuffix(_LEFT)
        for path in sorted(found, key=lambda path: (_LEFT not in path.name, path.name))
    )


def _path_to_write(project: Project, batch_id: str) -> Path:
    path = _path(project, batch_id)
    make_folder(path.parent, below=project.labels_folder)
    if not path.exists():
        _drop_oldest(project)
    return path


def _drop_oldest(project: Project) -> None:
    """Lets go of batches of long ago: each holds all label files that it changed."""
    n_bytes = 0
    for number, batch_id in enumerate(reversed(batches(project)), start=2):  # one is to come
        path = _path(project, batch_id)
        with contextlib.suppress(OSError):  # it can be taken back, and does no harm
            n_bytes += path.stat().st_size
            if number > _ALWAYS and (number > _MOST or n_bytes > _MOST_BYTES):
                path.unlink()


def confidence_before(project: Project, batch_id: str) -> Thresholds | None:
    """The threshold before a batch that is a move of it; None for a pre-label.

    Raises:
        AppError: the batch cannot be read.
    """
    steps = _read(_path(project, batch_id))
    return steps[0].confidence_before if steps else None


def verdict_of(project: Project, batch_id: str) -> str:
    """What a batch is called that is a person's verdict on many instances; else empty.

    Raises:
        AppError: the batch cannot be read.
    """
    steps = _read(_path(project, batch_id))
    return steps[0].verdict if steps else ""


def take_back(project: Project, batch_id: str, *, elsewhere: Collection[str] = ()) -> TakenBack:
    """Restores what a batch changed, label files or splits, except those changed again since.

    A batch that changed no file is taken back by doing nothing. One that came later counts as a
    change too: batches are taken back from the last to the first.

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
    moves = {step.key: step.move for step in steps if step.move}
    by_key: dict[str, list[Step]] = {}
    for step in steps:
        by_key.setdefault(step.key, []).append(step)
    left = _not_moved_back(project, moves)
    left |= {
        key
        for key, own in by_key.items()
        if key not in moves and not _is_restored(project, key, own)
    }
    store = PredictionStore(project.hidden_folder)
    for step in steps:
        if step.made and step.key not in left:
            store.set_aside(step.made)
    _keep_left(path, [step for step in steps if step.key in left])
    restored = tuple(
        key for key, own in by_key.items() if key not in left and any(map(_is_change, own))
    )
    return TakenBack(restored, tuple(key for key in by_key if key in left))


def _keep_left(path: Path, steps: Sequence[Step]) -> None:
    """Leaves only these steps of a batch, if any, behind those that were not tried yet."""
    lines = [json.dumps(line_of(step), ensure_ascii=False) for step in steps]
    if lines:
        target = path if _LEFT in path.name else path.with_name(f"{path.stem}{_LEFT}.jsonl")
        write_atomically(target, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
        if target != path:
            remove_file(path)
    else:
        remove_file(path)


def _is_change(step: Step) -> bool:
    return bool(step.move) or stamp_of(step.before) != step.after


def _not_moved_back(project: Project, moves: Mapping[str, tuple[Split, Split]]) -> set[str]:
    """Moves images back to the splits that they had; those that were moved again since stay."""
    now = project.splits
    # in the split before: the program ended ahead of the moving
    left = {key for key, move in moves.items() if now.get(key) not in move}
    try:
        project.move_to_splits({key: had for key, (had, _) in moves.items() if key not in left})
    except AppError:
        return set(moves)
    return left


def _is_restored(project: Project, key: str, steps: Sequence[Step]) -> bool:
    try:
        now = stamp_of(project.bytes_of(key))
        before = _before(steps, now)
        if before is None:
            return False
        if stamp_of(before[0]) != now:
            project.restore(key, before[0], stamp=now)
    except AppError:
        return False
    return True


def _before(steps: Sequence[Step], now: str) -> tuple[bytes | None] | None:
    """What the file held before the batch, in a tuple; None where it is not what the batch left."""
    for step in reversed(steps):
        before = stamp_of(step.before)
        if now not in (step.after, before):  # before: the program ended ahead of the writing
            return None
        now = before
    return (steps[0].before,)


def _has_line(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.readline().endswith(b"\n")
    except OSError:
        return True  # taking it back says why it cannot be read


def _path(project: Project, batch_id: str) -> Path:
    if not _SAFE.fullmatch(batch_id):
        raise AppError(f"{batch_id!r} is not the id of a batch.")
    folder = project.hidden_folder / "batches"
    left = folder / f"{batch_id}{_LEFT}.jsonl"
    return left if left.exists() else folder / f"{batch_id}.jsonl"


def _read(path: Path) -> list[Step]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AppError(f"{path} cannot be read: {reason_of(error)}.") from error
    return list(steps_in(data))
