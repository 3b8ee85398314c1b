"""Evaluate: COCO's AP of weights on a project's images, or of a detections file."""

import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from core.atomic import require_replaceable, write_atomically
from core.configs import EngineConfig, EvaluateConfig
from core.engines import Engine, EngineShelf
from core.errors import AppError
from core.evaluation.coco import evaluate
from core.evaluation.datasets import ground_truth_of, results_of
from core.evaluation.effort import effort
from core.evaluation.instances import instance_of
from core.evaluation.predictions import detections_of_files
from core.evaluation.report import html_report
from core.events import Event, Finished, Noted, Prelabelled, Progress
from core.jobs import JobSpec
from core.project import Project
from core.types import Detections, ImageLabels, Json, LabelClass, Problem
from core.weights import weights_name
from core.wording import listed

_Sides: TypeAlias = tuple[dict[str, Any], list[dict[str, Any]]]
"""Ground truth as a COCO data set, detections as COCO results."""

_FAIR_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class _Labelled:
    """An image of the project with its labels."""

    key: str
    file: Path
    labels: ImageLabels


def run(config: EvaluateConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is {"bbox": {...}, "segm": {...}} in percent, "effort", "counts" if wanted."""
    if config.report:
        require_replaceable(Path(config.report), suffix=".html", begins=b"<")
    if config.engine is not None:
        truth, detections = yield from _of_project(config, config.engine, engines)
    else:
        truth, detections = yield from _of_files(config)
    result: dict[str, Json] = dict(evaluate(truth, detections))
    if config.with_effort:
        yield Noted("Counting the edits that are left for a person, at scores of 0.5 and more.")
        result["effort"] = effort(truth, detections)
    if config.with_counts:
        result["counts"] = _counts(truth)
    if config.report:
        write_atomically(Path(config.report), _report(config, result, truth))
    yield Finished(result)


JOBS = (JobSpec("evaluate", EvaluateConfig, run),)


def _counts(truth: Mapping[str, Any]) -> dict[str, Json]:
    """On how much it was measured; crowds do not count."""
    names = {one["id"]: one["name"] for one in truth["categories"]}
    of_class = Counter(
        names[one["category_id"]] for one in truth["annotations"] if not one.get("iscrowd")
    )
    return {
        "images": len(truth["images"]),
        "instances": of_class.total(),
        "by_class": {name: of_class[name] for name in names.values()},
    }


def _report(config: EvaluateConfig, result: Mapping[str, Json], truth: Mapping[str, Any]) -> bytes:
    if config.engine is not None:
        title = f"{Path(config.engine.weights).name} on {Path(config.folder).resolve().name}"
        which = f"{len(truth['images'])} images of the split {config.split}"
    else:
        title = f"{Path(config.detections).name} against {Path(config.ground_truth).name}"
        which = f"{len(truth['images'])} images"
    objects = sum(1 for one in truth["annotations"] if not one.get("iscrowd"))
    subtitle = f"{which} with {objects} objects."
    return html_report(result, title=title, subtitle=subtitle).encode("utf-8", "xmlcharrefreplace")


def _of_project(
    config: EvaluateConfig, weights: EngineConfig, engines: EngineShelf
) -> Generator[Event, None, _Sides]:
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        keys = _keys(project, config.split)
        labelled = [
            _Labelled(key, project.image_path(key), project.read(key).labels) for key in keys
        ]
        engine = yield from engines.engine(weights)
        yield from map(Noted, engine.notes)
        category_ids = _category_ids(engine.class_names, project.classes)
        yield from map(Noted, _lost_classes(engine.class_names, category_ids))
        source = weights_name(weights.weights) if config.with_predictions else ""
        seen, results = yield from _seen(labelled, engine, category_ids, source=source)
        images = [(one.key, one.labels) for one in seen]
        return ground_truth_of(images, project.classes), results
    finally:
        project.close()


def _seen(
    labelled: Sequence[_Labelled],
    engine: Engine,
    category_ids: Mapping[int, Json],
    *,
    source: str,
) -> Generator[Event, None, tuple[list[_Labelled], list[dict[str, Any]]]]:
    """The images that could be compared, and what the engine sees in them, numbered from 1.

    With the name of the weights as `source` it is told as instances too.
    """
    seen: list[_Labelled] = []
    results: list[dict[str, Any]] = []
    started = time.monotonic()
    predicted = detections_of_files(engine, [one.file for one in labelled])
    for done, (one, (_, found)) in enumerate(zip(labelled, predicted, strict=True), start=1):
        if isinstance(found, Problem):
            yield Noted(f"{one.key} is left out: {found.sentence}")
        elif found.size_hw != one.labels.size_hw:
            yield Noted(f"{one.key} is left out: its labels are for an image of another size.")
        else:
            seen.append(one)
            results += results_of(found, len(seen), category_ids)
            if source:
                yield _predicted(one.key, found, category_ids, source=source)
        eta_s = (time.monotonic() - started) / done * (len(labelled) - done)
        yield Progress(done, len(labelled), "images", eta_s)
    if not seen:
        raise AppError("None of the images of this split could be compared with its labels.")
    return seen, results


def _predicted(
    key: str, found: Detections, class_ids: Mapping[int, int], *, source: str
) -> Prelabelled:
    made = (
        # as a pre-label: what is unsure is never shown, and may cost less
        instance_of(found, index, class_ids, source=source, is_exact=bool(score >= _FAIR_SCORE))
        for index, score in enumerate(found.scores)
    )
    return Prelabelled(key, tuple(one for one in made if one is not None), (), found.size_hw)


def _keys(project: Project, split: str) -> list[str]:
    """The done images of the split.

    Raises:
        AppError: there are none.
    """
    done = project.done_keys()
    project.assign_splits()  # in memory, as a fine-tune does, for images that have none yet
    keys = [key for key in done if project.splits.get(key) == split]
    if keys:
        return keys
    if not done:
        raise AppError(
            "No image of this project is done, so there is nothing to evaluate against. Correct"
            " the labels of some images and mark them done."
        )
    there = sorted({str(one) for key, one in project.splits.items() if key in set(done)})
    raise AppError(
        f"None of the {len(done)} done images is in the split {split}. Mark more images done"
        " (one of five goes to val), or evaluate on another split"
        f"{' with --split ' + there[0] if there else ''}."
    )


def _category_ids(names: Sequence[str], classes: Sequence[LabelClass]) -> dict[int, Json]:
    """Class index of the weights to class id of the project, by name.

    Raises:
        AppError: no name is the same.
    """
    id_of = {one.name: one.id for one in classes}
    ids: dict[int, Json] = {i: id_of[name] for i, name in enumerate(names) if name in id_of}
    if ids:
        return ids
    raise AppError(
        "No class of the weights is a class of this project, so nothing can be compared. The"
        f" weights know {listed(names)}; the project knows"
        f" {listed(list(id_of), none='no class yet')}. Give the weights' class"
        " names in the project's words, in the order of training."
    )


def _lost_classes(names: Sequence[str], category_ids: Mapping[int, Json]) -> list[str]:
    lost = [name for index, name in enumerate(names) if index not in category_ids]
    return [f"The project has no class {listed(lost)}: not counted."] if lost else []


def _of_files(config: EvaluateConfig) -> Generator[Event, None, _Sides]:
    truth = _json_of(config.ground_truth)
    found = _json_of(config.detections)
    if not isinstance(truth, dict) or not {"images", "categories", "annotations"} <= set(truth):
        raise AppError(
            f"{config.ground_truth} is not a COCO data set: it needs images, categories and"
            " annotations."
        )
    if isinstance(found, list):
        return truth, found
    try:
        results, notes = _renumbered(found, truth)
    except (KeyError, TypeError, AttributeError) as error:
        raise AppError(
            f"{config.detections} is neither a list of COCO results nor a COCO file with images,"
            f" categories and annotations: {error!r} is missing or misshapen."
        ) from error
    yield from map(Noted, notes)
    return truth, results


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
    notes = [
        f"Detections of {len(ids)} {what} that the ground truth does not have are not counted."
        for what, ids in lost.items()
        if ids
    ]
    return results, notes


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
