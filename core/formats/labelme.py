"""labelme's JSON files, one an image: of labelme 3 to 7, X-AnyLabeling, and our own projects."""

import contextlib
import io
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from PIL import Image, UnidentifiedImageError

from core import images
from core.atomic import TEMPORARY_SUFFIX, make_folder, reason_of
from core.errors import AppError
from core.foreign_paths import FoundImage, found_images, image_files, json_files, plain_key
from core.formats import ClassIdOf, Format, LabelledImage
from core.labelfile import (
    LabelFileContent,
    is_labelme,
    parse_json,
    read_labelfile,
    write_labelfile,
)
from core.types import NOTE, ImageLabels, ImageState, Json, LabelClass, Problem

_NUMBERED: Final = re.compile(r"(.+)-[0-9]+")


@dataclass(frozen=True, slots=True)
class _LabelFile:
    """What is kept of a file until its turn comes; it may hold megabytes of image."""

    file: Path
    name: str
    """Its path below the source's folder, with forward slashes."""
    image_name: str
    """The image as seen from the source's folder, as far as the file says."""
    says_its_state: bool
    sentence: str


def _read(
    source: Path, images_folder: Path | None, class_id_of: ClassIdOf
) -> Iterator[LabelledImage]:
    """The image of every labelme file, or of the one given.

    Images are looked for in the images folder and below the source's own, nowhere else. A problem
    of a file that gave no image comes with the image before or after it.
    """
    root = source if source.is_dir() else source.parent
    pending: list[Problem] = []
    files = list(_label_files(source, root, pending))
    folders = [root] if images_folder is None else [images_folder, root]
    found = _images_of(files, folders)
    last: LabelledImage | None = None
    for file in files:
        image = found[file.name]
        try:
            content = _content(file, image, class_id_of)
        except AppError as error:
            pending.append(Problem(file.name, str(error)))
            continue
        if last is not None:
            yield last
        labels = content.labels
        if not file.says_its_state:  # who wrote it has been at the image
            labels = replace(labels, state=ImageState.DONE)
        more = [Problem(file.name, text) for text in (image.sentence, file.sentence) if text]
        last = LabelledImage(
            key=image.key,
            labels=labels,
            file=image.file,
            image_data=None if image.file else content.image_data,
            problems=(*pending, *content.problems, *more),
        )
        pending = []
    if last is not None:
        yield replace(last, problems=(*last.problems, *pending))
    elif pending:
        raise AppError(f"No labels could be read. {pending[0].where}: {pending[0].sentence}")
    else:
        raise AppError(f"There is no labelme file below {source}.")


def _label_files(source: Path, root: Path, pending: list[Problem]) -> Iterator[_LabelFile]:
    jsons = (source / name for name in json_files(source) if Path(name).name != "maskloop.json")
    for file in sorted(jsons) if source.is_dir() else [source]:
        name = file.relative_to(root).as_posix()
        try:
            value, _ = parse_json(file.read_bytes())
        except OSError as error:
            pending.append(Problem(name, f"It cannot be read: {reason_of(error)}."))
            continue
        except AppError as error:
            pending.append(Problem(name, str(error)))
            continue
        if is_labelme(value):
            key = value.get("maskloop")
            says_its_state = isinstance(key, dict) and "state" in key
            image_name = _image_name(value["imagePath"], name)
            yield _LabelFile(file, name, image_name, says_its_state, _numbered_sentence(value))
        else:
            pending.append(Problem(name, "It is not a labelme file and was left out."))


def _image_name(path: Json, name: str) -> str:
    folder = PurePosixPath(name).parent
    if not isinstance(path, str) or not path.strip():
        return str(folder / f"{PurePosixPath(name).stem}.jpg")
    posix = path.replace("\\", "/")
    inside = os.path.normpath(f"{folder}/{posix}").replace(os.sep, "/")
    # what is absolute, or leads up out of the folder, is left as it is: its end may be known
    is_plain = not posix.startswith("/") and ":" not in posix and not inside.startswith("..")
    return inside if is_plain else path


