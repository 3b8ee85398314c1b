"""What the session gives to read of the folder that is open."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject

from core.project import LabelSummary, Project
from gui.document import Document
from gui.session.confidence import Confidence
from gui.session.open_folder import OpenFolder
from gui.session.review import Review


class OfFolder(QObject):
    """Nothing, or what the open folder has."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: OpenFolder | None = None

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self._folder.project if self._folder else None

    @property
    def keys(self) -> Sequence[str]:
        """The images of the project, as far as they are known."""
        return self._folder.keys if self._folder else ()

    @property
    def summaries(self) -> Mapping[str, LabelSummary]:
        """What the label files hold in short, as far as it is known, by the images' keys."""
        return self._folder.summaries.known if self._folder else {}

    @property
    def key(self) -> str:
        """The image that a person is on, or empty."""
        return self._folder.key if self._folder else ""

    @property
    def document(self) -> Document | None:
        """The labels of the open image."""
        return self._folder.documents.current if self._folder else None

    @property
    def is_all_saved(self) -> bool:
        """Whether every edit is in a label file."""
        return self._folder is None or self._folder.documents.is_all_saved

    @property
    def confidence(self) -> Confidence | None:
        """The threshold from which on predictions show in the open folder."""
        return self._folder.confidence if self._folder else None

    @property
    def review(self) -> Review | None:
        """What is looked at and judged over all images of the open folder."""
        return self._folder.review if self._folder else None
