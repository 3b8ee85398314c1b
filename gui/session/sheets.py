"""Sheets: labels and predictions side by side, drawn in a child into a folder of its own."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.configs import EvaluateConfig
from core.events import Finished, Noted
from core.kept_evaluations import Heading
from core.project import Project
from core.wording import listed
from gui.runs import ProcessRun
from gui.session.evaluating import measuring_engine
from gui.session.session import Session
from gui.texts import tr

_MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class WantedSheets:
    """What a person asked for."""

    folder: Path
    """Which is made, or holds earlier sheets."""
    threshold: float
    """Of confidence: predictions that score less are not drawn."""


class SheetDrawing(QObject):
    """Draws one set of sheets at a time, and tells where they lie."""

    changed = Signal()
    """It began, or ended."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: ProcessRun | None = None
        self._is_beginning = False
        self._notes: list[str] = []

    @property
    def is_going(self) -> bool:
        """Whether sheets are drawn."""
        return self._run is not None or self._is_beginning

    def start(self, heading: Heading, wanted: WantedSheets) -> None:
        """Draws sheets of the weights and the images of an evaluation, when every edit is written.

        The weights look at the images once more: what is kept of an evaluation has no outlines.
        """
        project = self._session.project
        if self.is_going or project is None:
            return
        self._is_beginning = True

        def begin(_written: object) -> None:
            self._begin(project, heading, wanted)

        self._session.work.when_written(lambda project: project.assign_splits(), begin)
        self.changed.emit()

    def _begin(self, project: Project, heading: Heading, wanted: WantedSheets) -> None:
        self._is_beginning, self._notes = False, []
        if project is not self._session.project:  # another folder was opened meanwhile
            self.changed.emit()
            return
        config = EvaluateConfig(
            folder=str(project.folder),
            labels_folder=str(project.labels_folder),
            engine=measuring_engine(self._session, heading.weights),
            split=heading.split,
            threshold=wanted.threshold,
            sheets=str(wanted.folder),
        )
        title = tr("Draw sheets in {folder}").format(folder=wanted.folder.name)
        self._run = self._session.work.start("evaluate", config, title=title)
        self._run.reported.connect(self._on_reported)
        self._run.ended.connect(lambda last: self._on_ended(last, wanted.folder))
        self.changed.emit()

    def _on_reported(self, event: object) -> None:
        if isinstance(event, Noted):
            self._notes.append(event.sentence)

    def _on_ended(self, last: object, folder: Path) -> None:
        self._run = None
        if isinstance(last, Finished) and not last.was_cancelled:
            sentences = [_where(last.result.get("sheets") or (), folder)]
            self._session.told.emit(" ".join((*sentences, *self._notes[:_MOST_NOTES])))
        self.changed.emit()


def _where(files: object, folder: Path) -> str:
    names = [Path(str(one)).name for one in files] if isinstance(files, list) else []
    if not names:
        return tr("No image could be drawn, so there is no sheet.")
    text = tr("The sheets are in {folder}: {names}.")
    return text.format(folder=folder, names=listed(names))
