"""Sheets: random images and the worst ones, labels and predictions side by side, as pictures."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.atomic import make_folder, remove_file, write_atomically
from core.errors import AppError
from core.evaluation.sheet_drawing import Row, Shape, heading_picture, row_picture
from core.evaluation.sides import Sides, box_ring
from core.geometry import parts_from_rle
from core.images import read_image
from core.matches import IGNORED, NONE, Matches
from core.matches.behind import unmatched_by_image
from core.types import Json, Part, Problem
from core.wording import counted

CONTENTS = "sheets.json"
"""Which images are on which sheet; by this file a folder is known to hold sheets."""

_ROWS = 4  # of a sheet
_JPEG_QUALITY = 90
_SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """All that sheets are drawn of."""

    sides: Sides
    matches: Matches
    files: Mapping[str, Path]
    """Where the images are, by their names in the matches; others are left out."""
    colours: Sequence[str]
    """#rrggbb of each class of the matches."""
    threshold: float
    """Detections that score less are not drawn."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was written, and why images are missing on it."""

    file: Path
    images: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def require_folder_for_sheets(folder: Path) -> None:
    """Refuses a folder that holds anything but earlier sheets.

    Raises:
        AppError: it does, or it is a file.
    """
    if folder.is_file():
        raise AppError(f"{folder} is a file: choose another folder for the sheets.")
    try:
        is_free = not folder.exists() or not any(folder.iterdir()) or (folder / CONTENTS).is_file()
    except OSError as error:
        raise AppError(f"{folder} cannot be looked into: {error.strerror}.") from error
    if not is_free:
        raise AppError(f"{folder} is not empty: choose another folder for the sheets.")


def write_sheets(folder: Path, compared: Compared, *, n_images: int) -> Iterator[Sheet]:
    """Writes so many random and so many of the worst images, and gives each sheet when it is there.

    The worst have the most missed instances and wrong detections, matched as for the curves; an
    image without either is not among them. Random ones are the same each time. Earlier sheets in
    the folder are removed. Nothing is written where no image is there.

    Raises:
        AppError: the folder is of something else, or cannot be written to.
    """
    require_folder_for_sheets(folder)
    if not n_sheets(compared, n_images):
        return
    make_folder(folder)
    _remove_earlier(folder)
    written: dict[str, list[str]] = {}
    _write_contents(folder, written)
    shapes = _Shapes(compared)
    for kind, title, chosen in _chosen(compared, n_images):
        for start in range(0, len(chosen), _ROWS):
            name = f"{kind}-{start // _ROWS + 1}.jpg"
            sheet = _write(folder / name, title, chosen[start : start + _ROWS], shapes)
            written[name] = list(sheet.images)
            _write_contents(folder, written)
            yield sheet


