"""Thresholds that follow from what a person accepted and rejected so far."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.project import Project
from core.thresholds import Judged, Suggestion, judged_in, suggested
from gui.session.work import Work


class Suggesting(QObject):
    """Reads the labels of all images when it is asked to."""

    changed = Signal()
    """There is an answer, or a reading has begun, or nothing is asked any more."""

    def __init__(
        self,
        work: Work,
        *,
        project_of: Callable[[], Project | None],
        keys_of: Callable[[], Sequence[str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.found: tuple[Suggestion, ...] | None = None
        """One for each class of which enough was judged; None: nobody asked yet."""
        self._project_of = project_of
        self._keys_of = keys_of
        self._reading = work.reading(_read, parent=self)
        self._reading.reported.connect(self._on_read)
        self._reading.ended.connect(lambda _: self.changed.emit())

    @property
    def is_looking(self) -> bool:
        """Whether the labels are being read."""
        return self._reading.is_going

    def look(self) -> None:
        """Reads what was judged; `changed` tells when it is found."""
        if (project := self._project_of()) is not None:
            self.found = None
            self._reading.start(project, tuple(self._keys_of()))
            self.changed.emit()

    def forget(self) -> None:
        """Nothing is suggested until somebody asks again."""
        self._reading.drop()
        self.found = None
        self.changed.emit()

    def _on_read(self, found: tuple[Suggestion, ...] | None) -> None:
        if found is not None:
            self.found = found
            self.changed.emit()


def _read(project: Project, keys: Sequence[str]) -> Iterator[tuple[Suggestion, ...] | None]:
    """None before each image, so that it can be left there, and then what was found. Called in a
    reader's thread."""
    judged: list[Judged] = []
    for key in keys:
        yield None
        try:
            if project.bytes_of(key) is not None:
                judged += judged_in(project.read(key).labels)
        except AppError:
            continue  # the list of images says what is wrong with it
    there = {one.id for one in project.classes}
    yield suggested(one for one in judged if one.class_id in there)
