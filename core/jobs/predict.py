"""Predict: detections of pictures into one COCO file."""

import json
import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycocotools.mask
from natsort import natsorted

from core.atomic import require_replaceable, write_atomically
from core.configs import PredictConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.evaluation.datasets import results_of
from core.evaluation.predictions import NotesOf, detections_of_files
from core.events import Event, Finished, Noted, Progress
from core.images import IMAGE_SUFFIXES
from core.jobs import JobSpec
from core.types import Detections, Json, Problem


def run(config: PredictConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Writes config.out; the result counts images and detections, and lists problems."""
    require_replaceable(Path(config.out), suffix=".json", begins=b"{[")
    files = list(_files(config.images))
    numbering = _Numbering.of_file(Path(config.coco)) if config.coco else _Numbering()
    names, problems = numbering.known(files)
    if not names:
        raise AppError(f"{config.coco} has none of these images: {problems[0].where} for one.")
    engine = yield from engines.engine(config.engine)
    notes = NotesOf(engine)
    yield from notes.new()
    category_ids = numbering.category_ids(engine.class_names)
    yield from map(Noted, numbering.notes(engine.class_names, category_ids))
    written = _CocoFile(numbering.categories or _categories(engine.class_names))
    started = time.monotonic()
    for done, (file, found) in enumerate(detections_of_files(engine, list(names)), start=1):
        yield from notes.new()
        if isinstance(found, Problem):
            problems.append(found)
        else:
            written.add(names[file], found, category_ids)
        eta_s = (time.monotonic() - started) / done * (len(names) - done)
        yield Progress(done, len(names), "images", eta_s)
    if not written.images:
        raise AppError(f"No image could be read. {problems[0].where}: {problems[0].sentence}")
    write_atomically(Path(config.out), written.as_bytes())
    yield Finished(
        {
            "out": config.out,
            "images": len(written.images),
            "detections": len(written.annotations),
            "problems": [{"where": one.where, "sentence": one.sentence} for one in problems],
        }
    )


JOBS = (JobSpec("predict", PredictConfig, run),)


def _files(paths: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Every image with its name in the COCO file: inside a folder its path below it.

    Raises:
        AppError: a path is not there, or there is no image at all.
    """
    count = 0
    for given in map(Path, paths):
        if given.is_dir():
            for file in _images_below(given):
                yield file, file.relative_to(given).as_posix()
                count += 1
        elif given.exists():
            yield given, given.name
            count += 1
        else:
            raise AppError(f"There is no image or folder at {given}.")
    if not count:
        raise AppError(f"There is no image in {', '.join(paths) or 'nothing'}.")


def _images_below(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(parent, name) for name in names if Path(name).suffix.lower() in IMAGE_SUFFIXES
        ]
    return natsorted(found, key=lambda file: file.relative_to(folder).as_posix())


def _categories(class_names: Sequence[str]) -> list[dict[str, Json]]:
    return [{"id": index, "name": name} for index, name in enumerate(class_names, start=1)]


@dataclass(slots=True)
class _CocoFile:
    categories: Sequence[Mapping[str, Json]]
    images: list[dict[str, Json]] = field(default_factory=list)
    annotations: list[dict[str, Json]] = field(default_factory=list)

    def add(self, named: "_Named", found: Detections, category_ids: Mapping[int, Json]) -> None:
        image_id = named.image_id if named.image_id is not None else len(self.images) + 1
        height, width = found.size_hw
        image = {"id": image_id, "file_name": named.name, "height": height, "width": width}
        self.images.append(image)
        for result in results_of(found, image_id, category_ids):
            annotation = {"id": len(self.annotations) + 1, **result, "area": _area(result)}
            self.annotations.append(annotation)

    def as_bytes(self) -> bytes:
        content = {
            "images": self.images,
            "categories": list(self.categories),
            "annotations": self.annotations,
        }
        # half a character, as in a file name that is no UTF-8, becomes its own JSON escape
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _area(result: Mapping[str, Any]) -> float:
    if "segmentation" not in result:
        return float(result["bbox"][2] * result["bbox"][3])
    rle = result["segmentation"]
    return float(pycocotools.mask.area({**rle, "counts": rle["counts"].encode("ascii")}))


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    image_id: Json | None = None


@dataclass(frozen=True, slots=True)
class _Numbering:
    """Category and image ids: those of a COCO file, or counted from 1."""

    categories: tuple[Mapping[str, Json], ...] = ()
    """By ascending id; none without a file."""
    images: Mapping[str, _Named] = field(default_factory=dict)
    """By file name, with forward slashes."""

    @classmethod
    def of_file(cls, path: Path) -> "_Numbering":
        """The ids of a COCO file.

        Raises:
            AppError: it cannot be read, or is none.
        """
        try:
            content = json.loads(path.read_bytes())
            categories = sorted(
                (
                    {**one, "id": one["id"], "name": str(one["name"])}
                    for one in content["categories"]
                ),
                key=lambda category: category["id"],
            )
            images = [_Named(str(one["file_name"]), one["id"]) for one in content["images"]]
        except OSError as error:
            raise AppError(f"{path} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise AppError(f"{path} is not a COCO file with images and categories.") from error
        return cls(tuple(categories), {one.name.replace("\\", "/"): one for one in images})

    def category_ids(self, class_names: Sequence[str]) -> dict[int, Json]:
        """Class index of the weights to category id: by name, or else by ascending id.

        Raises:
            AppError: no name is the same, and the file has fewer categories than the weights.
        """
        if not self.categories:
            return {index: index + 1 for index in range(len(class_names))}
        id_of = {one["name"]: one["id"] for one in reversed(self.categories)}
        by_name = {i: id_of[name] for i, name in enumerate(class_names) if name in id_of}
        if by_name:
            return by_name
        if len(class_names) > len(self.categories):
            raise AppError(
                f"The weights have {len(class_names)} classes and the COCO file"
                f" {len(self.categories)}, none of the same name, so it cannot be said which is"
                " which. Give the weights' class names with --classes."
            )
        # detectron2 gives class indices in the order of ascending category ids.
        return {index: one["id"] for index, one in enumerate(self.categories[: len(class_names)])}

    def notes(self, class_names: Sequence[str], ids: Mapping[int, Json]) -> list[str]:
        """What of the weights has no place in the file."""
        lost = [name for index, name in enumerate(class_names) if index not in ids]
        if not lost:
            return []
        return [f"The COCO file has no category for {', '.join(lost)}: left out."]

    def known(self, files: Sequence[tuple[Path, str]]) -> tuple[dict[Path, _Named], list[Problem]]:
        """Files with their name and id, and those that the COCO file does not have."""
        if not self.categories:
            return {file: _Named(name) for file, name in files}, []
        by_base = {name.rsplit("/", 1)[-1]: named for name, named in self.images.items()}
        named = {
            file: self.images.get(name) or by_base.get(name.rsplit("/", 1)[-1])
            for file, name in files
        }
        problems = [
            Problem(str(file), "The COCO file has no image of this name, so it was left out.")
            for file, found in named.items()
            if found is None
        ]
        return {file: found for file, found in named.items() if found is not None}, problems
