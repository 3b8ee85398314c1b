"""Train: a fine-tune on the done images of a project, and going on with one that stopped."""

import os
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from core.configs import ResumeConfig, TrainConfig, from_json, to_json
from core.engines import EngineShelf
from core.engines.detectron2 import why_not, without_its_warnings
from core.errors import AppError
from core.events import Event, Noted
from core.jobs import JobSpec
from core.readiness import Finding
from core.run_folder import RunFolder, Snapshot, SnapshotImage, new_run_folder, recorded
from core.training.snapshot import taken
from core.types import Split
from core.wording import listed

_DETECTRON2 = "detectron2"


def run(config: TrainConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """Metrics and Progress of each iteration; the result names the weights and their AP.

    It writes the run folder and nothing else.
    """
    _require_usable(config.engine)
    found = yield from taken(config)
    if is_follower():
        yield from _followed(config, found.snapshot)
        return
    folder = _new_folder(config, found.labels_folder)
    folder.write_config("train", to_json(config))
    folder.write_snapshot(found.snapshot)
    yield from recorded(folder, _trained(folder, config, found.snapshot, found.warnings))


def resume(config: ResumeConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """The events of the rest of the run, as if it had never stopped."""
    folder = RunFolder(Path(config.run).resolve())
    job, told = folder.read_config()
    if job != "train":
        raise AppError(f"{folder.path} is a run of the job {job}, which cannot go on.")
    if (folder.read_evaluation() or {}).get("weights"):
        raise AppError(f"The run in {folder.path} is done: its weights are {folder.best_weights}.")
    snapshot = folder.read_snapshot()
    if not any(image.split is Split.TRAIN for image in snapshot.images):
        raise AppError(f"The run in {folder.path} has no images to learn from: begin a new one.")
    config_then = from_json(TrainConfig, told)
    _require_usable(config_then.engine)
    config_then = replace(config_then, device=config.device or config_then.device)
    if is_follower():
        yield from _followed(config_then, snapshot)
    else:
        yield from recorded(folder, _trained(folder, config_then, snapshot))


JOBS = (JobSpec("train", TrainConfig, run), JobSpec("resume", ResumeConfig, resume))


def _trained(
    folder: RunFolder, config: TrainConfig, snapshot: Snapshot, warnings: Sequence[Finding] = ()
) -> Generator[Event, None, None]:
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.training.event_file import shown_by_tensorboard
    from core.training.session import trained
    from core.training.teaching import OURS

    teaching = OURS
    if config.engine == _DETECTRON2:
        with without_its_warnings():
            from core.detectron2_training.teaching import DETECTRON2

            teaching = DETECTRON2

    yield Noted(_sentence_about(folder, snapshot))
    yield from (Noted(f"{one.sentence} {one.help}") for one in warnings)
    yield from shown_by_tensorboard(folder, trained(folder, config, snapshot, teaching=teaching))


def _require_usable(engine: str) -> None:
    """Asked before anything is written.

    Raises:
        AppError: detectron2's loop is asked for and cannot be used here.
    """
    if engine != _DETECTRON2:
        return
    if why := why_not():
        raise AppError(why)
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise AppError(
            "With the engine detectron2 one process trains. Leave --gpus away, or train with the"
            " engine maskrcnn, which uses several GPUs."
        )


def is_follower() -> bool:
    """Whether torchrun started this process and another one leads: it says and writes nothing."""
    return "TORCHELASTIC_RUN_ID" in os.environ and os.environ.get("RANK", "0") != "0"


def _followed(config: TrainConfig, snapshot: Snapshot) -> Generator[Event, None, None]:
    from core.training.session import followed

    yield from followed(config, snapshot)


def _new_folder(config: TrainConfig, labels_folder: Path) -> RunFolder:
    if not config.out:
        return new_run_folder(labels_folder, "train")
    folder = RunFolder.create(Path(config.out))
    if (folder.path / "config.json").exists():
        raise AppError(
            f"{folder.path} holds a run already. Name another folder, or go on with that run"
            " with --resume."
        )
    return folder


def _n_instances(images: Sequence[SnapshotImage], class_ids: set[int]) -> int:
    return sum(
        one.is_of_person and not one.crowd and one.class_id in class_ids
        for image in images
        for one in image.labels.instances
    )


def _sentence_about(folder: RunFolder, snapshot: Snapshot) -> str:
    train = [image for image in snapshot.images if image.split is Split.TRAIN]
    n_val = sum(image.split is Split.VAL for image in snapshot.images)
    n_instances = _n_instances(train, {one.id for one in snapshot.classes})
    return (
        f"Learning {listed([one.name for one in snapshot.classes])} from {n_instances} instances in"
        f" {len(train)} images, measuring on {n_val} others, in {folder.path}."
    )
