"""Evaluations that are kept with a project: numbers, matches, report and plots, a folder each.

    numbers.json    what the tables show, and of what it is
    matches.npz     every match: what curves, confusion and the images behind each number come from
    effort.json     what is left to do about each instance
    report.html, evaluation.json, precision.svg, ...    as they are given away

A window reads the numbers and the matches: none of them is a JSON text so long that reading it
would stop everything else. A folder is there as a whole or not at all.
"""

import contextlib
import hashlib
import json
import re
import shutil
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic import is_leftover, new_folder
from core.errors import AppError
from core.matches import Found, Indices, Matches, Truths
from core.types import Json
from core.weights import weights_name

REPORT, EVERYTHING = "report.html", "evaluation.json"
PRECISION_PLOT, F1_PLOT = "precision.svg", "f1.svg"
CLASSES_PLOT, SIZES_PLOT = "classes.svg", "sizes.svg"
EFFORT = "effort.json"
_NUMBERS, _MATCHES = "numbers.json", "matches.npz"
_FOLDER = "evaluations"
_NO_NAME = re.compile(r"[^\w.-]+")
_RUNS, _N_OF_RUN = "runs", 3
"""Weights of a run of the project are runs/NAME/best.pth, below the folder that all this is in."""
_VERSION = 1
_ABANDONED_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Heading:
    """Of what an evaluation is."""

    weights: str
    """As the engine was told: a file or a published name. In a file, those of a run of the project
    are a path below its hidden folder, so that they are known where the project was moved to."""
    split: str
    when: str
    """In ISO form, of this machine's time."""
    ground: str
    """What it was measured on: equal where the images and their instances are."""
    title: str
    about: str

    @property
    def moment(self) -> datetime:
        """When it was measured."""
        return datetime.fromisoformat(self.when)


@dataclass(frozen=True, slots=True, eq=False)
class KeptEvaluation:
    """One evaluation, without its matches."""

    folder: Path
    heading: Heading
    numbers: Mapping[str, Json]
    """What the job "evaluate" says: "bbox", "segm", "counts", "recall", "by_class" and so on."""

    def read_matches(self) -> Matches:
        """Its matches.

        Raises:
            AppError: they cannot be read.
        """
        file = self.folder / _MATCHES
        try:
            # opened here: of a broken file numpy leaves it open
            with file.open("rb") as content, np.load(content, allow_pickle=False) as columns:
                return _matches_of(columns)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise AppError(f"{file} cannot be read: {error}. Measure again.") from error

    def read_json(self, name: str) -> Json:
        """What one of its files holds.

        Raises:
            AppError: it cannot be read.
        """
        file = self.folder / name
        try:
            return json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise AppError(f"{file} cannot be read: {error}. Measure again.") from error


def evaluations_folder(hidden_folder: Path) -> Path:
    """Where a project keeps them."""
    return hidden_folder / _FOLDER


def new_evaluation_folder(hidden_folder: Path, weights: str, split: str) -> Path:
    """A folder for an evaluation that begins now; it is not made yet."""
    name = _NO_NAME.sub("_", weights_name(weights))[:80]
    return evaluations_folder(hidden_folder) / f"{datetime.now():%Y-%m-%d_%H%M%S_%f}_{name}_{split}"


def keep(
    folder: Path,
    heading: Heading,
    numbers: Mapping[str, Json],
    matches: Matches,
    files: Mapping[str, bytes],
) -> None:
    """Writes all of an evaluation, or nothing.

    Args:
        folder: which is made.
        heading: of what it is.
        numbers: for the tables.
        matches: all of them.
        files: to be given away, by their names.

    Raises:
        AppError: it cannot be written.
    """
    told = {**asdict(heading), "weights": _told_weights(heading.weights, folder.parent.parent)}
    value = {"version": _VERSION, "heading": told, "numbers": dict(numbers)}
    with new_folder(folder) as temporary:
        (temporary / _NUMBERS).write_bytes(json.dumps(value).encode("ascii"))
        np.savez_compressed(temporary / _MATCHES, **_columns_of(matches))
        for name, content in files.items():
            (temporary / name).write_bytes(content)


def ground_of(matches: Matches) -> str:
    """A sum over images, classes and instances: equal where AP can be compared."""
    truths = matches.truths
    sums = hashlib.sha256(json.dumps([matches.images, matches.classes]).encode("ascii"))
    for column in (truths.image, truths.class_index, truths.area.round(1)):
        sums.update(np.ascontiguousarray(column).tobytes())
    return sums.hexdigest()[:16]


