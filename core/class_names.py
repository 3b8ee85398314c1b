"""Lists of class names that people have: typed, or in the files of other tools."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import AppError
from core.plain_yaml import PlainYamlError, plain_yaml

OF_DETECTRON2 = "class_names.json"
"""In the folder that a pack has detectron2 write to: a list of the names, in its order."""
_TEXT_FILES = ("names.txt", "classes.txt", "labels.txt", "obj.names", "coco.names")
_YAML_FILES = ("data.yaml", "dataset.yaml")
_JSON_FOLDERS = (".", "annotations")
_PEEK_BYTES = 1 << 16
_MOST_PEEKS = 20
_LARGEST_TEXT_BYTES = 4_000_000
_LARGEST_JSON_BYTES = 2_000_000_000
"""COCO's own largest has 470 MB."""
_MOST_YAML_NODES = 50_000
_LONGEST_NAME = 200
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What no name needs and what garbles the names around it: control characters, and those that
turn the direction of writing."""
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
        clean_name(piece.strip().strip("\"'"))
        for line in lines
        if not line.startswith("#")
        for piece in re.split("[,;\t]", line)
    )
    return tuple(dict.fromkeys(one for one in pieces if one and one not in _LABELME_SPECIALS))


def clean_name(text: str) -> str:
    """The name of a class that somebody else wrote, without what cannot be seen."""
    return _UNSEEN.sub("", text).strip()[:_LONGEST_NAME].strip()


def text_of_names(path: Path, *, most_bytes: int = _LARGEST_TEXT_BYTES) -> str:
    """The text of a list of names.

    Raises:
        AppError: it is far longer than such a list.
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text in UTF-8.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise AppError(f"{path.name} is no file. Choose another one.")
    with path.open("rb") as file:
        # room is made for what is asked for, however short the file is
        content = file.read(min(most_bytes, os.fstat(file.fileno()).st_size) + 1)
    if len(content) > most_bytes:
        raise AppError(f"{path.name} is far longer than a list of classes. Choose another file.")
    return content.decode("utf-8-sig")


def classes_in_file(path: Path) -> tuple[NamedClass, ...]:
    """The classes that a names.txt, a data.yaml of YOLO or a COCO file lists.

    Raises:
        AppError: it cannot be read, or lists none.
    """
    kind = path.suffix.lower()
    largest = _LARGEST_JSON_BYTES if kind == ".json" else _LARGEST_TEXT_BYTES
    try:
        text = text_of_names(path, most_bytes=largest)
    except UnicodeDecodeError as error:
        raise AppError(
            f"{path.name} is no text in UTF-8. Save it so, or type the names."
        ) from error
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from error
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
        pairs = {clean_name(_text(one["name"])): int(one["id"]) for one in by_id}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise AppError(
            f"{path.name} is no COCO file: it has no list of categories with names and ids. Choose"
            " another file, or type the names."
        ) from error
    return (NamedClass(name, class_id) for name, class_id in pairs.items() if name)


def _names_of_yaml(path: Path, text: str) -> Iterable[str]:
    try:
        value = plain_yaml(text, most_nodes=_MOST_YAML_NODES)
    except PlainYamlError as error:
        raise AppError(f"{path.name} is no YAML that can be read: {error}.") from error
    names = value.get("names") if isinstance(value, Mapping) else None
    try:
        if isinstance(names, Mapping):
            order = sorted(names, key=lambda key: (isinstance(key, str), key))
            names = [names[key] for key in order]
        listed = names if isinstance(names, list) else []
        return dict.fromkeys(name for one in listed if (name := clean_name(_text(one))))
    except TypeError as error:
        raise AppError(
            f"{path.name} lists something else than names. Choose another file, or type them."
        ) from error


def _text(name: object) -> str:
    """A name as it stands in a file; raises TypeError where it is none, but a list, say."""
    if isinstance(name, str | int | float):
        return str(name)
    raise TypeError("no name")


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
