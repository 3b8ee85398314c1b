"""What goes into a pack: the done images that can be read, with their labels, split by split."""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import images
from core.errors import AppError
from core.events import Event, Progress
from core.formats import LabelledImage
from core.project import Project
from core.project.project_file import ProjectFile, parse, to_bytes
from core.types import LabelClass, Problem, Split
from core.wording import LEFT_OUT


@dataclass(frozen=True, slots=True)
class PackedImage:
    """One done image."""

    key: str
    split: Split
    file: Path
    label_name: str
    """Of its label file, below the folder."""
    label_bytes: bytes
    labelled: LabelledImage
    """What a person vouches for in it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into a pack, and what stays behind."""

    name: str
    classes: tuple[LabelClass, ...]
    """By ascending id."""
    images: tuple[PackedImage, ...]
    project_file: bytes
    problems: tuple[Problem, ...]

    def of_split(self, split: Split) -> tuple[PackedImage, ...]:
        """The images of a split."""
        return tuple(image for image in self.images if image.split is split)


def gathered(project: Project) -> Generator[Event, None, Content]:
    """Reads every done image's labels, and looks whether its picture is one.

    Raises:
        AppError: no image is done.
    """
    for _ in project.scan():
        pass
    project.assign_splits()  # of images that have none yet; a reader keeps them in memory
    keys, packed, problems = project.done_keys(), [], []
    for number, key in enumerate(keys, start=1):
        yield Progress(number - 1, len(keys), "images looked at")
        try:
            packed.append(_packed(project, key))
        except AppError as error:
            problems.append(Problem(key, f"{LEFT_OUT}: {error}"))
    if not packed:
        raise AppError(
            f"No image of {project.folder} is done, so there is nothing to pack. Label 10 to 20"
            " images, mark each done, then pack them."
        )
    classes = sorted(project.classes, key=lambda one: one.id)
    return Content(
        project.folder.name or "project",
        tuple(classes),
        tuple(packed),
        _project_file(project, packed),
        tuple(problems),
    )


def _packed(project: Project, key: str) -> PackedImage:
    try:
        key.encode("utf-8")
    except UnicodeEncodeError as error:
        raise AppError("its name has characters that no zip can hold; rename it.") from error
    file = project.image_path(key)
    images.size_hw(file)  # what is no picture would end the training on the other machine
    label_file = project.label_path(key)
    data = project.bytes_of(key)
    if data is None:
        raise AppError("its label file went away meanwhile.")
    labels = project.read(key).labels
    of_person = replace(labels, instances=tuple(i for i in labels.instances if i.is_of_person))
    if project.folder != project.labels_folder:
        data = _with_image_beside(data, key.rpartition("/")[2])
    return PackedImage(
        key,
        project.splits.get(key, Split.TRAIN),
        file,
        label_file.relative_to(project.labels_folder).as_posix(),
        data,
        LabelledImage(key, of_person, file),
    )


def _with_image_beside(data: bytes, image_name: str) -> bytes:
    """The label file for a folder in which its image lies beside it."""
    value = json.loads(data.decode("utf-8-sig"))
    value["imagePath"] = image_name
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _project_file(project: Project, packed: Sequence[PackedImage]) -> bytes:
    try:
        on_disk = parse((project.labels_folder / "maskloop.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        on_disk = ProjectFile()  # of a folder that only label files describe
    ids = [one.id + 1 for one in project.classes]
    file = replace(
        on_disk,
        classes=project.classes,
        next_class_id=max([on_disk.next_class_id, *ids]),
        splits={image.key: image.split for image in packed},
        images="",
    )
    return to_bytes(file)
