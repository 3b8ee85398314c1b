"""Formats: label files of other tools. Each is one file here that declares one Format, FORMAT."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from core.types import ImageLabels, LabelClass, Problem

ClassIdOf: TypeAlias = Callable[[str, int | None], int]
"""Gives the project's class id for a name; the second argument is the id that the file gives it, a
wish that is met where the id is free."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image of a data set with its labels, on the way in or out."""

    key: str
    """Its path inside the data set, with forward slashes, never absolute, never with `..`."""
    labels: ImageLabels
    file: Path | None = None
    """Where the image itself lies, if it was found."""
    image_data: bytes | None = None
    """The image itself where the label file holds it (labelme's imageData)."""
    problems: tuple[Problem, ...] = ()
    """What could not be carried over, a sentence each."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way in, a way out, or both."""

    name: str
    """As on the command line."""
    title: str
    read: Callable[[Path, Path | None, ClassIdOf], Iterator[LabelledImage]] | None
    """`read(source, images_folder, class_id_of)`: every image of the source, one by one. Raises
    AppError where the source as a whole cannot be read."""
    write: Callable[[Path, Iterable[LabelledImage], Sequence[LabelClass]], list[Problem]] | None
    """`write(out, images, classes)`: writes them all, atomically; what could not be carried."""


def all_formats() -> dict[str, Format]:
    """Every format of this folder by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        format_: Format = importlib.import_module(f"{__name__}.{module.name}").FORMAT
        found[format_.name] = format_
    return found
