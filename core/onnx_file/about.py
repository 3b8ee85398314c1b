"""What a file of ONNX says about itself, read without its graph: texts by name."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import AppError
from core.onnx_file.wire import (
    EIGHT_BYTES,
    FOUR_BYTES,
    VARINT,
    WITH_LENGTH,
    message,
    read_varint,
    text,
)

_TEXTS = 14
"""The field of a model that holds texts by name (metadata_props)."""
_LARGEST_TEXTS = 4 << 20
_OURS = "maskloop"
_VERSION = 1
_FORMATS = ("RGB",)
_MOST_CLASSES = 16_384


@dataclass(frozen=True, slots=True)
class About:
    """What goes with a network that was written here."""

    title: str
    class_names: tuple[str, ...]
    """In the order of its class ids."""
    are_named: bool
    """False where nothing named the classes and they are called class 1, class 2 ..."""
    has_masks: bool
    score_threshold: float
    """What is usual for it; which one counts it is told with each image."""
    min_size: int
    """What the shorter side of an image is resized to before the network, in pixels; 0: nothing
    is resized."""
    max_size: int
    input_format: str = "RGB"
    """The order of the colours that it takes, whatever its weights were trained with."""
    eight_bits: bool = False
    licence: str = ""


def about_of(about: About) -> bytes:
    """What is appended to a file of ONNX for it to say this about itself."""
    names = {"class_names": json.dumps(about.class_names)}
    texts = {_OURS: json.dumps({"version": _VERSION, **asdict(about)}), **names}
    return b"".join(message(_TEXTS, text(1, name), text(2, said)) for name, said in texts.items())


def read_about(path: Path) -> About:
    """What the file says about itself; the graph in it is passed over.

    Raises:
        AppError: it cannot be read, is broken, or was not written here.
    """
    try:
        with path.open("rb") as file:
            texts = dict(_texts(file, os.fstat(file.fileno()).st_size))
        if _OURS not in texts:
            raise AppError(
                f"{path.name} does not say what it was made of, as the networks do that Maskloop"
                " writes. Make it anew from its weights: maskloop compact WEIGHTS --to onnx."
            )
        return _checked(json.loads(texts[_OURS]))
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AppError(
            f"{path.name} is broken or no file of ONNX ({error}). Copy it again, or make it anew"
            " from its weights."
        ) from error


def _texts(file: BinaryIO, size: int) -> Iterator[tuple[str, str]]:
    """Of a model the texts by name.

    Raises:
        ValueError: it is no model, or it ends too early.
    """
    total = 0
    for field, place, length in _fields(file, size):
        if field != _TEXTS:
            continue
        total += length
        if total > _LARGEST_TEXTS:
            raise ValueError("what it says about itself is too long")
        file.seek(place)
        yield _pair(file.read(length))


def _fields(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Of a message each field's number, where its value begins, and its length."""
    place = 0
    while place < size:
        file.seek(place)
        start = file.read(20)
        key, after = read_varint(start, 0)
        kind, field = key & 7, key >> 3
        if kind == WITH_LENGTH:
            length, after = read_varint(start, after)
        elif kind == VARINT:
            length = read_varint(start, after)[1] - after
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            length = 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError("it is in another form")
        place += after
        if field == 0 or place + length > size:
            raise ValueError("it ends too early")
        yield field, place, length
        place += length


def _pair(data: bytes) -> tuple[str, str]:
    found, place = {1: "", 2: ""}, 0
    while place < len(data):
        key, place = read_varint(data, place)
        length, place = read_varint(data, place)
        if key & 7 != WITH_LENGTH or place + length > len(data):
            raise ValueError("what it says about itself is broken")
        found[key >> 3] = data[place : place + length].decode("utf-8")
        place += length
    return found[1], found[2]


def _checked(said: Mapping[str, object]) -> About:
    if not isinstance(said, dict) or said.pop("version", None) != _VERSION:
        raise ValueError("it was written by another version of Maskloop")
    names = said.pop("class_names", None)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("it names no classes")
    about = About(class_names=tuple(names), **said)
    kinds = {"title": str, "are_named": bool, "has_masks": bool, "min_size": int, "max_size": int}
    kinds |= {"score_threshold": float, "eight_bits": bool, "licence": str}
    for name, kind in kinds.items():
        if not isinstance(getattr(about, name), kind):
            raise ValueError(f"its {name} is something else")
    sizes_fit = 0 <= about.min_size <= 30_000 and 1 <= about.max_size <= 30_000
    if not 0 < len(names) <= _MOST_CLASSES or not sizes_fit or about.input_format not in _FORMATS:
        raise ValueError("what it says about itself is impossible")
    if not 0 <= about.score_threshold <= 1:
        raise ValueError("its score_threshold is impossible")
    return about
