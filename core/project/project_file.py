"""maskloop.json: the classes, class maps and splits of a project."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock

from core.atomic import reason_of, write_atomically
from core.errors import AppError
from core.types import Json, LabelClass, Split

PROJECT_FILE = "maskloop.json"
VERSION = 1
MOST_CLASS_ID = 2**53 - 1
"""Every program that reads JSON can tell larger ones no longer apart; and rows hold 64 bits."""

_OUR_KEYS = frozenset(
    (
        "version",
        "classes",
        "next_class_id",
        "retired_class_ids",
        "class_maps",
        "splits",
        "renaming",
        "images",
        "confidence",
        "class_confidence",
    )
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What maskloop.json says."""

    classes: tuple[LabelClass, ...] = ()
    """In the order that the user gave them."""
    next_class_id: int = 1
    retired_class_ids: frozenset[int] = frozenset()
    """Ids of classes that were deleted or merged; no other class ever gets one of them."""
    class_maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    """For the name of weights: class of the weights to class of the project, empty for ignore."""
    splits: Mapping[str, Split] = field(default_factory=dict, hash=False)
    renaming: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Names that label files still have although their class has another name now: a rename or
    merge that is going on, or was ended in the middle."""
    images: str = ""
    """The folder of the photos, seen from the labels' own folder; empty where they are one."""
    confidence: float | None = None
    """The score from which on predictions show; None: nobody said."""
    class_confidence: Mapping[int, float] = field(default_factory=dict, hash=False)
    """The same, of classes that have a score of their own, by their ids."""
    other: Mapping[str, Json] = field(default_factory=dict, hash=False)
    """Keys that are not ours."""

    def class_of_id(self, class_id: int) -> LabelClass:
        """The class of this id.

        Raises:
            AppError: there is none.
        """
        for one in self.classes:
            if one.id == class_id:
                return one
        raise AppError(f"There is no class with the id {class_id}.")


def parse(data: bytes) -> ProjectFile:
    """What the bytes of a maskloop.json say.

    Raises:
        NewerVersion: a newer version of the program wrote it.
        ValueError: it is broken.
    """
    value = json.loads(data.decode("utf-8-sig"))
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    version = value.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise NewerVersion(f"version {version}")
    try:
        return _from_json(value)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


class NewerVersion(ValueError):
    """The file is of a newer version of the program."""


def _from_json(value: dict[str, Json]) -> ProjectFile:
    classes = tuple(_class_from_json(one) for one in value.get("classes", []))
    if len({one.id for one in classes}) < len(classes):
        raise ValueError("two classes have the same id")
    if len({one.name for one in classes}) < len(classes):
        raise ValueError("two classes have the same name")
    retired = frozenset(int(one) for one in value.get("retired_class_ids", []))
    used = [one.id for one in classes] + list(retired)
    next_class_id = max([int(value.get("next_class_id", 1)), *(one + 1 for one in used)])
    if next_class_id > MOST_CLASS_ID:
        raise ValueError(f"the ids of classes end at {MOST_CLASS_ID}")
    maps = value.get("class_maps", {})
    return ProjectFile(
        classes=classes,
        next_class_id=next_class_id,
        retired_class_ids=retired,
        class_maps={
            weights: {str(a): str(b) for a, b in one.items()} for weights, one in maps.items()
        },
        splits={key: Split(split) for key, split in value.get("splits", {}).items()},
        renaming={name: int(id_) for name, id_ in value.get("renaming", {}).items()},
        images=str(value.get("images", "")),
        confidence=_confidence_of(value.get("confidence")),
        class_confidence=_class_confidence_of(value.get("class_confidence")),
        other={key: one for key, one in value.items() if key not in _OUR_KEYS},
    )


def _confidence_of(value: Json) -> float | None:
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if is_one else None


def _class_confidence_of(value: Json) -> dict[int, float]:
    """What is no score, or of no class, is passed over: it costs a threshold and no label."""
    found = value.items() if isinstance(value, dict) else ()
    scores = {key: _confidence_of(one) for key, one in found if key.isdecimal() and len(key) < 20}
    return {int(key): score for key, score in scores.items() if score is not None}


def _class_from_json(value: Json) -> LabelClass:
    class_id, colour = value["id"], str(value.get("colour", ""))
    if not isinstance(class_id, int) or isinstance(class_id, bool) or class_id < 0:
        raise ValueError(f"the id of a class is a whole number, not {class_id!r}")
    if not _COLOUR.fullmatch(colour):
        colour = "#999999"
    return LabelClass(class_id, str(value["name"]), colour, str(value.get("key", "")))


