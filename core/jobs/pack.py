"""Pack: the done images of a project as one zip, to be fine-tuned on another machine."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from core.atomic import require_replaceable
from core.configs import EngineConfig, PackConfig, TrainConfig
from core.configs.recipe import Facts, settled
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished
from core.jobs import JobSpec
from core.packing import (
    Content,
    Start,
    detectron2_settings,
    gathered,
    maskloop_settings,
    start_of,
    zipped,
)
from core.project import Project
from core.types import Split

_DETECTRON2_BATCH = 2
"""Images an iteration, where nobody says: 800 px of each fit a GPU of 8 GB."""


def run(config: PackConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """The result counts images and instances, and lists what was left out."""
    out = Path(config.out)
    if out.suffix.lower() != ".zip":
        raise AppError(f"{out} is no name of a zip: let it end in .zip.")
    require_replaceable(out, suffix=".zip", begins=b"P")
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        content = yield from gathered(project)
    finally:
        project.close()
    engine = EngineConfig(
        config.weights, model_config=config.model_config, class_names=config.class_names
    )
    start = start_of(engine, [one.name for one in content.classes])
    n_bytes = yield from zipped(out, content, start, _settings(config, content, start))
    problems = [{"where": one.where, "sentence": one.sentence} for one in content.problems]
    instances = sum(len(image.labelled.labels.instances) for image in content.images)
    yield Finished(
        {
            "out": str(out),
            "images": len(content.images),
            "instances": instances,
            "bytes": n_bytes,
            "problems": problems,
        }
    )


def _settings(config: PackConfig, content: Content, start: Start) -> dict[str, str]:
    told = config.train or TrainConfig(folder="project")
    facts = Facts(
        n_images=len(content.of_split(Split.TRAIN)),
        n_fit=_DETECTRON2_BATCH,
        from_scratch=start.is_from_scratch,
        live_norm=start.settings.backbone_norm != "FrozenBN",
        is_cuda=True,
    )
    rate = told.learning_rate if told.optimizer == "sgd" else 0.0
    settled_there = settled(replace(told, optimizer="sgd", learning_rate=rate), facts)
    return {
        "settings.yaml": maskloop_settings(told, start),
        "config.yaml": detectron2_settings(told, settled_there, content, start),
    }


JOBS = (JobSpec("pack", PackConfig, run),)
