"""The instances of the image before, put into the open one."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from core import edits
from core.events import Failed
from core.geometry import clip
from core.project import Project
from core.types import ImageLabels, Instance
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.open_folder import OpenFolder
from gui.texts import n_instances, tr


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The labels of the image before, as they were asked for."""

    document: Document
    key: str
    labels: ImageLabels


class PreviousLabels(QObject):
    """Copies all instances of the image before in the list, as a person's own."""

    told = Signal(str)

    def __init__(
        self,
        folder_of: Callable[[], OpenFolder | None],
        reader: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder_of = folder_of
        self._reading = ThreadRun(_read, reader, latest_only=True, parent=self)
        self._reading.reported.connect(self._on_read)
        self._reading.ended.connect(self._on_ended)

    def paste(self) -> None:
        """Puts them into the open image, cut at its border, as one step; they are selected then."""
        folder = self._folder_of()
        document = folder.documents.current if folder else None
        if folder is None or document is None:
            self.told.emit(tr("Open an image first; the instances of the one before go into it."))
            return
        key = _before(folder, document.key)
        if not key:
            self.told.emit(tr("No image comes before this one in the list."))
        elif (before := folder.documents.document(key)) is not None:
            self._put(_Read(document, key, before.labels))
        else:
            self._reading.start(folder.project, document, key)

    def _on_read(self, read: _Read) -> None:
        folder = self._folder_of()
        if folder is not None and folder.documents.current is read.document:
            self._put(read)

    def _on_ended(self, end: object) -> None:
        if isinstance(end, Failed):
            self.told.emit(end.sentence)

    def _put(self, read: _Read) -> None:
        document, instances = read.document, read.labels.instances
        if not instances:
            nothing = tr("Nothing is labelled in {image}, the image before.")
            self.told.emit(nothing.format(image=read.key))
            return
        copies = _inside(instances, document.labels.size_hw)
        if len(copies) < len(instances):
            n_outside = n_instances(len(instances) - len(copies))
            outside = tr("{instances} of {image} would lie outside this image: left out.")
            self.told.emit(outside.format(instances=n_outside, image=read.key))
        added = document.edit(
            tr("Paste from previous"), lambda labels: edits.with_instances_added(labels, copies)
        )
        if added and copies:
            document.select(one.id for one in copies)


def _before(folder: OpenFolder, key: str) -> str:
    """The key of the image before in the list as it shows; empty where none is."""
    order = folder.order or folder.keys
    place = order.index(key) if key in order else 0
    return order[place - 1] if place else ""


def _inside(instances: tuple[Instance, ...], size_hw: tuple[int, int]) -> list[Instance]:
    return [
        replace(one, parts=parts)
        for one in edits.copies_of(instances)
        if (parts := clip(one.parts, size_hw))
    ]


def _read(project: Project, document: Document, key: str) -> _Read:
    """Called in a reader's thread."""
    return _Read(document, key, project.read(key).labels)