def _images_of(files: Sequence[_LabelFile], folders: Sequence[Path]) -> dict[str, FoundImage]:
    """The image of each label file: as it says, or else the one of its own name beside it."""
    found = found_images([file.image_name for file in files], folders)
    images_of = {file.name: found[file.image_name] for file in files}
    if all(image.file for image in images_of.values()):
        return images_of
    for folder in folders:
        beside = {os.path.splitext(path)[0]: path for path in image_files(folder)}
        for file in files:
            path = beside.get(os.path.splitext(file.name)[0])
            if path and not images_of[file.name].file:
                images_of[file.name] = FoundImage(path, folder / path)
    return images_of


def _content(file: _LabelFile, image: FoundImage, class_id_of: ClassIdOf) -> LabelFileContent:
    def read(size_hw: tuple[int, int] | None) -> LabelFileContent:
        return read_labelfile(
            data,
            size_hw=size_hw,
            class_id_of=lambda label: class_id_of(label, None),
            where=file.name,
        )

    try:
        data = file.file.read_bytes()
    except OSError as error:
        raise AppError(f"It cannot be read: {reason_of(error)}.") from error
    content = read(images.size_hw(image.file) if image.file else None)
    inner = _size_of(content.image_data) if content.image_data and not image.file else None
    return read(inner) if inner else content


def _size_of(image_data: bytes) -> tuple[int, int] | None:
    """The size of an embedded image, which labelme has turned as its EXIF tag says."""
    try:
        with Image.open(io.BytesIO(image_data)) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    return height, width


def _numbered_sentence(value: Json) -> str:
    """labelme had no groups before 4.0, and people numbered the labels: person-1, person-2."""
    shapes = [shape for shape in value["shapes"] if isinstance(shape, dict)]
    if any("group_id" in shape for shape in shapes):
        return ""
    labels = {str(shape.get("label")) for shape in shapes}
    bases = [match[1] for label in labels if (match := _NUMBERED.fullmatch(label))]
    numbered = sorted({base for base in bases if bases.count(base) > 1})
    if not numbered:
        return ""
    return (
        f"The labels of {', '.join(numbered)} are numbered, as labelme needed it before it had"
        " groups; each number is a class now. Merge these classes if they are one."
    )


def _write(
    out: Path, images_: Iterable[LabelledImage], classes: Sequence[LabelClass]
) -> list[Problem]:
    """A new folder with a copy of every image and a labelme file beside it.

    Raises:
        AppError: the folder is there and not empty, or cannot be written; nothing is left of it.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AppError(f"{out} is there already; export into a new or an empty folder.")
    names = {one.id: one.name for one in classes}
    problems: list[Problem] = []
    unfinished = out.with_name(f".{os.getpid()}-{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        make_folder(unfinished)
        for image in images_:
            problems += _write_image(unfinished, image, names)
        with contextlib.suppress(FileNotFoundError):
            out.rmdir()
        os.replace(unfinished, out)
    except OSError as error:
        raise AppError(f"{out} was not written: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return problems


def _write_image(folder: Path, image: LabelledImage, names: dict[int, str]) -> list[Problem]:
    target = folder / plain_key(image.key)
    make_folder(target.parent)
    problems = [Problem(image.key, sentence) for sentence in _lost(image.labels)]
    if image.file is not None:
        shutil.copyfile(image.file, target)
    elif image.image_data is not None:
        target.write_bytes(image.image_data)
    else:
        problems.append(Problem(image.key, "The image itself was not found, only its labels."))
    data = write_labelfile(image.labels, image_path=target.name, class_names=names, is_plain=True)
    file = target.with_suffix(".json")
    if file.exists():  # a.jpg and a.png share a folder
        file = target.with_name(f"{target.name}.json")
    file.write_bytes(data)
    return problems


def _lost(labels: ImageLabels) -> list[str]:
    sentences = []
    if any(instance.crowd for instance in labels.instances):
        sentences.append("labelme knows no crowds; they became single objects.")
    if any(not instance.is_of_person for instance in labels.instances):
        sentences.append("labelme knows no predictions and scores; they look like a person's.")
    if any(set(instance.attributes) - {NOTE} for instance in labels.instances):
        sentences.append("labelme has no attributes but notes; the others were left out.")
    return sentences


FORMAT = Format(name="labelme", title="labelme JSON", read=_read, write=_write)
