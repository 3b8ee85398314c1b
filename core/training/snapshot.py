"""The done images of a project as a run takes them: what it learns from and measures on."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.configs import TrainConfig
from core.doubts import Dismissals
from core.errors import AppError
from core.events import Event, Noted, Progress
from core.images import thumbnail
from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.source import config_text_of
from core.project import LoadedLabels, Project
from core.readiness import (
    SMALL_LIMITS,
    Finding,
    Looked,
    ModelLimits,
    Severity,
    closer_findings,
    done_image_of,
    done_images,
    findings,
    looked_of,
    missing_images,
    stock_of,
    twin_ids,
)
from core.run_folder import Snapshot, SnapshotImage
from core.training.room import of_room
from core.types import Split

_LOOK_PX = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """What a project has to learn from."""

    snapshot: Snapshot
    labels_folder: Path
    warnings: tuple[Finding, ...]
    """What makes the fine-tune worth less than it could be."""
    n_train: int
    """Images to learn from, those that were not taken included."""
    n_val: int
    """Images to measure on, likewise."""


def taken(config: TrainConfig, *, most: int = 0) -> Generator[Event, None, Taken]:
    """The done images with their splits; what is wrong with some is said.

    Args:
        config: names the project.
        most: at most so many images, of the train split only; 0: all of all splits.

    Raises:
        AppError: there is nothing to learn from, or it cannot be read; it says what to do.
    """
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        project.assign_splits()  # of images that have none yet; only in memory
        done: Sequence[str] = project.done_keys()
        if most:
            _require_ready(findings(done_images(project), project.classes))
            done = _some_of(project, done, most)
        images, looked = yield from _images(project, done)
        if done and not images:
            raise AppError(
                "None of the done images to learn from can be read. Are they still in the folder,"
                " and do they open in other programs?"
            )
        found = () if most else (yield from _findings(config, project, images, looked))
        return Taken(
            Snapshot(project.classes, tuple(images)),
            project.labels_folder,
            tuple(one for one in found if one.severity is Severity.WARN),
            n_train=len(project.keys_of(Split.TRAIN)),
            n_val=len(project.keys_of(Split.VAL)),
        )
    finally:
        project.close()


def _findings(
    config: TrainConfig,
    project: Project,
    images: Sequence[SnapshotImage],
    looked: Sequence[Looked],
) -> Generator[Event, None, tuple[Finding, ...]]:
    """What is to be said before the run.

    Raises:
        AppError: something stops it.
    """
    stock = stock_of(project, class_ids=twin_ids(project.classes))
    found = findings(
        [done_image_of(one.key, one.split, one.labels) for one in images],
        project.classes,
        missing=missing_images(project),
        left_out=stock.left_out,
        keys_of_class=stock.keys_of_class,
        limits=_limits(config),
    )
    _require_ready(found)
    closer = yield from closer_findings(looked, picture_hash=project.picture_hash)
    return (*closer, *found, *of_room(config, project.labels_folder))


def _limits(config: TrainConfig) -> ModelLimits:
    """What the model is shown and gives, as far as it is known before the weights are read."""
    if not config.model_config:
        return SMALL_LIMITS if config.weights == "none" else ModelLimits()
    try:
        settings = settings_from_yaml(config_text_of(Path(config.model_config)))
    except AppError:  # the start of the run says so
        return ModelLimits()
    return ModelLimits(
        settings.min_size_test, settings.max_size_test, settings.detections_per_image
    )


def _some_of(project: Project, done: Sequence[str], most: int) -> Sequence[str]:
    """Train images from all over the folder: those at its beginning may all be alike."""
    train = [key for key in done if project.splits.get(key, Split.TRAIN) is Split.TRAIN]
    return train[:: -(-len(train) // most)]


def _images(
    project: Project, keys: Sequence[str]
) -> Generator[Event, None, tuple[list[SnapshotImage], list[Looked]]]:
    images, looked = [], []
    left = Dismissals(project.hidden_folder).left
    for number, key in enumerate(keys, start=1):
        yield Progress(number - 1, len(keys), "images looked at")
        try:
            file, loaded = _read(project, key)
        except AppError as error:
            yield Noted(f"{key} is left out: {error}")
            continue
        split = project.splits.get(key, Split.TRAIN)
        images.append(SnapshotImage(key, str(file.resolve()), split, loaded.labels))
        looked.append(looked_of(key, split, file, loaded, left=left))
        yield from (Noted(f"{key}: {problem.sentence}") for problem in loaded.problems)
    return images, looked


def _read(project: Project, key: str) -> tuple[Path, LoadedLabels]:
    """The file of a done image, and its labels.

    Raises:
        AppError: the image or its labels cannot be read.
    """
    file = project.image_path(key)
    # A file that breaks off would end the run somewhere in the middle.
    thumbnail(file, _LOOK_PX)
    return file, project.read(key)


def _require_ready(found: Sequence[Finding]) -> None:
    for one in found:
        if one.severity is Severity.STOP:
            raise AppError(f"{one.sentence} {one.help}")
