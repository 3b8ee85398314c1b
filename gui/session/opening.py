"""A folder on its way: opened in a thread, the latest wish only; where that fails, asked again."""

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.events import Failed
from core.project import Project
from gui.runs import ThreadRun
from gui.session.last_time import not_opened


class Opening(QObject):
    """Opens folders."""

    opened = Signal(object)
    """Project, of the latest wish."""
    failed = Signal()
    asked = Signal(object)
    """Notice: why it failed, and a way to try again."""

    def __init__(
        self,
        writer: Executor,
        *,
        try_again: Callable[[Path], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._try_again = try_again
        self._wished = Path()
        # In the writer's thread: a folder that was left a moment ago is given back there first.
        self._running = ThreadRun(_opened_project, writer, latest_only=True, parent=self)
        self._running.reported.connect(self.opened)
        self._running.ended.connect(self._on_ended)

    @property
    def is_going(self) -> bool:
        """Whether a folder is being opened."""
        return self._running.is_going

    def start(self, folder: Path) -> None:
        """Opens this folder."""
        self._wished = folder
        self._running.start(folder)

    def drop(self) -> None:
        """Lets nothing arrive any more."""
        self._running.drop()

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            folder = self._wished
            self.asked.emit(not_opened(last.sentence, lambda: self._try_again(folder)))
            self.failed.emit()


def _opened_project(folder: Path) -> Project:
    return Project.open(folder)
