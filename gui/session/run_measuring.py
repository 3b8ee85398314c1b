"""Measures the weights of several runs on the images that all of them kept to measure on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from core.configs import CompareConfig
from core.events import Failed, Finished, Progress
from core.run_folder import RunFolder
from core.types import Json
from gui.runs import ProcessRun
from gui.session.session import Session
from gui.texts import tr


@dataclass(frozen=True, slots=True)
class Shared:
    """What runs are worth on the same images."""

    n_images: int
    numbers: Mapping[str, Mapping[str, Json]] = field(hash=False)
    """{"bbox": ..., "segm": ...} in percent, by the run's folder."""


class RunMeasuring(QObject):
    """One measurement at a time, in a child; what came out is kept while the window is open."""

    changed = Signal()
    """It began, or ended."""
    progressed = Signal(object)
    """Progress."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: ProcessRun | None = None
        self._found: dict[frozenset[str], Shared] = {}

    @property
    def is_going(self) -> bool:
        """Whether runs are measured now."""
        return self._run is not None

    def found(self, folders: Sequence[RunFolder]) -> Shared | None:
        """What came out for these runs; None where they were not measured together."""
        return self._found.get(frozenset(str(one.path) for one in folders))

    def start(self, folders: Sequence[RunFolder]) -> None:
        """Measures these; nothing where others are measured now."""
        if self.is_going:
            return
        work = self._session.work
        device = work.device_left(self._session.settings.text("device"))
        paths = tuple(str(one.path) for one in folders)
        config = CompareConfig(paths, device=device)
        run = self._run = work.start("compare", config, title=tr("Compare runs"))
        run.reported.connect(self._on_reported)
        run.ended.connect(lambda last: self._on_ended(paths, last))
        self.changed.emit()

    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)

    def _on_ended(self, paths: Sequence[str], last: Finished | Failed) -> None:
        self._run = None
        if isinstance(last, Finished) and not last.was_cancelled:
            runs = last.result.get("runs") or {}
            n_images = int(last.result.get("images") or 0)
            self._found[frozenset(paths)] = Shared(n_images, runs)
        self.changed.emit()
