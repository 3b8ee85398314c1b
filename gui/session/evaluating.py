"""Evaluations: weights measured in a child, one after another, and kept with the folder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from core.configs import EngineConfig, EvaluateConfig
from core.events import Failed, Finished, Noted, Prelabelled, Progress
from core.kept_evaluations import (
    KeptEvaluation,
    drop_replaced,
    kept_evaluation,
    new_evaluation_folder,
)
from core.project import Project
from core.types import Split
from gui.runs import ProcessRun
from gui.session.session import Session
from gui.session.weights import config_of, remembered
from gui.texts import tr


@dataclass(frozen=True, slots=True)
class Wanted:
    """Weights to be measured."""

    weights: str
    title: str
    """How a person calls them."""
    split: Split


class Evaluating(QObject):
    """Measures what is wanted; each is kept, and told, when it is done."""

    changed = Signal()
    """It began, or ended."""
    progressed = Signal(object)
    """Progress."""
    said = Signal(str)
    """What goes on, in a sentence."""
    measured = Signal(object, object)
    """KeptEvaluation, and the notes that were made on the way."""
    failed = Signal(str)
    """Why there is no evaluation, in a sentence."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: list[Wanted] = []
        self._run: ProcessRun | None = None
        self._is_beginning = False
        self._folder = Path()
        self._notes: list[str] = []
        self._is_seen = False
        """Whether the model has looked at all images."""
        self._place = QTemporaryDir()
        """Where evaluations of a folder that cannot be written to are, until the window closes."""
        self._reading = session.work.reading(_kept, parent=self)
        self._reading.reported.connect(self._on_kept)
        self._reading.ended.connect(self._on_read)

    @property
    def is_going(self) -> bool:
        """Whether something is measured, or waits for it."""
        return self._run is not None or self._is_beginning

    @property
    def n_waiting(self) -> int:
        """How many wait until this one is done."""
        return len(self._waiting)

    def start(self, wanted: Sequence[Wanted]) -> None:
        """Measures these, when every edit is written."""
        if self.is_going or not wanted or self._session.project is None:
            return
        self._waiting = list(wanted)
        self._is_beginning = True
        self._session.work.when_written(lambda project: project.assign_splits(), self._on_written)
        self.changed.emit()

    def cancel(self) -> None:
        """Measures no further."""
        self._waiting.clear()
        if self._run is not None:
            self._run.cancel()

    def let_go(self) -> None:
        """What is being measured is of a folder that was left."""
        self._waiting.clear()
        self._is_beginning = False
        self._reading.drop()
        if self._run is not None:
            self._run.reported.disconnect(self._on_reported)
            self._run.ended.disconnect(self._on_ended)
            self._run.cancel()
            self._run = None

    def _on_written(self, _given: object) -> None:
        if self._is_beginning and self._run is None:
            self._begin_next()

    def _begin_next(self) -> None:
        project = self._session.project
        self._is_beginning = False
        if project is None or not self._waiting:
            self.changed.emit()
            return
        wanted = self._waiting.pop(0)
        self._folder = new_evaluation_folder(self._hidden(project), wanted.weights, wanted.split)
        self._notes, self._is_seen = [], False
        config = EvaluateConfig(
            folder=str(project.folder),
            labels_folder=str(project.labels_folder),
            engine=measuring_engine(self._session, wanted.weights),
            split=str(wanted.split),
            with_counts=True,
            with_predictions=True,
            with_recall=True,
            with_effort=True,
            keep=str(self._folder),
        )
        title = tr("Evaluate {weights}").format(weights=wanted.title)
        self._run = self._session.work.start("evaluate", config, title=title)
        self._run.reported.connect(self._on_reported)
        self._run.ended.connect(self._on_ended)
        self.changed.emit()
        self.said.emit(tr("Loading the weights…"))

    def _hidden(self, project: Project) -> Path:
        return Path(self._place.path()) if project.read_only_reason else project.hidden_folder

    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress):
            self._is_seen = event.done >= event.total
            self.progressed.emit(event)
        elif isinstance(event, Noted):
            # what is said when all images are seen is of what goes on, not of what is missing
            if self._is_seen:
                self.said.emit(event.sentence)
            else:
                self._notes.append(event.sentence)
        elif isinstance(event, Prelabelled):
            self._keep_predictions(event)

    def _keep_predictions(self, event: Prelabelled) -> None:
        """What is seen on the way shows what is doubtful in the labels."""
        review, run = self._session.review, self._run
        if review is not None and run is not None and run.config.engine is not None:
            review.keep(event, run.config.engine)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Finished) and not last.was_cancelled:
            self._reading.start(self._folder)  # the run is over when it is shown
            return
        self._run = None
        self._waiting.clear()
        if isinstance(last, Failed):
            self.failed.emit(last.sentence)
        else:
            self.failed.emit(tr("Cancelled; nothing was measured."))
        self.changed.emit()

    def _on_kept(self, kept: KeptEvaluation) -> None:
        self.measured.emit(kept, tuple(self._notes))

    def _on_read(self, last: object) -> None:
        self._run = None
        if isinstance(last, Failed):
            self.failed.emit(last.sentence)
        self._begin_next()


def measuring_engine(session: Session, weights: str) -> EngineConfig:
    """How weights are loaded to be measured, where a fine-tune leaves them room."""
    settings = session.settings
    device = session.work.device_left(settings.text("device"))
    engine = config_of(settings, remembered(settings, weights))
    # as it pre-labels, but with every detection: AP wants the unsure ones too
    return replace(engine, score=None, device=device)


def _kept(folder: Path) -> KeptEvaluation:
    """Called in a thread."""
    kept = kept_evaluation(folder)
    drop_replaced(kept)
    return kept
