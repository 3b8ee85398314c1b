"""Which folder of what came back is a run, and of which program."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.atomic import TEMPORARY_SUFFIX
from core.errors import AppError
from core.types import Json
from core.unpacking.entries import Entry
from core.wording import listed

_MOST_FILES = 2_000
LARGEST_JSON_BYTES = 1 << 29
"""A snapshot of 100,000 instances has about a quarter of that."""
_OF_ITS_PROCESS = frozenset({"pid", "told"})
_CHECKPOINT = re.compile(r"model_(\d+)\.pth")
_FINAL = "model_final.pth"


class Kind(StrEnum):
    """Whose run it is."""

    MASKLOOP = "Maskloop"
    DETECTRON2 = "detectron2"


@dataclass(frozen=True, slots=True)
class Found:
    """A run as it came."""

    kind: Kind
    source: str
    """The name of the folder or the zip that it came in."""
    place: str
    """Of its folder in what was given; empty where that is the run itself."""
    files: Mapping[str, Entry]
    """By their names below its folder."""
    weights: str
    """The name of the file with the weights that came out."""

    def json(self, name: str) -> Json:
        """What a JSON file of it says; None where there is no such file.

        Raises:
            AppError: it cannot be read.
        """
        if name not in self.files:
            return None
        try:
            return json.loads(self.files[name].content(LARGEST_JSON_BYTES).decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise AppError(
                f"{name} of the run is broken ({str(error)[:80]}): copy or download it again."
            ) from error


def run_folder_of(path: Path) -> Path:
    """The folder of the run, where one of its files is named; else the path itself."""
    is_of_run = path.suffix.lower() in (".pth", ".json", ".jsonl", ".yaml")
    return path.parent if is_of_run and path.is_file() else path


def found_run(entries: Iterable[Entry], name: str) -> Found:
    """The one run among these files.

    Args:
        entries: the files of a folder or a zip.
        name: of the folder or the zip, for sentences.

    Raises:
        AppError: there is none, or more than one.
    """
    by_folder: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        folder, _, file = entry.name.rpartition("/")
        by_folder.setdefault(folder, {})[file] = entry
    found = {
        folder: kind for folder, files in by_folder.items() if (kind := _kind_of(files)) is not None
    }
    if "" in found:
        found = {"": found[""]}
    if not found:
        raise AppError(f"{name} holds no run that came to an end. {_what_is_missing(by_folder)}")
    if len(found) > 1:
        raise AppError(
            f"{name} holds {len(found)} runs: {listed(sorted(found))}. Unpack one at a time: name"
            " its folder, or zip it alone."
        )
    ((place, kind),) = found.items()
    files = _files_below(place, by_folder)
    return Found(kind, name, place, files, _weights_in(kind, files))


def _kind_of(files: Mapping[str, Entry]) -> Kind | None:
    if "config.json" in files and "best.pth" in files:
        return Kind.MASKLOOP
    has_weights = _FINAL in files or any(_CHECKPOINT.fullmatch(name) for name in files)
    is_of_detectron2 = "metrics.json" in files or "last_checkpoint" in files
    return Kind.DETECTRON2 if has_weights and is_of_detectron2 else None


def _what_is_missing(by_folder: Mapping[str, Mapping[str, Entry]]) -> str:
    if any("events.jsonl" in files for files in by_folder.values()):
        return (
            "A run has weights when it is done or has been measured once: let it go on there with"
            " --resume, then bring it back."
        )
    if any("train_detectron2.py" in files for files in by_folder.values()):
        return "This is the pack, and nothing was learnt with it yet: train there first."
    return (
        "A run of Maskloop has a config.json and a best.pth, an output folder of detectron2 a"
        " metrics.json and a model_final.pth."
    )


def _files_below(place: str, by_folder: Mapping[str, Mapping[str, Entry]]) -> dict[str, Entry]:
    start = f"{place}/" if place else ""
    files = {}
    for folder, entries in by_folder.items():
        if folder != place and not folder.startswith(start):
            continue
        for file, entry in entries.items():
            name = entry.name.removeprefix(start)
            if name not in _OF_ITS_PROCESS and not file.endswith(TEMPORARY_SUFFIX):
                files[name] = entry
    if len(files) > _MOST_FILES:
        raise AppError(f"The run holds {len(files)} files, more than a run can have.")
    return files


def _weights_in(kind: Kind, files: Mapping[str, Entry]) -> str:
    if kind is Kind.MASKLOOP:
        return "best.pth"
    if _FINAL in files:
        return _FINAL
    numbers = [int(m[1]) for name in files if (m := _CHECKPOINT.fullmatch(name))]
    return next(
        name for name in files if (m := _CHECKPOINT.fullmatch(name)) and int(m[1]) == max(numbers)
    )
