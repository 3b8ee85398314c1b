"""What is in a .json file that lies among images, without its geometry."""

import base64
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PureWindowsPath

from core.atomic import reason_of
from core.errors import AppError
from core.instance_rows import notes_of, rows_of, with_class_ids
from core.labelfile import is_labelme, parse_json, read_labelfile
from core.project.index import FileVersion, Index, version_of
from core.types import ImageLabels, ImageState, InstanceState, Json

_BIG = 4 << 20
"""Bytes from which on a file is searched before it is parsed: COCO files can be of any size."""


class Kind(StrEnum):
    """Whose file it is."""

    MISSING = "missing"
    LABELS = "labels"
    """labelme's format, ours or not."""
    OTHER = "other"
    """JSON of another kind: COCO, a configuration."""
    BROKEN = "broken"
    """It may have been a label file: cut off, empty, a folder."""
    UNREADABLE = "unreadable"
    """It is there, and the system does not let us see it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in one .json file."""

    kind: Kind
    sentence: str = ""
    """What is wrong with it, for the user."""
    image_name: str = ""
    """The last part of its imagePath."""
    is_ours: bool = False
    """It has our key, so that we wrote it before."""
    is_newer: bool = False
    """A newer version of the program wrote it, so that it must not be replaced."""
    state: ImageState = ImageState.UNTOUCHED
    n_predicted: int = 0
    least_score: float | None = None
    """Of the predictions that nobody looked at."""
    class_counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Instances of each class name."""
    rows: bytes = b""
    """Packed rows of the instances (core/instance_rows.py), whose class ids are the places of the
    names in `class_counts`."""
    notes: tuple[str, ...] = ()
    """Of each instance; empty where none has one."""
    rejected_names: tuple[str, ...] = ()
    """Classes of the predictions that a person turned down."""
    size_hw: tuple[int, int] | None = None
    may_be_labels: bool = True
    """Whether a broken file has anything in it that only label files have."""


def facts_of(data: bytes) -> Facts:
    """What these bytes of a .json file hold."""
    if not data.strip(b"\0 \t\r\n"):
        sentence = "The file is empty, so there are no labels in it to read."
        return Facts(Kind.BROKEN, sentence, may_be_labels=False)
    try:
        value, _ = parse_json(data)
    except AppError as error:
        return Facts(Kind.BROKEN, str(error), may_be_labels=b'"shapes"' in data)
    if not is_labelme(value):
        return Facts(Kind.OTHER)
    image_name = PureWindowsPath(str(value.get("imagePath") or "")).name
    is_ours = "maskloop" in value
    names: dict[str, int] = {}
    try:
        content = read_labelfile(
            data, size_hw=None, class_id_of=lambda name: names.setdefault(name, len(names))
        )
    except AppError as error:
        return Facts(Kind.LABELS, str(error), image_name, is_ours)
    return replace(
        facts_of_labels(content.labels, dict(enumerate(names))),
        image_name=image_name,
        is_ours=is_ours,
        is_newer=content.is_read_only,
        size_hw=content.declared_size_hw,
    )


def _is_surely_other(path: Path) -> bool:
    """Whether a big file has no word of a label file, found without reading it into memory."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _BIG:
            return False
        tail = b""
        while piece := file.read(_BIG):
            if b'"shapes"' in tail + piece:
                return False
            tail = piece[-16:]
    return True


def facts_of_labels(labels: ImageLabels, names: Mapping[int, str]) -> Facts:
    """What a label file of ours with these labels holds; its image_name is left to the caller.

    Args:
        labels: of one image.
        names: of the classes.
    """
    predicted = [one for one in labels.instances if one.state is InstanceState.PREDICTED]
    class_counts = Counter(names[one.class_id] for one in labels.instances)
    places = {name: place for place, name in enumerate(class_counts)}
    place_of = {one.class_id: places[names[one.class_id]] for one in labels.instances}
    return Facts(
        Kind.LABELS,
        is_ours=True,
        state=labels.state,
        n_predicted=len(predicted),
        least_score=min((one.score for one in predicted if one.score is not None), default=None),
        class_counts=class_counts,
        rows=with_class_ids(rows_of(labels.instances).tobytes(), place_of),
        notes=notes_of(labels.instances),
        rejected_names=tuple(sorted({names[one.class_id] for one in labels.rejected})),
        size_hw=labels.size_hw,
    )


def facts_to_json(facts: Facts) -> Json:
    """A JSON value that facts_from_json reads."""
    return {
        "kind": facts.kind,
        "sentence": facts.sentence,
        "image_name": facts.image_name,
        "is_ours": facts.is_ours,
        "is_newer": facts.is_newer,
        "state": facts.state,
        "n_predicted": facts.n_predicted,
        "least_score": facts.least_score,
        "class_counts": dict(facts.class_counts),
        "rows": base64.b64encode(facts.rows).decode(),
        "notes": facts.notes,
        "rejected_names": facts.rejected_names,
        "size_hw": facts.size_hw,
        "may_be_labels": facts.may_be_labels,
    }


def facts_from_json(value: Json) -> Facts:
    """The facts that facts_to_json wrote.

    Raises:
        KeyError, TypeError, ValueError: the value is of another make.
    """
    size = value["size_hw"]
    return Facts(
        **{
            **value,
            "kind": Kind(value["kind"]),
            "state": ImageState(value["state"]),
            "rows": base64.b64decode(value["rows"]),
            "notes": tuple(value["notes"]),
            "rejected_names": tuple(value["rejected_names"]),
            "size_hw": (int(size[0]), int(size[1])) if size else None,
        }
    )


class KnownFacts:
    """Facts of the .json files below a folder, remembered here and in the index."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder = folder
        self._index = index
        self._known: dict[str, tuple[FileVersion, Facts]] = {}

    def of(self, name: str) -> Facts:
        """The facts of the file of this path below the folder."""
        path = f"{self._folder}/{name}"  # a Path costs more than all the rest of a look
        try:
            version = version_of(path)
            if version is None:
                return Facts(Kind.MISSING)
            known = self._known.get(name)
            if known and known[0] == version:
                return known[1]
            facts = self._remembered(name, version) or self._read(Path(path), name, version)
        except IsADirectoryError:
            return Facts(Kind.BROKEN, "A folder has the name of the label file; rename it.")
        except OSError as error:
            if os.path.isdir(path):  # Windows says "permission denied" for a folder
                return Facts(Kind.BROKEN, "A folder has the name of the label file; rename it.")
            return Facts(Kind.UNREADABLE, f"{path} cannot be read: {reason_of(error)}.")
        self._known[name] = (version, facts)
        return facts

    def _remembered(self, name: str, version: FileVersion) -> Facts | None:
        value = self._index.get("facts", name, version)
        try:
            return facts_from_json(value) if value is not None else None
        except (KeyError, TypeError, ValueError):
            return None

    def _read(self, path: Path, name: str, version: FileVersion) -> Facts:
        facts = Facts(Kind.OTHER) if _is_surely_other(path) else facts_of(path.read_bytes())
        self._index.put("facts", name, version, value=facts_to_json(facts))
        return facts

    def learn(self, name: str, facts: Facts, *, n_bytes: int) -> None:
        """Takes over the facts of a file that was just written, if nobody wrote it since."""
        try:
            version = version_of(self._folder / name)
        except OSError:
            return
        if version is not None and version[1] == n_bytes:
            self._known[name] = (version, facts)
            self._index.put("facts", name, version, value=facts_to_json(facts))
