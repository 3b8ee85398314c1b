"""Class names from files that people have, read where a large file stops nothing."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.class_names import NamedClass
from core.configs import ClassNamesConfig
from core.events import Failed, Finished
from gui.session.work import Work


class ClassReader(QObject):
    """Reads the classes that a file lists, in a child."""

    read = Signal(object)
    """Sequence of NamedClass."""

    def __init__(self, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work

    def start(self, file: Path | str) -> None:
        """Begins to read; `read` tells, or `work.told` where it fails."""
        run = self._work.start_unseen("class_names", ClassNamesConfig(str(file)))
        run.ended.connect(self._on_ended)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self._work.told.emit(last.sentence)
        elif isinstance(last, Finished) and "classes" in last.result:
            found = last.result["classes"]
            self.read.emit([NamedClass(str(one["name"]), one["id"]) for one in found])
