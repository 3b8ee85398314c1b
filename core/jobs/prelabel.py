"""Pre-label: predictions for images of a project, as instances of the project's classes.

Writing them into the labels is left to whoever consumes the events (core/batches.py).
"""

import time
from collections.abc import Generator, Mapping
from pathlib import Path

import numpy as np

from core.class_map import mapped_class_ids
from core.configs import PrelabelConfig
from core.engines import EngineShelf, without_threshold
from core.errors import AppError
from core.evaluation.predictions import detections_of_files
from core.events import Event, Finished, Noted, Prelabelled, Progress
from core.geometry import parts_from_crop
from core.jobs import JobSpec
from core.project import Project
from core.types import (
    Detections,
    ImageState,
    Instance,
    InstanceState,
    Part,
    Problem,
    new_instance_id,
)


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
    yield from map(Noted, engine.notes)
    class_ids = mapped_class_ids(engine.class_names, project.classes, config.class_map)
    started, problems, n_instances = time.monotonic(), [], 0
    key_of = {project.image_path(key): key for key in keys}
    for done, (file, found) in enumerate(detections_of_files(engine, list(key_of)), start=1):
        key = key_of[file]
        if isinstance(found, Problem):
            problems.append(Problem(key, found.sentence))
        else:
            instances = _instances(found, class_ids, config)
            n_instances += len(instances)
            yield Prelabelled(key, instances)
        eta_s = (time.monotonic() - started) / done * (len(keys) - done)
        yield Progress(done, len(keys), "images", eta_s)
    yield Finished(
        {
            "images": len(keys) - len(problems),
            "instances": n_instances,
            "problems": [{"where": p.where, "sentence": p.sentence} for p in problems],
        }
    )


JOBS = (JobSpec("prelabel", PrelabelConfig, run),)


def _keys_to_do(project: Project) -> tuple[str, ...]:
    for _ in project.scan():
        pass
    return tuple(key for key in project.keys if project.summary(key).state != ImageState.DONE)


def _instances(
    detections: Detections, class_ids: Mapping[int, int], config: PrelabelConfig
) -> tuple[Instance, ...]:
    threshold = config.engine.score or 0.0
    wanted = (
        instance_of(detections, index, class_ids, source=Path(config.engine.weights).name)
        for index in range(len(detections))
        if detections.scores[index] >= threshold
    )
    return tuple(instance for instance in wanted if instance is not None)


def instance_of(
    detections: Detections, index: int, class_ids: Mapping[int, int], *, source: str
) -> Instance | None:
    """One detection as an instance; None where its class is ignored or its mask is empty."""
    class_id = class_ids.get(int(detections.class_ids[index]))
    if class_id is None:
        return None
    box = detections.boxes[index]
    if detections.masks is None:
        x0, y0, x1, y1 = map(float, box)
        parts: tuple[Part, ...] = (Part(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])),)
    else:
        parts = parts_from_crop(detections.masks[index], box, detections.size_hw)
    if not parts:
        return None
    return Instance(
        id=new_instance_id(),
        class_id=class_id,
        parts=parts,
        state=InstanceState.PREDICTED,
        score=float(detections.scores[index]),
        source=source,
    )
