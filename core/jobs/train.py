"""Train: a fine-tune on the done images of a project, and going on with one that stopped."""

from collections.abc import Generator, Sequence
from pathlib import Path

from core.configs import ResumeConfig, TrainConfig, from_json, to_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Noted, Progress
from core.images import thumbnail
from core.jobs import JobSpec
from core.project import Project
from core.run_folder import (
    RunFolder,
    Snapshot,
    SnapshotImage,
    new_run_folder,
    recorded,
)
from core.types import Problem, Split
from core.wording import listed

_FEW_IMAGES = 10
_LOOK_PX = 64


def run(config: TrainConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """Metrics and Progress of each iteration; the result names the weights and their AP.

    It writes the run folder and nothing else.
    """
    snapshot, labels_folder = yield from _snapshot(config)
    _check_enough(snapshot, config.folder)
    folder = _new_folder(config, labels_folder)
    folder.write_config("train", to_json(config))
    folder.write_snapshot(snapshot)
    yield from recorded(folder, _trained(folder, config, snapshot))


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
    yield from recorded(folder, _trained(folder, from_json(TrainConfig, told), snapshot))


JOBS = (JobSpec("train", TrainConfig, run), JobSpec("resume", ResumeConfig, resume))


def _trained(
    folder: RunFolder, config: TrainConfig, snapshot: Snapshot
) -> Generator[Event, None, None]:
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.training.session import trained

    yield Noted(_sentence_about(folder, snapshot))
    yield from trained(folder, config, snapshot)


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


def _snapshot(config: TrainConfig) -> Generator[Event, None, tuple[Snapshot, Path]]:
    """The done images with their splits, and where labels live; what is wrong with some is said."""
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        project.assign_splits()  # of images that have none yet; only in memory
        keys, images = project.done_keys(), []
        for number, key in enumerate(keys, start=1):
            yield Progress(number - 1, len(keys), "images looked at")
            try:
                image, problems = _image(project, key)
            except AppError as error:
                yield Noted(f"{key} is left out: {error}")
                continue
            images.append(image)
            yield from (Noted(f"{key}: {problem.sentence}") for problem in problems)
        return Snapshot(project.classes, tuple(images)), project.labels_folder
    finally:
        project.close()


def _image(project: Project, key: str) -> tuple[SnapshotImage, tuple[Problem, ...]]:
    """A done image and what is odd about its labels.

    Raises:
        AppError: the image or its labels cannot be read.
    """
    file = project.image_path(key)
    # A file that breaks off would end the run somewhere in the middle.
    thumbnail(file, _LOOK_PX)
    loaded = project.read(key)
    split = project.splits.get(key, Split.TRAIN)
    return SnapshotImage(key, str(file.resolve()), split, loaded.labels), loaded.problems


def _check_enough(snapshot: Snapshot, folder: str) -> None:
    """Whether there is something to learn.

    Raises:
        AppError: there is not; it says what is missing.
    """
    if not snapshot.images:
        raise AppError(
            f"No image of {folder} is done, so there is nothing to learn from. Label 10 to 20"
            " images, mark each done, then fine-tune."
        )
    train = [image for image in snapshot.images if image.split is Split.TRAIN]
    if not train:
        raise AppError(
            f"All {len(snapshot.images)} done images are kept to measure with, so there is nothing"
            " to learn from. Mark more images done."
        )
    known = {one.id for one in snapshot.classes}
    if _n_instances(train, known) == 0:
        raise AppError(
            f"The {len(train)} done images to learn from have no instance that a person drew,"
            " accepted or corrected. Label some, or accept what was predicted, then fine-tune."
        )


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
    few = " That is few: expect little before there are more." if len(train) < _FEW_IMAGES else ""
    return (
        f"Learning {listed([one.name for one in snapshot.classes])} from {n_instances} instances in"
        f" {len(train)} images, measuring on {n_val} others, in {folder.path}.{few}"
    )
