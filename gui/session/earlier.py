"""Earlier versions of the open image's labels: listed, looked at, and brought back as one edit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core import edits
from core.errors import AppError
from core.project import Project
from core.project.versions import Version
from core.types import ImageLabels
from gui.document import Document
from gui.session.class_list import ClassList
from gui.session.work import Work
from gui.texts import QT_TR_NOOP, tr

_ONLY_LOOKED_AT = QT_TR_NOOP(
    "This is an earlier version of the labels, and can only be looked at. Bring it back to work on"
    " it, or press Escape to go on with what is there now."
)


@dataclass(frozen=True, slots=True, eq=False)
class EarlierLabels:
    """One version, as it was read."""

    version: Version
    labels: ImageLabels | None
    """With ids below zero for classes that are not there any more; None: it cannot be read."""
    why_not: str = ""
    change: edits.Difference | None = None
    """From the version before it; None for the first of them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    key: str
    versions: tuple[EarlierLabels, ...]


class Earlier(QObject):
    """The earlier versions of the open image, as long as somebody wants to see them."""

    changed = Signal()
    """`versions` are others, or the open image is another."""
    shown_changed = Signal()
    """Another version is looked at, or none: `shown`."""
    told = Signal(str)

    def __init__(
        self,
        work: Work,
        class_list: ClassList,
        *,
        project_of: Callable[[], Project | None],
        document_of: Callable[[], Document | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.versions: tuple[EarlierLabels, ...] = ()
        """The latest first."""
        self.shown: Document | None = None
        """What is looked at, as a document that cannot be changed; None: the labels as they are."""
        self.shown_name = ""
        """Of the version that is looked at."""
        self._work = work
        self._class_list = class_list
        self._project_of = project_of
        self._document_of = document_of
        self._document: Document | None = None
        self._is_wanted = False
        self._reading = work.reading(_read, parent=self)
        self._reading.reported.connect(self._on_read)

    def set_wanted(self, is_wanted: bool, /) -> None:
        """Whether somebody sees the list; else nothing is read for it."""
        if is_wanted != self._is_wanted:
            self._is_wanted = is_wanted
            self.look_again()

    def follow(self) -> None:
        """Goes to the labels of the open image, which may be another."""
        document = self._document_of()
        if document is self._document:
            return
        if self._document is not None:
            self._document.changed.disconnect(self._on_edited)
        self._document = document
        if document is not None:
            document.changed.connect(self._on_edited)
        self.stop_looking()
        self.versions = ()
        self.changed.emit()
        self.look_again()

    def look_again(self, key: str = "") -> None:
        """Reads what is kept, for the image of this key if it is the open one."""
        document, project = self._document, self._project_of()
        if document is None or project is None:
            self._reading.drop()
        elif self._is_wanted and key in ("", document.key):
            known = {one.version.name: one.labels for one in self.versions if one.labels}
            self._reading.start(project, document.key, document.labels.size_hw, known)

    def look_at(self, name: str) -> None:
        """Shows a version in the place of the labels, until `stop_looking`."""
        found = next((one for one in self.versions if one.version.name == name), None)
        if found is None or self._document is None:
            return
        if found.labels is None:
            self.told.emit(found.why_not)
            return
        self._document.select(())  # what is not seen must not be changed by the next key
        self._set_shown(
            Document(self._document.key, found.labels, before_change=_refuse, parent=self), name
        )

    def stop_looking(self) -> None:
        """Shows the labels as they are now."""
        if self.shown is not None:
            self._set_shown(None, "")

    def bring_back(self, name: str) -> None:
        """Makes the labels what they were in a version, as one step of undo."""
        document, found = self._document, [one for one in self.versions if one.version.name == name]
        if document is None or not found:
            return
        key, size_hw, opened_in = document.key, document.labels.size_hw, self._project_of()

        def read(project: Project) -> ImageLabels:
            """Called in the writer's thread."""
            labels = project.versions.labels_of(key, name, size_hw=size_hw, makes_classes=True)
            project.versions.keep_next(key)
            return labels

        at = found[0].version.at.astimezone()
        text = tr("Bring back {time}").format(time=f"{at:%H:%M}")

        def put_back(labels: ImageLabels) -> None:
            if self._project_of() is opened_in:  # else the document is gone with its folder
                self._put_back(document, labels, text)

        self._work.when_written(read, put_back)

    def _put_back(self, document: Document, labels: ImageLabels, text: str) -> None:
        self._class_list.look()  # some may have been made for it
        self.stop_looking()
        now = document.labels
        after = edits.as_it_was(now, labels)
        if after is now:
            self.told.emit(tr("The labels are the same now as they were then."))
        else:
            document.apply(text, after)

    def _set_shown(self, document: Document | None, name: str) -> None:
        before, self.shown, self.shown_name = self.shown, document, name
        self.shown_changed.emit()
        if before is not None:
            before.deleteLater()

    def _on_edited(self, _ids: object) -> None:
        self.stop_looking()  # what is edited now is not what would be seen

    def _on_read(self, read: _Read) -> None:
        if self._document is not None and self._document.key == read.key:
            self.versions = read.versions
            self.changed.emit()


def _refuse(_before: ImageLabels, _after: ImageLabels) -> None:
    raise AppError(tr(_ONLY_LOOKED_AT))


def _read(
    project: Project, key: str, size_hw: tuple[int, int], known: Mapping[str, ImageLabels]
) -> _Read:
    """Called in a reader's thread."""
    found: list[EarlierLabels] = []
    before: ImageLabels | None = None
    for version in reversed(project.versions.of(key)):
        try:
            labels = known.get(version.name) or project.versions.labels_of(
                key, version.name, size_hw=size_hw
            )
        except AppError as error:
            found.append(EarlierLabels(version, None, str(error)))
            continue
        change = None if before is None else edits.difference(before, labels)
        found.append(EarlierLabels(version, labels, change=change))
        before = labels
    return _Read(key, tuple(reversed(found)))
