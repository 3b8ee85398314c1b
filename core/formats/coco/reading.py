"""COCO files of any tool: images, categories and annotations brought together."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from core import images
from core.errors import AppError
from core.foreign_paths import FoundImage, found_images, json_files
from core.formats import ClassIdOf, LabelledImage
from core.formats.coco.annotations import Frame, Id, Notes, id_of, instance_of, number_of
from core.labelfile import parse_json, size_sentence
from core.types import ImageLabels, ImageState, Instance, Json, Problem

_BACKGROUND: Final = "_background_"


@dataclass(slots=True)
class _Entry:
    """One image of the file."""

    name: str
    size_hw: tuple[int, int] | None
    annotations: list[Mapping[str, Json]] = field(default_factory=list)


@dataclass(slots=True)
class _DataSet:
    entries: dict[Id, _Entry]
    classes: dict[Id, int]
    is_of_cvat: bool
    sentences: list[str]


def read(
    source: Path, images_folder: Path | None, class_id_of: ClassIdOf
) -> Iterator[LabelledImage]:
    """Every image of a COCO file, or of all COCO files below a folder, with its labels.

    All images are done: one without annotations is a true negative. Images are looked for in the
    images folder and below the source's own, nowhere else. Instances have the same ids every time.
    A file of a folder that cannot be read is a problem that comes with the image before or after.

    Raises:
        AppError: the source cannot be read, or there is no COCO file.
    """
    root = source if source.is_dir() else source.parent
    folders = [root] if images_folder is None else [images_folder, root]
    if not source.is_dir():
        value, notes = _value_of(source, is_sole=True)
        yield from _images(_data_set(value, class_id_of, list(notes)), folders, source.name)
        return
    pending: list[Problem] = []
    last: LabelledImage | None = None
    for file in sorted(map(Path, json_files(source))):
        try:
            value, notes = _value_of(source / file, is_sole=False)
        except AppError as error:
            pending.append(Problem(file.as_posix(), str(error)))
            continue
        if value is None:
            continue
        for image in _images(_data_set(value, class_id_of, list(notes)), folders, file.name):
            if last is not None:
                yield last
            last, pending = replace(image, problems=(*pending, *image.problems)), []
    if last is not None:
        yield replace(last, problems=(*last.problems, *pending))
    elif pending:
        raise AppError(f"No labels could be read. {pending[0].where}: {pending[0].sentence}")
    else:
        raise AppError(f"There is no COCO file below {source}.")


def _value_of(file: Path, *, is_sole: bool) -> tuple[Json, tuple[str, ...]]:
    """The content of a COCO file; None for another file of a folder."""
    try:
        value, notes = parse_json(file.read_bytes())
    except OSError as error:
        raise AppError(f"{file} cannot be read: {error.strerror}.") from error
    except AppError as error:
        raise AppError(f"{file}: {error}") from error
    lists = ("images", "annotations")
    if isinstance(value, dict) and all(isinstance(value.get(name), list) for name in lists):
        return value, notes
    if not is_sole:
        return None, ()
    if isinstance(value, list):
        raise AppError(
            f"{file} is a list of results, not a data set: it has no images and categories."
        )
    raise AppError(f"{file} is not a COCO file: it has no images and annotations.")


def _data_set(value: Json, class_id_of: ClassIdOf, sentences: list[str]) -> _DataSet:
    entries = _entries(value["images"], sentences)
    strays: list[str] = []
    used: set[Id | None] = set()
    for annotation in value["annotations"]:
        image_id = id_of(annotation.get("image_id")) if isinstance(annotation, dict) else None
        if image_id is None or image_id not in entries:
            strays.append(str(image_id))
            continue
        entries[image_id].annotations.append(annotation)
        used.add(id_of(annotation.get("category_id")))
    if strays:
        ids = ", ".join(dict.fromkeys(strays))[:80]
        sentences.append(
            f"{len(strays)} annotations were left out: they are for images that the file does not"
            f" list ({ids})."
        )
    classes = _classes(value.get("categories"), used, class_id_of, sentences)
    return _DataSet(entries, classes, _is_of_cvat(value), sentences)


def _entries(listed: Iterable[Json], sentences: list[str]) -> dict[Id, _Entry]:
    entries: dict[Id, _Entry] = {}
    for image in listed:
        image_id = id_of(image.get("id")) if isinstance(image, dict) else None
        name = image.get("file_name") if isinstance(image, dict) else None
        if image_id is None or not isinstance(name, str) or not name.strip():
            sentences.append(f"An image without id or file_name was left out: {image!r:.80}.")
            continue
        entry = _Entry(name, _size(image))
        if image_id in entries and entries[image_id].name != name:
            sentences.append(
                f"{name} was left out: its id {image_id} is {entries[image_id].name}'s too."
            )
        entries.setdefault(image_id, entry)
    return entries


def _size(image: Mapping[str, Json]) -> tuple[int, int] | None:
    height, width = number_of(image.get("height")), number_of(image.get("width"))
    return (int(height), int(width)) if height and width and min(height, width) >= 1 else None


def _classes(
    categories: Json, used: set[Id | None], class_id_of: ClassIdOf, sentences: list[str]
) -> dict[Id, int]:
    classes: dict[Id, int] = {}
    names: dict[Id, str] = {}
    has_families = False
    for category in categories if isinstance(categories, list) else []:
        category_id = id_of(category.get("id")) if isinstance(category, dict) else None
        if category_id is None:
            sentences.append(f"A category without id was left out: {category!r:.80}.")
            continue
        name = category.get("name")
        name = name.strip() if isinstance(name, str) else ""
        if not name:
            name = f"category {category_id}"
            sentences.append(f"A category has no name and is called {name} now.")
        if name == _BACKGROUND and category_id not in used:
            continue
        if names.setdefault(category_id, name) != name:
            sentences.append(
                f"The category id {category_id} is given twice, to {names[category_id]} and to"
                f" {name}; the first was taken."
            )
            continue
        family = category.get("supercategory")
        has_families |= isinstance(family, str) and family not in ("", name)
        wish = category_id if isinstance(category_id, int) else None
        classes[category_id] = class_id_of(name, wish)
    if has_families:
        sentences.append("Supercategories are not kept; the classes are.")
    return classes


def _is_of_cvat(value: Json) -> bool:
    info, licenses = value.get("info"), value.get("licenses")
    if any(word in json.dumps(info).casefold() for word in ("cvat", "datumaro")):
        return True
    # Datumaro, the exporter behind CVAT, fills in nothing, but writes all of it
    is_blank = isinstance(info, dict) and len(info) >= 6 and not any(info.values())
    return is_blank and licenses == [{"name": "", "id": 0, "url": ""}]


def _images(data_set: _DataSet, folders: list[Path], source: str) -> Iterator[LabelledImage]:
    found = found_images([entry.name for entry in data_set.entries.values()], folders)
    merged: dict[tuple[str, str], list[tuple[Id, _Entry]]] = {}
    for image_id, entry in data_set.entries.items():
        image = found[entry.name]
        # one file that is listed twice is one image; two names that were not found are two
        name = "" if image.file else entry.name
        merged.setdefault((image.key, name), []).append((image_id, entry))
    rivals = Counter(key for key, _ in merged)
    pending = [Problem(source, sentence) for sentence in data_set.sentences]
    last: LabelledImage | None = None
    for (key, _), entries in merged.items():
        image = found[entries[0][1].name]
        if (rivals[key] > 1 and image.file is None) or not key:
            sentence = f"{entries[0][1].name} was left out: another image has this name."
            pending.append(Problem(source, sentence))
            continue
        if last is not None:
            yield last
        last = _labelled(entries, image, data_set, pending)
        pending = []
    if last is not None:
        yield LabelledImage(last.key, last.labels, last.file, None, (*last.problems, *pending))
    elif pending:
        raise AppError(f"{source} has no image that could be read: {pending[0].sentence}")


def _labelled(
    entries: list[tuple[Id, _Entry]],
    image: FoundImage,
    data_set: _DataSet,
    pending: list[Problem],
) -> LabelledImage:
    sentences = [image.sentence] if image.sentence else []
    declared = entries[0][1].size_hw
    real: tuple[int, int] | None = None
    file = image.file
    if file is not None:
        try:
            real = images.size_hw(file)
        except AppError as error:
            sentences.append(str(error))
            file = None
    if real and (sentence := size_sentence(declared, real)):
        sentences.append(sentence)
    notes = Notes()
    instances = tuple(
        instance
        for image_id, entry in entries
        for instance in _instances(image_id, entry, data_set, notes)
    )
    labels = ImageLabels(
        real or declared or _size_around(instances), instances, state=ImageState.DONE
    )
    problems = [Problem(image.key, sentence) for sentence in (*sentences, *notes.sentences())]
    return LabelledImage(image.key, labels, file, problems=(*pending, *problems))


def _instances(image_id: Id, entry: _Entry, data_set: _DataSet, notes: Notes) -> Iterator[Instance]:
    frame = Frame(entry.size_hw, data_set.is_of_cvat)
    seen: Counter[str] = Counter()
    for annotation in entry.annotations:
        annotation_id = annotation.get("id", "without id")
        category_id = id_of(annotation.get("category_id"))
        if category_id is None or category_id not in data_set.classes:
            notes.add(
                f"Left out, because the file has no category {annotation.get('category_id')!r}",
                annotation_id,
            )
            continue
        name = f"{image_id} {annotation_id}"
        seen[name] += 1  # ids are given twice where files were put together
        digest = hashlib.blake2b(f"{name} {seen[name]}".encode(errors="replace"), digest_size=8)
        instance = instance_of(
            annotation,
            frame,
            instance_id=digest.hexdigest(),
            class_id=data_set.classes[category_id],
            notes=notes,
        )
        if instance is not None:
            yield instance


def _size_around(instances: Iterable[Instance]) -> tuple[int, int]:
    corners = [part.outer.max(axis=0) for one in instances for part in one.parts]
    width, height = np.max([[1.0, 1.0], *corners], axis=0)
    return math.ceil(height), math.ceil(width)
