"""A label file that is watched, so that what other programs write into it is seen at once."""

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

_LOOK_AFTER_MS = 150


class DiskWatch(QObject):
    """Watches one file and its folder: a file that is replaced is another one."""

    changed = Signal()
    """A moment after the first of several changes; they may be of other files in the folder."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        # One look for the many changes of a folder that is being pre-labelled.
        self._soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._soon.timeout.connect(self.changed)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_changed)
        self._watcher.directoryChanged.connect(self._on_changed)

    def watch(self, path: Path | None) -> None:
        """Watches this file from now on, also where it is not there yet; None: nothing."""
        if watched := self._watcher.files() + self._watcher.directories():
            self._watcher.removePaths(watched)
        self._path = path
        self.look_anew()

    def look_anew(self) -> None:
        """Watches the file that is there now, where it was replaced or has come."""
        if self._path is None:
            return
        wanted = {str(_nearest_folder(self._path))}
        if self._path.exists():
            wanted.add(str(self._path))
        if missing := wanted - set(self._watcher.files() + self._watcher.directories()):
            self._watcher.addPaths(sorted(missing))

    def leave(self) -> None:
        """Says nothing any more."""
        self._soon.stop()
        self._watcher.blockSignals(True)

    def _on_changed(self, _path: str) -> None:
        self.look_anew()
        if not self._soon.isActive():
            self._soon.start()


def _nearest_folder(path: Path) -> Path:
    """The folder of a file, or the nearest one above it that is there."""
    return next((folder for folder in path.parents if folder.is_dir()), path.parent)
