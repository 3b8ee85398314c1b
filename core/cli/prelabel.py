"""Writes the predictions of a pre-label job into a project, by merge's policy."""

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

from core.batches import written
from core.configs import PrelabelConfig
from core.events import Event
from core.project import Project
from core.weights import weights_name


def prelabelled(
    config: PrelabelConfig, events: Callable[[PrelabelConfig], Generator[Event, None, None]]
) -> Generator[Event, None, None]:
    """The job's events; each image's predictions are in its label file before the next event.

    Args:
        config: of the job; without a class map it gets the one that the project keeps for these
            weights.
        events: begins the job with its config.
    """
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder)
    try:
        kept = project.class_map(weights_name(config.engine.weights))
        whole = replace(config, class_map=config.class_map or kept)
        yield from written(project, whole, lambda: events(whole))
    finally:
        project.close()
