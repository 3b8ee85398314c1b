"""A run that came back, put among the runs of a project whole or not at all."""

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.atomic import (
    TEMPORARY_SUFFIX,
    is_leftover,
    make_folder,
    new_folder,
    reason_of,
    write_atomically,
)
from core.errors import AppError
from core.events import Event, Finished, Noted, Progress, to_line
from core.run_folder import RunFolder
from core.run_folder.about import UNSAID, About, read_about, write_about
from core.run_folder.process import process_of
from core.run_folder.snapshot import snapshot_to_json
from core.types import Json
from core.unpacking.detectron2_run import (
    ITS_CONFIG,
    config_of,
    metrics_of,
    n_iterations,
    names_of,
    numbers_of,
    rows_of,
)
from core.unpacking.entries import Entry
from core.unpacking.finding import LARGEST_JSON_BYTES, Found, Kind
from core.unpacking.records import (
    Home,
    config_at_home,
    evaluation_at_home,
    events_at_home,
    snapshot_at_home,
)

if TYPE_CHECKING:
    from core.unpacking.weights import Checked

_ROOM_BYTES = 1 << 26
"""What a disk is to have left when all is copied."""
_RETOLD = frozenset({"config.json", "snapshot.json", "evaluation.json", "events.jsonl"})
_OF_DETECTRON2 = ("metrics.json", "log.txt")
_LEFTOVER = re.compile(rf"\.(\d+)-[0-9a-f]+{re.escape(TEMPORARY_SUFFIX)}")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has come."""

    run: RunFolder
    class_names: tuple[str, ...]
    """Of the weights."""
    n_bytes: int
    sentences: tuple[str, ...]
    """What was assumed, and what its classes are here."""


def free_name(runs: Path) -> Path:
    """A folder for a run that comes now, which is not there yet."""
    stem = f"{time.strftime('%Y-%m-%d_%H%M%S')}_unpacked"
    names = (stem if number == 1 else f"{stem}_{number}" for number in range(1, 1000))
    for name in names:
        if not (runs / name).exists():
            return runs / name
    raise AppError(f"{runs} holds too many runs of this very second; try again.")


def arrived(
    found: Found, home: Home, *, class_names: Sequence[str], project_names: Sequence[str]
) -> Generator[Event, None, Arrived]:
    """Copies the run to home.run, checks it there, and only then gives it its name.

    Args:
        found: the run as it came.
        home: where it comes to.
        class_names: of its weights, where nothing that came names them.
        project_names: of the project's classes, by ascending id.

    Raises:
        AppError: it is broken, of another project, or the disk is full; then nothing is left of
            it.
    """
    # Imported here: it brings torch, and all jobs are listed where most of them need none.
    from core.unpacking.weights import checked

    make_folder(home.runs, below=home.labels_folder)
    remove_leftovers(home.runs)
    is_own = found.kind is Kind.MASKLOOP
    written = _records_of_maskloop(found, home) if is_own else _records_of_detectron2(found, home)
    copied = _files_to_copy(found)
    _require_room(home.runs, copied.values())
    with new_folder(home.run) as folder:
        yield from _copied(folder, copied)
        yield Noted("The weights are read and held against their config.")
        sound = checked(
            folder / found.weights,
            given_names=() if is_own else class_names or names_of(found),
            project_names=project_names,
        )
        if not is_own:
            _take_over(folder, found, sound)
        for name, content in written.items():
            write_atomically(folder / name, content)
        (folder / "told").touch()
        _say_where_from(folder, found)
        n_bytes = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    yield from map(Noted, sound.sentences)
    return Arrived(RunFolder(home.run), sound.origin.class_names, n_bytes, sound.sentences)


def remove_leftovers(runs: Path) -> None:
    """Removes what a process that was killed while it unpacked has left."""
    for path in runs.iterdir():
        match = _LEFTOVER.fullmatch(path.name)
        if match and is_leftover(path.name) and not process_of(int(match[1])).started:
            shutil.rmtree(path, ignore_errors=True)


def _records_of_maskloop(found: Found, home: Home) -> dict[str, bytes]:
    config = config_at_home(found.json("config.json"), home)
    evaluation = evaluation_at_home(found.json("evaluation.json"), home)
    records = {
        "config.json": _encoded({"job": "train", "config": config}),
        "evaluation.json": _encoded(evaluation),
    }
    if "settings.json" in found.files and not isinstance(found.json("settings.json"), dict):
        raise AppError("The settings.json of what came back is broken: copy it again.")
    if (snapshot := found.json("snapshot.json")) is not None:
        records["snapshot.json"] = _encoded(snapshot_to_json(snapshot_at_home(snapshot, home)))
    if "events.jsonl" in found.files:
        content = found.files["events.jsonl"].content(LARGEST_JSON_BYTES)
        records["events.jsonl"] = _lines(events_at_home(content, home, evaluation))
    return records


def _records_of_detectron2(found: Found, home: Home) -> dict[str, bytes]:
    rows, config = rows_of(found), config_of(found, home)
    run = RunFolder(home.run)
    last = n_iterations(rows)
    result: dict[str, Json] = {
        "run": str(run.path),
        "weights": str(run.best_weights),
        "config": str(run.model_config),
        "iterations": last,
        "best_iteration": last,
        "before": None,
        "after": numbers_of(rows),
    }
    said: list[Event] = [Noted("Learnt by detectron2 on another machine."), *metrics_of(rows)]
    if found.weights == "model_final.pth":
        said.append(Finished(result))
    return {
        "config.json": _encoded({"job": "train", "config": config}),
        "settings.json": _encoded(config),
        "evaluation.json": _encoded(result),
        "events.jsonl": _lines(said),
    }


def _files_to_copy(found: Found) -> dict[str, Entry]:
    """By the name that each gets. Of detectron2's output what is of use here: each of its other
    checkpoints is twice as large as the weights."""
    if found.kind is Kind.MASKLOOP:
        return {name: entry for name, entry in found.files.items() if name not in _RETOLD}
    wanted = {found.weights, "config.yaml", ITS_CONFIG, *_OF_DETECTRON2}
    return {
        name: entry
        for name, entry in found.files.items()
        if name in wanted or name.startswith("events.out.tfevents")
    }


def _take_over(folder: Path, found: Found, sound: "Checked") -> None:
    from core.unpacking.weights import write_as_best

    if (folder / "config.yaml").exists() and not (folder / ITS_CONFIG).exists():
        (folder / "config.yaml").rename(folder / ITS_CONFIG)
    run = RunFolder(folder)
    write_as_best(sound, run.best_weights, run.model_config)
    (folder / found.weights).unlink()


def _say_where_from(folder: Path, found: Found) -> None:
    if read_about(folder) == UNSAID:
        write_about(folder, About(note=f"Of {found.kind}, brought back from {found.source}."))


def _require_room(runs: Path, entries: Iterable[Entry]) -> None:
    needed = sum(entry.n_bytes for entry in entries) + _ROOM_BYTES
    with contextlib.suppress(OSError):  # a disk that does not say
        free = shutil.disk_usage(runs).free
        if needed > free:
            raise AppError(
                f"The run takes {needed >> 20} MB, and the disk of {runs} has {free >> 20} MB left."
                " Make room and unpack it again; nothing was copied."
            )


def _copied(folder: Path, entries: Mapping[str, Entry]) -> Generator[Progress, None, None]:
    total, done = sum(entry.n_bytes for entry in entries.values()), 0
    began = time.monotonic()
    for name, entry in entries.items():
        target = folder / name
        make_folder(target.parent, below=folder)
        try:
            with target.open("xb") as file:
                for chunk in entry.chunks():
                    file.write(chunk)
                    done += len(chunk)
                    eta_s = (time.monotonic() - began) / done * (total - done)
                    yield Progress(done, total, "copied", eta_s, "bytes")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise AppError(f"{name} was not copied: {reason_of(error)}.") from error


def _lines(events: Iterable[Event]) -> bytes:
    return "".join(to_line(event) + "\n" for event in events).encode("utf-8", "backslashreplace")


def _encoded(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
