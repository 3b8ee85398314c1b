"""One writer for each folder."""

from pathlib import Path

from filelock import FileLock, Timeout

from core.atomic import make_folder, reason_of
from core.errors import AppError


class FolderLock:
    """The right to write into a folder. The system takes it back when the process ends."""

    def __init__(self, path: Path) -> None:
        # thread_local would make a release by another thread do nothing.
        self._lock = FileLock(path, timeout=0, thread_local=False)
        self._path = path

    def take(self) -> str:
        """Takes the lock without waiting; why that is not possible, or an empty string."""
        folder = self._path.parent.parent
        try:
            make_folder(self._path.parent)
            self._lock.acquire()
        except Timeout:
            return (
                f"{folder} is open in another window or program, so it can only be looked at here."
                " Close it there and open it again to change labels."
            )
        except (AppError, NotImplementedError) as error:
            return f"{folder} can only be looked at: {error}"
        except OSError as error:
            return f"{folder} can only be looked at: {reason_of(error)}."
        return ""

    def release(self) -> None:
        """Gives the right back; nothing where it was never had."""
        self._lock.release()
