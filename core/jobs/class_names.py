"""The class names that a file lists; reading a large COCO file would stop the window."""

from collections.abc import Generator
from pathlib import Path

from core.class_names import classes_in_file
from core.configs import ClassNamesConfig
from core.engines import EngineShelf
from core.events import Event, Finished
from core.jobs import JobSpec


def run(config: ClassNamesConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result lists names with the ids that they have in the file, None where it has none."""
    found = classes_in_file(Path(config.file))
    yield Finished({"classes": [{"name": one.name, "id": one.wished_id} for one in found]})


JOBS = (JobSpec("class_names", ClassNamesConfig, run),)