def n_sheets(compared: Compared, n_images: int) -> int:
    """How many sheets there will be."""
    return sum(-(-len(chosen) // _ROWS) for _, _, chosen in _chosen(compared, n_images))


def _chosen(compared: Compared, n_images: int) -> tuple[tuple[str, str, list[int]], ...]:
    """Kind, title and images, as indices into those of the matches."""
    names, threshold = compared.matches.images, compared.threshold
    there = [i for i, name in enumerate(names) if name in compared.files]
    unmatched = unmatched_by_image(compared.matches, threshold)
    worst = sorted((i for i in there if unmatched[i]), key=lambda i: (-unmatched[i], names[i]))
    order = np.random.default_rng(_SEED).permutation(len(there))
    random = [there[i] for i in order[:n_images]]
    at = f"at a confidence of {threshold:.2f}"
    return (
        ("worst", f"The worst images {at}", worst[:n_images]),
        ("random", f"Random images {at}", random),
    )


def _write(file: Path, title: str, images: Sequence[int], shapes: "_Shapes") -> Sheet:
    pictures, names, problems = [heading_picture(title)], [], []
    for image in images:
        try:
            row = shapes.row(image)
        except AppError as error:
            problems.append(Problem(shapes.name(image), str(error)))
            continue
        pictures.append(row_picture(row))
        names.append(row.name)
    sheet = np.concatenate(pictures)
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    )
    write_atomically(file, data.tobytes())
    return Sheet(file, tuple(names), tuple(problems))


class _Shapes:
    """What there is to draw over each image."""

    def __init__(self, compared: Compared) -> None:
        self._compared = compared
        dataset = compared.sides.dataset
        self._images = dataset["images"]
        self._truths = _grouped(dataset["annotations"])
        self._found = _grouped(compared.sides.detections)

    def name(self, image: int) -> str:
        return self._compared.matches.images[image]

    def row(self, image: int) -> Row:
        """The image with its labels and its predictions.

        Raises:
            AppError: it cannot be read, or is of another size than its labels.
        """
        of_image, name = self._images[image], self.name(image)
        pixels = read_image(self._compared.files[name])
        size = (of_image.get("height", pixels.shape[0]), of_image.get("width", pixels.shape[1]))
        if pixels.shape[:2] != size:
            raise AppError("Its labels are for an image of another size.")
        labels, n_missed = self._labels(image)
        predictions, n_wrong = self._predictions(image)
        about = (
            f"{counted(len(labels), 'label')}, {n_missed} missed;"
            f" {counted(len(predictions), 'prediction')}, {n_wrong} wrong"
        )
        return Row(name, about, pixels, labels, predictions)

    def _labels(self, image: int) -> tuple[list[Shape], int]:
        matches = self._compared.matches
        partner = matches.found.of_class[matches.found.score >= self._compared.threshold]
        partners = set(partner.tolist())
        # in the order of the annotations, as matching leaves them
        places = iter(np.flatnonzero(matches.truths.image == image).tolist())
        shapes, n_missed = [], 0
        for one in self._truths.get(self._images[image]["id"], ()):
            class_index = one["category_id"] - 1
            is_compared = matches.task == "bbox" or one["segmentation"] is not None
            counts = is_compared and not one["iscrowd"]
            is_missed = counts and next(places) not in partners
            n_missed += is_missed
            shapes.append(
                Shape(
                    _parts_of(one),
                    self._words(class_index, before="missed: " if is_missed else ""),
                    self._compared.colours[class_index],
                    is_matched=not is_missed,
                    is_crowd=not counts,
                )
            )
        return shapes, n_missed

    def _predictions(self, image: int) -> tuple[list[Shape], int]:
        found = self._compared.matches.found
        of_image = self._found.get(self._images[image]["id"], [])
        shapes, n_wrong = [], 0
        for i in np.flatnonzero((found.image == image) & (found.score >= self._compared.threshold)):
            class_index, partner = int(found.class_index[i]), int(found.of_class[i])
            is_wrong = partner == NONE
            n_wrong += is_wrong
            after = f" {found.score[i]:.2f}"
            shapes.append(
                Shape(
                    _parts_of(of_image[found.number[i]]),
                    self._words(class_index, before="wrong: " if is_wrong else "", after=after),
                    self._compared.colours[class_index],
                    is_matched=not is_wrong,
                    is_crowd=partner <= IGNORED,
                )
            )
        return shapes, n_wrong

    def _words(self, class_index: int, *, before: str = "", after: str = "") -> str:
        return f"{before}{self._compared.matches.classes[class_index]}{after}"


def _grouped(several: Sequence[dict[str, Any]]) -> dict[Json, list[dict[str, Any]]]:
    images: dict[Json, list[dict[str, Any]]] = {}
    for one in several:
        images.setdefault(one["image_id"], []).append(one)
    return images


def _parts_of(one: Mapping[str, Any]) -> tuple[Part, ...]:
    if one["segmentation"] is not None:
        return parts_from_rle(one["segmentation"])
    return (Part(np.reshape(box_ring(one["bbox"]), (-1, 2))),)


def _remove_earlier(folder: Path) -> None:
    try:
        earlier = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        names = list(earlier)
    except (OSError, ValueError, TypeError):
        return
    for name in names:
        if isinstance(name, str) and Path(name).name == name and name.endswith(".jpg"):
            remove_file(folder / name)


def _write_contents(folder: Path, written: Mapping[str, Sequence[str]]) -> None:
    write_atomically(folder / CONTENTS, (json.dumps(written, indent=1) + "\n").encode("ascii"))