def kept_evaluation(folder: Path) -> KeptEvaluation:
    """One that is kept.

    Raises:
        AppError: it cannot be read.
    """
    file = folder / _NUMBERS
    try:
        value: Any = json.loads(file.read_bytes())
        told = {one.name: str(value["heading"][one.name]) for one in fields(Heading)}
        told["weights"] = _weights_here(told["weights"], folder.parent.parent)
        heading = Heading(**told)
        datetime.fromisoformat(heading.when)
        return KeptEvaluation(folder, heading, dict(value["numbers"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise AppError(f"{file} cannot be read: {error}. Measure again.") from error


def kept_evaluations(hidden_folder: Path) -> tuple[KeptEvaluation, ...]:
    """All that can be read, the newest first."""
    found = []
    for folder in _folders(hidden_folder):
        with contextlib.suppress(AppError):
            found.append(kept_evaluation(folder))
    return tuple(sorted(found, key=lambda one: one.heading.moment, reverse=True))


def drop_replaced(kept: KeptEvaluation) -> None:
    """Removes older ones of the same weights on the same split, and what kills left half done."""
    hidden = kept.folder.parent.parent
    for folder in _folders(hidden):
        with contextlib.suppress(AppError):
            other = kept_evaluation(folder).heading
            is_same = (other.weights, other.split) == (kept.heading.weights, kept.heading.split)
            if is_same and other.moment < kept.heading.moment:
                shutil.rmtree(folder, ignore_errors=True)
    for folder in evaluations_folder(hidden).iterdir():
        # a younger one may be of an evaluation that goes on
        with contextlib.suppress(OSError):
            age_s = time.time() - folder.stat().st_mtime
            if is_leftover(folder.name) and age_s > _ABANDONED_S:
                shutil.rmtree(folder)


def _told_weights(weights: str, hidden_folder: Path) -> str:
    """Weights as they are written down: those of a run of the project without where it lies."""
    with contextlib.suppress(ValueError):
        return Path(weights).relative_to(hidden_folder).as_posix()
    with contextlib.suppress(ValueError):  # one of the two was reached over a link
        return Path(weights).resolve().relative_to(hidden_folder.resolve()).as_posix()
    return weights


def _weights_here(told: str, hidden_folder: Path) -> str:
    """Weights as they were written down, those of a run of the project where it lies now.

    Whole paths, as they were written down once, are of a run of this project too where it has one
    of the name: the project was moved, or is a copy.
    """
    parts = told.replace("\\", "/").split("/")
    here = hidden_folder.joinpath(*parts[-_N_OF_RUN:])
    is_of_run = parts[-_N_OF_RUN : -_N_OF_RUN + 1] == [_RUNS] and ".." not in parts
    if is_of_run and (len(parts) == _N_OF_RUN or here.is_file()):
        return str(here)
    return told


def _folders(hidden_folder: Path) -> Iterable[Path]:
    try:
        inside = sorted(evaluations_folder(hidden_folder).iterdir())
    except OSError:
        return ()
    return [one for one in inside if one.is_dir() and not is_leftover(one.name)]


def _columns_of(matches: Matches) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "task": np.array(matches.task),
        "images": _texts(matches.images),
        "classes": _texts(matches.classes),
    }
    for side, name in ((matches.truths, "truths"), (matches.found, "found")):
        for one in fields(side):
            values = getattr(side, one.name)
            columns[f"{name}.{one.name}"] = _texts(values) if one.name == "name" else values
    return columns


def _texts(values: Iterable[Json]) -> Any:
    """(N,) texts; JSON, as an array cannot tell numbers from texts, nor hold a blank at an end."""
    return np.array([json.dumps(value) for value in values], dtype=np.str_)


def _matches_of(columns: Mapping[str, Any]) -> Matches:
    images, classes = (
        tuple(str(json.loads(one)) for one in columns[name].tolist())
        for name in ("images", "classes")
    )
    return Matches(
        str(columns["task"]),
        images,
        classes,
        Truths(**_side_of(columns, "truths", Truths)),
        Found(**_side_of(columns, "found", Found)),
    )


def _side_of(columns: Mapping[str, Any], name: str, side: type[Truths | Found]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in fields(side):
        column = columns[f"{name}.{one.name}"]
        if one.name == "name":
            values[one.name] = tuple(json.loads(text) for text in column.tolist())
        else:
            values[one.name] = np.asarray(column, np.int64 if one.type is Indices else np.float64)
    return values
