"""Writes the predictions of a pre-label job into a project, by merge's policy."""

from collections.abc import Callable, Generator
from pathlib import Path

from core.batches import apply_predictions, new_batch_id
from core.configs import PrelabelConfig
from core.errors import AppError
from core.events import Event, Prelabelled
from core.project import Project


def written(
    config: PrelabelConfig, start: Callable[[], Generator[Event, None, None]]
) -> Generator[Event, None, None]:
    """The job's events; each image's predictions are in its label file before the next event."""
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder)
    try:
        if project.read_only_reason:
            raise AppError(project.read_only_reason)
        batch_id = new_batch_id()
        for event in start():
            if isinstance(event, Prelabelled):
                apply_predictions(project, batch_id, event.image, event.instances)
            yield event
    finally:
        project.close()
