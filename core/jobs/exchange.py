"""Import and export: labels of other formats into a project, and a project's labels out of it."""

import filecmp
import queue
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

from core import images
from core.atomic import make_folder, require_replaceable
from core.configs import ExportConfig, ImportConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted, Progress
from core.foreign_paths import NameIndex
from core.formats import Format, LabelledImage, all_formats
from core.images import IMAGE_SUFFIXES
from core.jobs import JobSpec
from core.labelfile import size_sentence
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Json, LabelClass, Problem, Split
from core.wording import LEFT_OUT

_Writer: TypeAlias = Callable[[Path, Iterable[LabelledImage], Sequence[LabelClass]], list[Problem]]
_PNG: Final = b"\x89PNG"
_IN_FLIGHT: Final = 16


@dataclass(slots=True)
class _Tally:
    """What a job has done so far."""

    images: int = 0
    instances: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, n_instances: int) -> None:
        self.images += 1
        self.instances += n_instances

    def result(self, **more: Json) -> dict[str, Json]:
        problems = [{"where": one.where, "sentence": one.sentence} for one in self.problems]
        return {"images": self.images, "instances": self.instances, "problems": problems, **more}


def run_import(config: ImportConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Takes the labels of a file or folder into a project, and its images where they are new.

    Labels that a person made in the project are never replaced. The result counts the images and
    instances taken in and lists, image by image, what could not be carried over.
    """
    format_ = _format(config.format)
    if format_.read is None:
        raise AppError(f"{format_.title} can be written but not read.")
    source, images_folder = Path(config.source), Path(config.images) if config.images else None
    for path in (source, images_folder):
        if path is not None and not path.exists():
            raise AppError(f"{path} is not there: check how it is spelled.")
    make_folder(Path(config.into))
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.into), labels_folder)
    try:
        if project.read_only_reason:
            raise AppError(f"Nothing can be imported now. {project.read_only_reason}")
        if project.folder.resolve() != Path(config.into).expanduser().resolve():
            # a maskloop.json that came from elsewhere must not choose where files are written
            raise AppError(
                f"{config.into} is for labels only; its photos are in {project.folder}. Name that"
                " folder with --into, and this one with --labels."
            )
        yield Noted(f"Reading {source}.")
        for _ in project.scan():
            pass
        tally = _Tally()
        door = _Door(project)
        read = format_.read(
            source, images_folder, lambda name, wish: project.add_class(name, wished_id=wish).id
        )
        for done, image in enumerate(read, start=1):
            tally.problems += image.problems
            try:
                tally.add(door.take_in(image, tally.problems))
            except AppError as error:
                tally.problems.append(Problem(image.key, str(error)))
            yield Progress(done, 0, "images")
        if tally.images:
            yield Noted("Giving the new images their splits.")
            project.assign_splits()
        yield Finished(tally.result(into=config.into))
    finally:
        project.close()


class _Door:
    """Where the images of a data set come into a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._there = NameIndex(project.keys)
        self._inside = set(project.keys)
        self._taken: dict[str, str] = {}

    def take_in(self, image: LabelledImage, problems: list[Problem]) -> int:
        """Writes the labels of an image; how many instances it has now.

        Raises:
            AppError: it was left out; the sentence says why.
        """
        key = self._key(image)
        if key in self._taken:
            raise AppError(f"Left out: {self._taken[key]} is the same image and came before it.")
        loaded = self._project.read(key)
        if loaded.is_read_only:
            raise AppError("Left out: a newer version of the program wrote its labels.")
        if _is_of_person(loaded.labels):
            raise AppError("Left out: it has a person's labels already, which are never replaced.")
        real_hw = loaded.labels.size_hw
        if sentence := size_sentence(image.labels.size_hw, real_hw):
            problems.append(Problem(image.key, sentence))
        labels = replace(
            image.labels,
            size_hw=real_hw,
            rejected=(*loaded.labels.rejected, *image.labels.rejected),
        )
        self._project.write(key, labels, stamp=loaded.stamp)
        self._taken[key] = image.key
        return len(labels.instances)

    def _key(self, image: LabelledImage) -> str:
        """The key of the image in the project, into which it is copied if need be."""
        if image.file and (inside := self._key_inside(image.file)):
            return inside
        match = self._there.match(image.key)
        if match.path and self._is_same(image, match.path):
            return match.path
        if image.file is not None:
            return self._project.add_image(image.file, image.key)
        if image.image_data is not None:
            return self._unpacked(image.key, image.image_data)
        if match.rivals:
            raise AppError(
                "Left out: several images of the project have this name, and which is meant cannot"
                f" be told ({', '.join(match.rivals[:3])})."
            )
        raise AppError(
            "Left out: the image was not found. Put it beside the labels, or say with --images in"
            " which folder it is."
        )

    def _key_inside(self, file: Path) -> str:
        folder, resolved = self._project.folder.resolve(), file.resolve()
        if not resolved.is_relative_to(folder):
            return ""
        key = resolved.relative_to(folder).as_posix()
        return key if key in self._inside else ""

    def _is_same(self, image: LabelledImage, key: str) -> bool:
        """Whether an image of the project is the one meant, and not another of the same name."""
        if image.file is None:
            return True
        there = self._project.image_path(key)
        if key != image.key:
            return filecmp.cmp(image.file, there, shallow=False)
        return images.size_hw(image.file) == images.size_hw(there)

    def _unpacked(self, key: str, data: bytes) -> str:
        if Path(key).suffix.lower() not in IMAGE_SUFFIXES:
            key += ".png" if data.startswith(_PNG) else ".jpg"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"image{Path(key).suffix}"
            file.write_bytes(data)
            images.size_hw(file)  # what is no image does not come in
            return self._project.add_image(file, key)


def _is_of_person(labels: ImageLabels) -> bool:
    return (
        labels.state is ImageState.DONE
        or bool(labels.foreign_shapes)
        or any(instance.is_of_person for instance in labels.instances)
    )


def run_export(config: ExportConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Writes the labels of a project in another format.

    Every image goes out that is done or has an instance to show. The result counts images and
    instances, and `unseen` the predictions that were left out because nobody looked at them.
    """
    format_ = _format(config.format)
    if format_.write is None:
        raise AppError(f"{format_.title} can be read but not written.")
    labels_folder = Path(config.labels_folder) if config.labels_folder else None
    project = Project.open(Path(config.folder), labels_folder, wants_to_write=False)
    try:
        for _ in project.scan():
            pass
        out = Path(config.out)
        _check_out(project, out)
        project.assign_splits()  # in memory, as a fine-tune does, for images that have none yet
        keys = sorted(project.keys_of(Split(config.split)) if config.split else project.keys)
        if config.split and not keys:
            raise AppError(
                f"No image is in the {config.split} split: an image gets its split when it is done."
            )
        for key in keys:
            project.summary(key)  # makes the classes known that only label files name
        tally = _Tally()
        leaving = _Leaving(project, tally, with_predictions=config.state == "all")
        done = 0
        writing = _written(format_.write, out, map(leaving.image, keys), project.classes)
        try:
            while True:
                done = next(writing)
                yield Progress(done, len(keys), "images")
        except StopIteration as stopped:
            tally.problems += stopped.value
        finally:
            writing.close()
        yield Finished(
            tally.result(out=str(out), unseen=leaving.n_unseen, unfinished=leaving.n_unfinished)
        )
    finally:
        project.close()


class _Leaving:
    """The images of a project on their way out."""

    def __init__(self, project: Project, tally: _Tally, *, with_predictions: bool) -> None:
        self._project = project
        self._tally = tally
        self._with_predictions = with_predictions
        self.n_unseen = 0
        """Predictions left out."""
        self.n_unfinished = 0
        """Images that go out although they are not done."""

    def image(self, key: str) -> LabelledImage | None:
        """The image with what of its labels goes out; None where it does not."""
        try:
            loaded = self._project.read(key)
        except AppError as error:
            self._tally.problems.append(Problem(key, f"{LEFT_OUT}: {error}"))
            return None
        self._tally.problems += loaded.problems
        labels = loaded.labels
        shown = tuple(one for one in labels.instances if self._goes(one))
        n_unseen = len(labels.instances) - len(shown)
        is_done = labels.state is ImageState.DONE
        if n_unseen:
            self.n_unseen += n_unseen
            sentence = f"Predictions that nobody looked at were left out: {n_unseen}."
            self._tally.problems.append(Problem(key, sentence))
        if not is_done and not shown:
            return None
        self.n_unfinished += not is_done
        self._tally.add(len(shown))
        labels = replace(labels, instances=shown)
        return LabelledImage(key, labels, self._project.image_path(key))

    def _goes(self, instance: Instance) -> bool:
        return self._with_predictions or instance.is_of_person


def _check_out(project: Project, out: Path) -> None:
    target = out.resolve()
    own = (project.label_path(key).resolve() for key in project.keys)
    if target == project.labels_folder.resolve() / "maskloop.json" or target in own:
        raise AppError(f"{out} belongs to the project and is not replaced: choose another name.")
    if not out.is_dir():
        require_replaceable(out, suffix=".json", begins=b"{[")
    if target in (project.folder.resolve(), project.labels_folder.resolve()):
        raise AppError(f"{out} is the project itself: choose another place to export to.")


class _Signal(Enum):
    END = 1
    CANCEL = 2


class _Cancelled(Exception):
    """Ends a writer, which then leaves nothing behind."""


_Item: TypeAlias = LabelledImage | _Signal


def _written(
    write: _Writer,
    out: Path,
    images_: Iterable[LabelledImage | None],
    classes: Sequence[LabelClass],
) -> Generator[int, None, list[Problem]]:
    """Runs a writer in a thread of its own and hands it the images one by one.

    So there is progress to tell, and a moment between two images in which the job can be cancelled.
    Yields how many it has, and gives back the writer's problems.
    """
    lane: queue.Queue[_Item] = queue.Queue(_IN_FLIGHT)
    with ThreadPoolExecutor(1, "export") as pool:
        future = pool.submit(write, out, _received(lane), classes)
        last = _Signal.CANCEL
        try:
            for done, image in enumerate(images_, start=1):
                if image is not None and not _was_handed(image, lane, future):
                    break
                yield done
            last = _Signal.END
        finally:
            _was_handed(last, lane, future)
    return future.result()


def _received(lane: "queue.Queue[_Item]") -> Iterator[LabelledImage]:
    while (item := lane.get()) is not _Signal.END:
        if isinstance(item, _Signal):
            raise _Cancelled
        yield item


def _was_handed(item: _Item, lane: "queue.Queue[_Item]", future: "Future[list[Problem]]") -> bool:
    """Whether the writer took it; it does not where it has failed."""
    while not future.done():
        try:
            lane.put(item, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False


def _format(name: str) -> Format:
    formats = all_formats()
    if name not in formats:
        raise AppError(f"There is no format named {name}; there are {', '.join(sorted(formats))}.")
    return formats[name]


JOBS = (
    JobSpec("import", ImportConfig, run_import),
    JobSpec("export", ExportConfig, run_export),
)
