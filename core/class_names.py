"""Lists of class names that people have: typed, or in the files of other tools."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.errors import AppError

OF_DETECTRON2 = "class_names.json"
"""In the folder that a pack has detectron2 write to: a list of the names, in its order."""
_TEXT_FILES = ("names.txt", "classes.txt", "labels.txt", "obj.names", "coco.names")
_YAML_FILES = ("data.yaml", "dataset.yaml")
_JSON_FOLDERS = (".", "annotations")
_PEEK_BYTES = 1 << 16
_MOST_PEEKS = 20
_LABELME_SPECIALS = ("__ignore__", "_background_")
"""What labelme's own label lists begin with, and what is no class."""


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class that a list names."""

    name: str
    wished_id: int | None = None
    """The id it has there; None where the list gives none."""


def names_in_text(text: str) -> tuple[str, ...]:
    """The names in a text, one a line or between commas, each once and in order.

    Lines that begin with # and empty ones are passed over.
    """
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    pieces = (
        piece.strip().strip("\"'").strip()
        for line in lines
        if not line.startswith("#")
        for piece in re.split("[,;\t]", line)
    )
    return tuple(dict.fromkeys(one for one in pieces if one and one not in _LABELME_SPECIALS))


def classes_in_file(path: Path) -> tuple[NamedClass, ...]:
    """The classes that a names.txt, a data.yaml of YOLO or a COCO file lists.

    Raises:
        AppError: it cannot be read, or lists none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AppError(
            f"{path.name} is no text in UTF-8. Save it so, or type the names."
        ) from error
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from error
    kind = path.suffix.lower()
    if kind == ".json":
        found = tuple(_classes_of_coco(path, text))
    elif kind in (".yaml", ".yml"):
        found = tuple(map(NamedClass, _names_of_yaml(path, text)))
    else:
        found = tuple(map(NamedClass, names_in_text(text)))
    if not found:
        raise AppError(f"{path.name} names no class. Choose another file, or type the names.")
    return found


def _classes_of_coco(path: Path, text: str) -> Iterator[NamedClass]:
    try:
        value = json.loads(text)
        categories = value["categories"]
        by_id = sorted(categories, key=lambda one: int(one["id"]))
        pairs = {str(one["name"]).strip(): int(one["id"]) for one in by_id}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AppError(
            f"{path.name} is no COCO file: it has no list of categories with names and ids. Choose"
            " another file, or type the names."
        ) from error
    return (NamedClass(name, class_id) for name, class_id in pairs.items() if name)


def _names_of_yaml(path: Path, text: str) -> Iterable[str]:
    try:
        value: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise AppError(f"{path.name} is no YAML that can be read: {error}.") from error
    names = value.get("names") if isinstance(value, Mapping) else None
    if isinstance(names, Mapping):
        names = [names[key] for key in sorted(names, key=lambda key: (isinstance(key, str), key))]
    listed = names if isinstance(names, list) else []
    return dict.fromkeys(str(name).strip() for name in listed if str(name).strip())


def class_files_in(folder: Path) -> tuple[Path, ...]:
    """Files of this folder that list classes, by their names and a look at their beginning."""
    named = [folder / name for name in (*_TEXT_FILES, *_YAML_FILES)]
    found = [file for file in named if file.is_file()]
    return (*found, *_coco_files_in(folder))


def _coco_files_in(folder: Path) -> list[Path]:
    candidates: list[Path] = []
    for name in _JSON_FOLDERS:
        try:
            files = sorted(one for one in (folder / name).iterdir() if one.suffix == ".json")
        except OSError:
            continue
        # thousands of label files may lie here: COCO's is larger than any of them
        candidates += sorted(files, key=_size, reverse=True)[:_MOST_PEEKS]
    return [file for file in candidates if _looks_like_coco(file)]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _looks_like_coco(file: Path) -> bool:
    """Whether both ends of the file together name COCO's lists."""
    try:
        with file.open("rb") as stream:
            start = stream.read(_PEEK_BYTES)
            stream.seek(max(0, _size(file) - _PEEK_BYTES))
            ends = start + stream.read(_PEEK_BYTES)
    except OSError:
        return False
    return b'"categories"' in ends and (b'"annotations"' in ends or b'"images"' in ends)
