"""The done images of a project as a run takes them: what it learns from and measures on."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.configs import TrainConfig
from core.errors import AppError
from core.events import Event, Noted, Progress
from core.images import thumbnail
from core.project import Project
from core.readiness import (
    Finding,
    Severity,
    done_image_of,
    done_images,
    findings,
    missing_images,
)
from core.run_folder import Snapshot, SnapshotImage
from core.types import Problem, Split

_LOOK_PX = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """What a project has to learn from."""

    snapshot: Snapshot
    labels_folder: Path
    warnings: tuple[Finding, ...]
    """What makes the fine-tune worth less than it could be."""
    n_val: int
    """Images to measure on, those that were not taken included."""


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
        images = yield from _images(project, done)
        if done and not images:
            raise AppError(
                "None of the done images to learn from can be read. Are they still in the folder,"
                " and do they open in other programs?"
            )
        seen = [done_image_of(one.key, one.split, one.labels) for one in images]
        found = findings(seen, project.classes, missing=missing_images(project))
        if not most:
            _require_ready(found)
        return Taken(
            Snapshot(project.classes, tuple(images)),
            project.labels_folder,
            tuple(one for one in found if one.severity is Severity.WARN),
            n_val=len(project.keys_of(Split.VAL)),
        )
    finally:
        project.close()


def _some_of(project: Project, done: Sequence[str], most: int) -> Sequence[str]:
    """Train images from all over the folder: those at its beginning may all be alike."""
    train = [key for key in done if project.splits.get(key, Split.TRAIN) is Split.TRAIN]
    return train[:: -(-len(train) // most)]


def _images(project: Project, keys: Sequence[str]) -> Generator[Event, None, list[SnapshotImage]]:
    images = []
    for number, key in enumerate(keys, start=1):
        yield Progress(number - 1, len(keys), "images looked at")
        try:
            image, problems = _image(project, key)
        except AppError as error:
            yield Noted(f"{key} is left out: {error}")
            continue
        images.append(image)
        yield from (Noted(f"{key}: {problem.sentence}") for problem in problems)
    return images


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


def _require_ready(found: Sequence[Finding]) -> None:
    for one in found:
        if one.severity is Severity.STOP:
            raise AppError(f"{one.sentence} {one.help}")
