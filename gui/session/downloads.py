"""Which run downloads weights now, and how far it is."""

from PySide6.QtCore import QObject, Signal

from core.events import Progress
from gui.runs import Run
from gui.session.work import Work


class Downloads(QObject):
    """Follows the runs that begin; at most one of them downloads."""

    changed = Signal()
    """`progress` is another; None: nothing is downloaded any more."""

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress: Progress | None = None
        self._run: Run | None = None
        work.run_started.connect(self._follow)

    def cancel(self) -> None:
        """Stops the run that downloads; what has arrived is kept for the next time."""
        if self._run is not None:
            self._run.cancel()

    def _follow(self, run: Run) -> None:
        run.reported.connect(lambda event: self._on_reported(run, event))
        run.ended.connect(lambda _: self._on_over(run))

    def _on_reported(self, run: Run, event: object) -> None:
        if isinstance(event, Progress) and event.unit == "bytes":
            self._run, self.progress = run, event
            self.changed.emit()
        elif isinstance(event, Progress):
            self._on_over(run)

    def _on_over(self, run: Run) -> None:
        if run is self._run:
            self._run, self.progress = None, None
            self.changed.emit()
