"""Evaluate: COCO's AP of weights on a project's images, or of a detections file."""

import json
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.atomic import require_replaceable, write_atomically
from core.configs import EngineConfig, EvaluateConfig
from core.engines import Engine, EngineShelf
from core.errors import AppError
from core.evaluation.coco import ap_of, counted
from core.evaluation.datasets import ground_truth_of, results_of
from core.evaluation.details import details_of, splits_of_labels, splits_of_truth
from core.evaluation.effort import effort
from core.evaluation.files import read_sides
from core.evaluation.instances import instance_of
from core.evaluation.predictions import detections_of_files
from core.evaluation.report import html_report
from core.evaluation.sides import sides_of
from core.evaluation.tables import recalls_of
from core.events import Event, Finished, Noted, Prelabelled, Progress
from core.jobs import JobSpec
from core.matches import Matches, to_json
from core.project import Project
from core.types import Detections, ImageLabels, Json, LabelClass, Problem, Split
from core.weights import weights_name
from core.wording import listed

_FAIR_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class _Labelled:
    """An image of the project with its labels."""

    key: str
    file: Path
    labels: ImageLabels


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is held against what."""

    truth: Mapping[str, Any]
    """A COCO data set."""
    detections: Sequence[dict[str, Any]]
    """COCO results."""
    splits: Json
    """How many instances there are by class and split."""


def run(config: EvaluateConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is {"bbox": {...}, "segm": {...}} in percent, and what the config wishes beside.

    "effort" and "counts"; "recall" with COCO's AR; with details "by_class", "splits", "curves",
    "f1" and "confusion" too (see core.evaluation.details and .curves); "matches" (see
    core.matches).
    """
    if config.report:
        _require_report(Path(config.report))
    if config.engine is not None:
        compared = yield from _of_project(config, config.engine, engines)
    else:
        compared = yield from _of_files(config)
    sides = sides_of(compared.truth, compared.detections)
    numbers = counted(sides)
    result: dict[str, Json] = {task: ap_of(one) for task, one in numbers.items()}
    if config.with_effort:
        yield Noted("Counting the edits that are left for a person, at scores of 0.5 and more.")
        result["effort"] = effort(compared.truth, compared.detections)
    if config.with_counts:
        result["counts"] = _counts(compared.truth)
    if config.with_recall:
        result["recall"] = recalls_of(numbers)
    if config.with_details or config.with_matches or config.report:
        details = details_of(sides, numbers, threshold=config.threshold)
        whole = {**result, **details.values, "splits": compared.splits}
        if config.report:
            _write_report(config, whole, details.matches, compared.truth)
        if config.with_details:
            result = whole
        if config.with_matches:
            result["matches"] = to_json(details.matches)
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


def _require_report(file: Path) -> None:
    if file.suffix.lower() == ".json":
        require_replaceable(file, suffix=".json", begins=b"{")
    else:
        require_replaceable(file, suffix=".html", begins=b"<")


def _write_report(
    config: EvaluateConfig, whole: Mapping[str, Json], matches: Matches, truth: Mapping[str, Any]
) -> None:
    if config.engine is not None:
        title = f"{Path(config.engine.weights).name} on {Path(config.folder).resolve().name}"
        which = f"{len(truth['images'])} images of the split {config.split}"
    else:
        title = f"{Path(config.detections).name} against {Path(config.ground_truth).name}"
        which = f"{len(truth['images'])} images"
    objects = sum(1 for one in truth["annotations"] if not one.get("iscrowd"))
    subtitle = f"{which} with {objects} objects."
    file = Path(config.report)
    if file.suffix.lower() == ".json":
        value = {"title": title, "about": subtitle, **whole, "matches": to_json(matches)}
        data = (json.dumps(value) + "\n").encode("ascii")
    else:
        text = html_report(whole, title=title, subtitle=subtitle)
        data = text.encode("utf-8", "xmlcharrefreplace")
    write_atomically(file, data)


def _of_project(
    config: EvaluateConfig, weights: EngineConfig, engines: EngineShelf
) -> Generator[Event, None, _Compared]:
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
        wants_splits = config.with_details or config.report
        by_split = _by_split(project) if wants_splits else {}
        splits = splits_of_labels(by_split, project.classes)
        return _Compared(ground_truth_of(images, project.classes), results, splits)
    finally:
        project.close()


def _by_split(project: Project) -> dict[str, list[ImageLabels]]:
    """The labels of all done images."""
    by_split: dict[str, list[ImageLabels]] = {str(split): [] for split in Split}
    for key in project.done_keys():
        if key in project.splits:
            by_split[str(project.splits[key])].append(project.read(key).labels)
    return by_split


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


def _of_files(config: EvaluateConfig) -> Generator[Event, None, _Compared]:
    truth, results, notes = read_sides(config.ground_truth, config.detections)
    yield from map(Noted, notes)
    return _Compared(truth, results, splits_of_truth(Path(config.ground_truth).name, truth))
