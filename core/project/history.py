"""Files that were about to be replaced or could not be put in place, kept below .maskloop."""

import os
from datetime import UTC, datetime
from pathlib import Path

from core.atomic import make_folder, reason_of, write_atomically
from core.errors import AppError


class History:
    """Copies of label files by image, each named after the moment it was kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """.maskloop/history."""

    def keep(self, key: str, data: bytes, *, why: str = "") -> Path:
        """Keeps these bytes for an image and gives the file they are in.

        The same bytes are kept once.

        Args:
            key: the image's key, or the name of another file of the project.
            data: what to keep.
            why: a word that becomes part of the file's name.

        Raises:
            AppError: they cannot be kept; then what they come from must not be replaced.
        """
        folder = self.folder / key
        make_folder(folder)
        for kept in sorted(folder.glob("*.json")):
            if _same(kept, data):
                return kept
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = folder / f"{now}{'.' + why if why else ''}.json"
        write_atomically(path, data)
        return path

    def kept(self, key: str) -> tuple[Path, ...]:
        """The files kept for an image, oldest first."""
        return tuple(sorted((self.folder / key).glob("*.json")))


def _same(path: Path, data: bytes) -> bool:
    try:
        return os.path.getsize(path) == len(data) and path.read_bytes() == data
    except OSError as error:
        raise AppError(f"{path} cannot be read: {reason_of(error)}.") from error
