"""The runs of a project, watched: what comes, goes or is renamed in any window is seen at once."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from core.run_folder import runs_folder

_LOOK_AFTER_MS = 200


class RunsWatch(QObject):
    """Watches the folder of runs, and each run's own: a name is written into that."""

    changed = Signal()
    """A moment after the first of several changes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._soon.timeout.connect(self.changed)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _: self._soon.start())

    def watch(self, labels_folder: Path, runs: Iterable[Path]) -> None:
        """Watches the runs of this project from now on.

        Args:
            labels_folder: the project's; its first run may be still to come.
            runs: their folders.
        """
        of_runs = runs_folder(labels_folder)
        nearest = next((one for one in (of_runs, *of_runs.parents) if one.is_dir()), labels_folder)
        wanted = {str(one) for one in (nearest, *runs) if one.is_dir()}
        watched = set(self._watcher.directories())
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        if new := wanted - watched:
            self._watcher.addPaths(sorted(new))

    def stop(self) -> None:
        """Watches nothing."""
        self._soon.stop()
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
