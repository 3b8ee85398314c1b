"""Writes the predictions of a pre-label job into a project, by merge's policy."""

from collections.abc import Callable, Generator
from pathlib import Path

from core.batches import written
from core.configs import PrelabelConfig
from core.events import Event
from core.project import Project


def prelabelled(
    config: PrelabelConfig, events: Callable[[], Generator[Event, None, None]]
) -> Generator[Event, None, None]:
    """The job's events; each image's predictions are in its label file before the next event."""
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder)
    try:
        yield from written(project, events)
    finally:
        project.close()
