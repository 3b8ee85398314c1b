"""Pre-label: predictions for images of a project, as instances of the project's classes.

Writing them into the labels is left to whoever consumes the events (core/batches.py).
"""

import time
from collections.abc import Generator, Mapping
from pathlib import Path

from core.class_map import mapped_class_ids
from core.configs import PrelabelConfig
from core.engines import EngineShelf, without_threshold
from core.errors import AppError
from core.evaluation.instances import instances_of
from core.evaluation.predictions import NotesOf, detections_of_files
from core.events import Event, Finished, Prelabelled, Progress
from core.geometry import FEWER_POINTS_IOU, NEAR_IOU
from core.jobs import JobSpec
from core.project import Project
from core.types import Detections, ImageState, Problem
from core.weights import weights_name


def run(config: PrelabelConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Yields a Prelabelled for each image; the result counts images and instances."""
    project = Project.open(
        Path(config.folder),
        Path(config.labels_folder) if config.labels_folder else None,
        wants_to_write=False,
    )
    keys = config.images or _keys_to_do(project)
    if not keys:
        raise AppError("There is no image to pre-label: all are done, or the folder has none.")
    engine = yield from engines.engine(without_threshold(config.engine))
    notes = NotesOf(engine)
    yield from notes.new()
    class_ids = mapped_class_ids(engine.class_names, project.classes, config.class_map)
    started, problems, n_instances, n_below = time.monotonic(), [], 0, 0
    key_of = {project.image_path(key): key for key in keys}
    for done, (file, found) in enumerate(detections_of_files(engine, list(key_of)), start=1):
        yield from notes.new()
        key = key_of[file]
        if isinstance(found, Problem):
            problems.append(Problem(key, found.sentence))
        else:
            event = _prelabelled(key, found, class_ids, config)
            n_instances, n_below = n_instances + len(event.instances), n_below + len(event.below)
            yield event
        eta_s = (time.monotonic() - started) / done * (len(keys) - done)
        yield Progress(done, len(keys), "images", eta_s)
    yield Finished(
        {
            "images": len(keys) - len(problems),
            "instances": n_instances,
            "below": n_below,
            "problems": [{"where": p.where, "sentence": p.sentence} for p in problems],
        }
    )


JOBS = (JobSpec("prelabel", PrelabelConfig, run),)


def _keys_to_do(project: Project) -> tuple[str, ...]:
    for _ in project.scan():
        pass
    return tuple(key for key in project.keys if project.summary(key).state != ImageState.DONE)


def _prelabelled(
    key: str, found: Detections, class_ids: Mapping[int, int], config: PrelabelConfig
) -> Prelabelled:
    threshold, source = config.engine.score or 0.0, weights_name(config.engine.weights)
    min_iou = FEWER_POINTS_IOU if config.fewer_points else NEAR_IOU
    is_sure = found.scores >= threshold
    made = instances_of(
        found,
        class_ids,
        source=source,
        # most of what a model sees is unsure and never shown: it may cost less
        is_exact=is_sure | config.fewer_points,
        min_iou=min_iou,
    )
    instances = [one for one, sure in zip(made, is_sure, strict=True) if one and sure]
    below = [one for one, sure in zip(made, is_sure, strict=True) if one and not sure]
    return Prelabelled(key, tuple(instances), tuple(below), found.size_hw)
