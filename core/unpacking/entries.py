"""The files of a folder or a zip that nobody trusts, by their names, to be read one by one."""

import contextlib
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.atomic import reason_of
from core.errors import AppError

CHUNK_BYTES = 1 << 20
_MOST_ENTRIES = 500_000
"""A pack may come back with all its images."""
_DEEPEST = 6
"""Folders below the one that is given in which a run is looked for."""
_MOST_BYTES = 1 << 38
_SUSPECT_BYTES, _MOST_RATIO = 1 << 27, 200
"""A zip that unpacks to more than this and to so many times its size is a trap: weights do not get
smaller by packing, and a log gets some 20 times smaller."""
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f]|^[A-Za-z]:|^/|(^|/)\.\.(/|$)")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError,
    RuntimeError,
)  # fmt: skip
"""What zipfile raises on a zip that is broken, or packed in a way that it does not know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One regular file."""

    name: str
    """Its path below the folder or in the zip, with forward slashes."""
    n_bytes: int
    open: Callable[[], IO[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, and no more of them than it has by its own account.

        Raises:
            AppError: it cannot be read, or it is broken.
        """
        left = self.n_bytes
        try:
            with self.open() as stream:
                while left > 0 and (chunk := stream.read(min(CHUNK_BYTES, left))):
                    left -= len(chunk)
                    yield chunk
        except OSError as error:
            raise AppError(f"{self.name} cannot be read: {reason_of(error)}.") from error
        except _BROKEN as error:
            raise AppError(
                f"{self.name} is broken ({error}): copy or download it again."
            ) from error
        if left:
            raise AppError(f"{self.name} breaks off: copy or download it again.")

    def content(self, most_bytes: int) -> bytes:
        """All of it.

        Raises:
            AppError: it is larger than that, or cannot be read.
        """
        if self.n_bytes > most_bytes:
            raise AppError(f"{self.name} is larger than such a file can be.")
        return b"".join(self.chunks())


@contextlib.contextmanager
def entries_of(path: Path) -> Generator[tuple[Entry, ...], None, None]:
    """The files of a folder, or of a zip, readable while this is open.

    Raises:
        AppError: there is neither, it is broken, or it holds what could lead out of its folder: a
            link, a path with "..".
    """
    if path.is_dir():
        yield tuple(_in_folder(path))
        return
    if not path.is_file():
        raise AppError(f"There is nothing at {path}. Name a run's folder, or a zip of one.")
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise AppError(f"{path} cannot be read: {reason_of(error)}.") from error
    except _BROKEN as error:
        raise AppError(
            f"{path.name} is no zip, or a broken one ({error}). Name a run's folder, or a zip of"
            " one; if it is one, copy or download it again."
        ) from error
    with archive:
        yield tuple(_in_zip(archive, path))


def _in_folder(root: Path) -> Iterator[Entry]:
    n_seen = 0
    for folder, folders, names in os.walk(root):
        place = Path(folder).relative_to(root)
        if len(place.parts) >= _DEEPEST:
            folders.clear()
        for name in sorted((*folders, *names)):
            n_seen += 1
            _require_few(n_seen, str(root))
            file = Path(folder) / name
            told = file.lstat()
            if stat.S_ISREG(told.st_mode):
                yield Entry((place / name).as_posix(), told.st_size, _opener(file))
            elif stat.S_ISLNK(told.st_mode):
                # Its name is kept, so that a run with a link in it is refused and others are not.
                yield Entry((place / name).as_posix(), 0, _refuser(file))


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    # A link that took the file's place since it was looked at is not followed.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return lambda: os.fdopen(os.open(file, flags), "rb")


def _refuser(file: Path) -> Callable[[], IO[bytes]]:
    def refuse() -> IO[bytes]:
        raise AppError(f"{file} is a link, which is not followed: put the file itself there.")

    return refuse


def _in_zip(archive: zipfile.ZipFile, path: Path) -> Iterator[Entry]:
    infos = archive.infolist()
    _require_few(len(infos), path.name)
    total = sum(info.file_size for info in infos)
    if total > _MOST_BYTES or (
        total > _SUSPECT_BYTES and total > _MOST_RATIO * path.stat().st_size
    ):
        raise AppError(
            f"{path.name} would unpack to {total >> 20} MB, far more than its size can hold."
            " Nothing was unpacked."
        )
    seen = set()
    for info in infos:
        name = info.filename.replace("\\", "/")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if _BAD_NAME.search(name):
            raise AppError(
                f"{path.name} holds {name!r}, a path that leads out of it. Nothing was unpacked."
            )
        if info.is_dir() or kind == stat.S_IFDIR:
            continue
        if kind not in (0, stat.S_IFREG):
            raise AppError(
                f"{path.name} holds {name!r}, which is a link or no file at all. Zip the files"
                " themselves. Nothing was unpacked."
            )
        if info.flag_bits & 1:
            raise AppError(f"{path.name} asks for a password: zip the run without one.")
        if name.casefold() in seen:
            raise AppError(f"{path.name} holds {name!r} twice. Nothing was unpacked.")
        seen.add(name.casefold())
        yield Entry(name, info.file_size, _zip_opener(archive, info))


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _require_few(number: int, name: str) -> None:
    if number > _MOST_ENTRIES:
        raise AppError(f"{name} holds more files than a run can have: name the run itself.")