def to_bytes(file: ProjectFile) -> bytes:
    """The content of maskloop.json: the same for equal values."""
    value: dict[str, Json] = {
        "version": VERSION,
        "classes": [
            {"id": one.id, "name": one.name, "colour": one.colour, "key": one.key}
            for one in file.classes
        ],
        "next_class_id": file.next_class_id,
        "retired_class_ids": sorted(file.retired_class_ids),
        "class_maps": {weights: dict(one) for weights, one in file.class_maps.items()},
        "splits": {key: str(file.splits[key]) for key in sorted(file.splits)},
    }
    if file.renaming:
        value["renaming"] = dict(file.renaming)
    if file.images:
        value["images"] = file.images
    if file.confidence is not None:
        value["confidence"] = file.confidence
    if file.class_confidence:
        scores = sorted(file.class_confidence.items())
        value["class_confidence"] = {str(class_id): score for class_id, score in scores}
    text = json.dumps({**value, **file.other}, ensure_ascii=False, indent=1) + "\n"
    # half a character, which a name from elsewhere may hold, becomes its own JSON escape
    return text.encode("utf-8", "backslashreplace")


def opened_folders(folder: Path, labels_folder: Path | None) -> tuple[Path, Path]:
    """The folder of the images and that of the labels, both absolute.

    Args:
        folder: of the images, or one of labels alone, whose maskloop.json names the images'.
        labels_folder: where labels are kept if not beside the images.

    Raises:
        AppError: there is no such folder.
    """
    images, labels = absolute(folder), absolute(labels_folder or folder)
    if labels_folder is None:
        named = _images_named_in(labels)
        images = absolute(labels / named) if named else images
    if not images.is_dir():
        raise AppError(f"There is no folder {images}. Check its name, and that its disk is there.")
    if not labels.is_dir() and labels.exists():
        raise AppError(f"Labels cannot be kept in {labels}: it is a file, not a folder.")
    return images, labels


def _images_named_in(labels_folder: Path) -> str:
    try:
        return parse((labels_folder / PROJECT_FILE).read_bytes()).images
    except (OSError, ValueError, RecursionError):
        return ""  # what is wrong with the file is told where it is loaded


def absolute(folder: Path) -> Path:
    """The folder's one name: absolute and without links, so that it is known again.

    Raises:
        AppError: it is below a home that nobody has, or a working folder that is gone.
    """
    try:
        return Path(os.path.realpath(folder.expanduser()))
    except (OSError, RuntimeError, ValueError) as error:
        raise AppError(f"There is no folder {folder}: {error}.") from error


def with_images(file: ProjectFile, folder: Path, labels_folder: Path) -> ProjectFile:
    """The file of a labels folder with the images' folder in it."""
    try:
        images = os.path.relpath(folder, labels_folder).replace(os.sep, "/")
    except ValueError:  # Windows: on another drive
        images = str(folder)
    return replace(file, images=images)


class ProjectFileStore:
    """maskloop.json on disk, and changes to it one after another."""

    def __init__(self, folder: Path, *, keep: Callable[[bytes], Path]) -> None:
        """Reads the file.

        Args:
            folder: where it lies.
            keep: puts bytes that are about to be lost into history.
        """
        self.path = folder / PROJECT_FILE
        self.why_broken = ""
        """What is wrong with the file on disk, as a sentence for the user; empty: nothing."""
        self.why_read_only = ""
        """Why it must not be replaced; empty: it may."""
        self._keep = keep
        self._lock = RLock()
        self._bytes: bytes | None = None
        self.value = ProjectFile()
        self._load()

    def _load(self) -> None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            self.why_read_only = f"{self.path} cannot be read: {reason_of(error)}."
            return
        if data == self._bytes:
            return
        self._bytes = data
        try:
            self.value, self.why_broken = parse(data), ""
        except NewerVersion:
            self.why_read_only = (
                f"{self.path} was written by a newer version of Maskloop, so the folder can only be"
                " looked at. Update Maskloop to change labels here."
            )
        except (ValueError, RecursionError) as error:
            self.why_broken = (
                f"{self.path} cannot be read ({error}). Classes and splits begin anew; the old file"
                " goes to .maskloop/history before it is replaced."
            )

    def change(
        self, step: Callable[[ProjectFile], ProjectFile], *, on_disk: bool = True
    ) -> ProjectFile:
        """Applies a step to what is on disk now, and writes the outcome.

        Args:
            step: gives the new value for the old one.
            on_disk: False changes it in memory only, for those who may not write.

        Raises:
            AppError: the file cannot be written; value is then as it was.
        """
        with self._lock:
            if not on_disk:
                self.value = step(self.value)
                return self.value
            before = self.value
            self._load()
            if self.why_read_only:
                raise AppError(self.why_read_only)
            # Another program may have put back an older file; ids given since stay given.
            highest = max(before.next_class_id, self.value.next_class_id)
            after = step(replace(self.value, next_class_id=highest))
            self._write(after)
            self.value = after
            return after

    def _write(self, after: ProjectFile) -> None:
        data = to_bytes(after)
        if data == self._bytes:
            return
        if self.why_broken and self._bytes is not None:
            self._keep(self._bytes)
        write_atomically(self.path, data)
        self._bytes, self.why_broken = data, ""
