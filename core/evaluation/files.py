"""Ground truth and detections of files, brought to the same ids."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.configs import EvaluateConfig
from core.errors import AppError
from core.evaluation.comparison import Comparison
from core.evaluation.details import n_counting, splits_of_truth
from core.evaluation.sides import require_dataset
from core.events import Event, Noted
from core.project.classes import PALETTE
from core.types import Json


def read_sides(
    ground_truth: str, detections: str
) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """A COCO data set, COCO results of its images and classes, and what does not count.

    Args:
        ground_truth: the path of a COCO file.
        detections: the path of a list of COCO results, or of a COCO file of its own ids.

    Raises:
        AppError: one of the files cannot be read, or is something else.
    """
    truth = _json_of(ground_truth)
    found = _json_of(detections)
    require_dataset(truth)
    try:
        results, notes = (
            _of_known_classes(found, truth)
            if isinstance(found, list)
            else _renumbered(found, truth)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise AppError(
            f"{detections} is neither a list of COCO results nor a COCO file with images,"
            f" categories and annotations: {error!r} is missing or misshapen."
        ) from error
    return truth, results, notes


def file_comparison(config: EvaluateConfig) -> Generator[Event, None, Comparison]:
    """The config's two files; what of the detections does not count is noted.

    Raises:
        AppError: one of the files cannot be read, or is something else.
    """
    truth, results, notes = read_sides(config.ground_truth, config.detections)
    yield from map(Noted, notes)
    file = Path(config.ground_truth)
    return Comparison(
        truth=truth,
        detections=results,
        splits=splits_of_truth(file.name, truth),
        files=image_files(truth, Path(config.images) if config.images else file.parent),
        colours=[PALETTE[i % len(PALETTE)] for i in range(len(truth["categories"]))],
        title=f"{Path(config.detections).name} against {file.name}",
        about=f"{len(truth['images'])} images with {n_counting(truth)} objects.",
    )


def image_files(ground_truth: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Where the images of a COCO data set are, by file name, of those that are there.

    Args:
        ground_truth: a COCO data set.
        folder: where the file names begin, or where all images lie side by side.
    """
    files = {}
    for image in ground_truth["images"]:
        name = str(image.get("file_name", ""))
        parts = _path(name)
        for file in (folder.joinpath(*parts), folder / parts[-1]):
            if name and file.is_file():
                files[name] = file
                break
    return files


def _of_known_classes(
    found: Sequence[dict[str, Any]], truth: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    known = {one["id"] for one in truth["categories"]}
    kept = [one for one in found if one["category_id"] in known]
    strangers = {one["category_id"] for one in found} - known
    return kept, _notes({"classes": strangers})


def _json_of(path: str) -> Any:
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise AppError(f"{path} is not JSON: {error}.") from error


def _renumbered(
    found: Mapping[str, Any], truth: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Annotations of a COCO file of its own ids with the ground truth's, and what has none there.

    Images are the same by file name, or else by its last part; categories by name. Where not one
    name is the same, the ids are taken to be the ground truth's already.
    """
    images = _same(found["images"], truth["images"], lambda one: _path(one["file_name"]))
    last_parts = _same(found["images"], truth["images"], lambda one: _path(one["file_name"])[-1])
    image_ids = {**last_parts, **images}
    category_ids = _same(found["categories"], truth["categories"], lambda one: one["name"])
    results = []
    lost: dict[str, set[Json]] = {"images": set(), "classes": set()}
    for one in found["annotations"]:
        image_id = image_ids.get(one["image_id"]) if image_ids else one["image_id"]
        category_id = category_ids.get(one["category_id"]) if category_ids else one["category_id"]
        if image_id is None:
            lost["images"].add(one["image_id"])
        elif category_id is None:
            lost["classes"].add(one["category_id"])
        else:
            results.append({**one, "image_id": image_id, "category_id": category_id})
    return results, _notes(lost)


def _notes(lost: Mapping[str, set[Json]]) -> list[str]:
    return [
        f"Detections of {len(ids)} {what} that the ground truth does not have are not counted."
        for what, ids in lost.items()
        if ids
    ]


def _path(file_name: str) -> tuple[str, ...]:
    return tuple(file_name.replace("\\", "/").split("/"))


def _same(
    found: Sequence[Any], truth: Sequence[Any], name_of: Callable[[Any], object]
) -> dict[Json, Json]:
    """Id among the found to id in the ground truth, of those that have the same name."""
    id_of: dict[object, Json] = {}
    for one in truth:
        id_of.setdefault(name_of(one), one["id"])
    return {one["id"]: id_of[name_of(one)] for one in found if name_of(one) in id_of}
