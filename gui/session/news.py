"""News of what models see: a pre-label or an evaluation has ended, and all of it is on the disk."""

from PySide6.QtCore import QObject, Signal

from core.configs import EvaluateConfig
from gui.runs import ProcessRun, Run
from gui.session.batch_run import Batch
from gui.session.session import Session


class News(QObject):
    """Tells those who look through many images when it is time to look again."""

    came = Signal(object)
    """The Run that has ended."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        session.run_started.connect(self._follow)

    def _follow(self, run: Run) -> None:
        is_evaluation = isinstance(run, ProcessRun) and isinstance(run.config, EvaluateConfig)
        if is_evaluation or isinstance(run, Batch):
            run.ended.connect(lambda _: self._on_ended(run))

    def _on_ended(self, run: Run) -> None:
        self._session.work.when_written(lambda _: None, lambda _: self.came.emit(run))
