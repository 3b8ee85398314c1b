"""A project's labels, and what an engine sees in its images."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.configs import EngineConfig, EvaluateConfig
from core.engines import Engine, EngineShelf
from core.errors import AppError
from core.evaluation.comparison import Comparison
from core.evaluation.datasets import ground_truth_of, results_of
from core.evaluation.details import n_counting, splits_of_labels
from core.evaluation.instances import instances_of
from core.evaluation.predictions import NotesOf, detections_of_files
from core.events import Event, Noted, Prelabelled, Progress
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


def project_comparison(
    config: EvaluateConfig, weights: EngineConfig, engines: EngineShelf
) -> Generator[Event, None, Comparison]:
    """The done images of the config's split with what the weights see in them.

    Raises:
        AppError: there are none, none can be read, or no class of the weights is the project's.
    """
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
        notes = NotesOf(engine)
        yield from notes.new()
        category_ids = _category_ids(engine.class_names, project.classes)
        yield from map(Noted, _lost_classes(engine.class_names, category_ids))
        source = weights_name(weights.weights) if config.with_predictions else ""
        seen, results = yield from _seen(labelled, engine, notes, category_ids, source=source)
        wants_splits = config.with_details or config.report or config.keep
        splits = splits_of_labels(_by_split(project) if wants_splits else {}, project.classes)
        truth = ground_truth_of([(one.key, one.labels) for one in seen], project.classes)
        return Comparison(
            truth=truth,
            detections=results,
            splits=splits,
            files={one.key: one.file for one in seen},
            colours=[one.colour for one in sorted(project.classes, key=lambda one: one.id)],
            title=f"{Path(weights.weights).name} on {Path(config.folder).resolve().name}",
            about=f"{len(seen)} images of the split {config.split} with"
            f" {n_counting(truth)} objects.",
        )
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
    notes: NotesOf,
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
        yield from notes.new()
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
    # as a pre-label: what is unsure is never shown, and may cost less
    is_exact = found.scores >= _FAIR_SCORE
    made = instances_of(found, class_ids, source=source, is_exact=is_exact)
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
