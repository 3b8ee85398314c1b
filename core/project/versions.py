"""Earlier versions of label files, kept below .maskloop/history to be looked at and brought back.

    history/KEY/20261103T140500.000000Z.json.gz     the label file as it was saved at that moment
    history/KEY/20261103T140500.000000Z.WHY.json    what History kept, at the moment it was kept

A version is kept best effort, after the file that takes its place is written: a full disk or a kill
costs a version, and never a save.
"""

import contextlib
import gzip
import re
import shutil
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.atomic import make_folder, reason_of, write_atomically
from core.errors import AppError
from core.labelfile import read_labelfile
from core.project.places import checked_key
from core.types import ImageLabels, LabelClass

_MOST = 20
"""Of an image, those that History kept not counted."""
_EVERY_S = 300.0
_SPARE_BYTES = 64 << 20
"""What is left of a disk is for label files and the journal."""
_MOST_BYTES = 64 << 20
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6})Z(?:\.(\w+))?\.json(?:\.gz)?")
_TIME = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True)
class Version:
    """What the labels of an image were."""

    name: str
    """Of its file."""
    at: datetime
    """When they were saved, or put aside by History; in UTC."""
    was_put_aside: bool
    """It is a file that something else wrote, or one that could not be put in its place."""


class Versions:
    """The earlier versions of a project's label files. Any thread may ask, one keeps."""

    def __init__(
        self,
        folder: Path,
        *,
        class_id_of: Callable[[str], int],
        classes: Callable[[], tuple[LabelClass, ...]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Versions below the folder of history.

        Args:
            folder: .maskloop/history.
            class_id_of: gives the class of a name, and makes it where it is not there.
            classes: of the project, now.
            clock: seconds that go on.
        """
        self._folder = folder
        self._class_id_of = class_id_of
        self._classes = classes
        self._clock = clock
        self._kept_at: dict[str, float] = {}
        self._strange: dict[str, int] = {}

    def keep(self, key: str, data: bytes, *, saved_at: datetime) -> None:
        """Keeps what was in a label file until now, or does not: nothing is raised.

        The first version that this session replaces is kept, which is what the session before it
        ended with; after that there are five minutes from one to the next.
        """
        now = self._clock()
        if now - self._kept_at.get(key, -_EVERY_S) < _EVERY_S:
            return
        self._kept_at[key] = now
        with contextlib.suppress(AppError, OSError):
            self._write(self._folder / checked_key(key), data, saved_at)

    def keep_next(self, key: str) -> None:
        """Lets what is replaced next be kept, however short the time since the last one is."""
        self._kept_at.pop(key, None)

    def of(self, key: str) -> tuple[Version, ...]:
        """The versions of an image, the latest first. A cut-off file among them reads as broken."""
        try:
            names = sorted(path.name for path in (self._folder / checked_key(key)).iterdir())
        except OSError:
            return ()
        found = [version for name in names if (version := _version_of(name)) is not None]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True))

    def labels_of(
        self, key: str, name: str, *, size_hw: tuple[int, int], makes_classes: bool = False
    ) -> ImageLabels:
        """The labels of a version.

        Args:
            key: of the image.
            name: of the version.
            size_hw: of the image.
            makes_classes: whether classes that it names and that are gone are made anew; else they
                have ids below zero, which no class has.

        Raises:
            AppError: it cannot be read, or a class cannot be made.
        """
        if not _NAME.fullmatch(name):
            raise AppError(f"{name!r} is not the name of an earlier version.")
        data = _bytes_of(self._folder / checked_key(key) / name)
        return read_labelfile(
            data,
            size_hw=size_hw,
            class_id_of=self._class_id_of if makes_classes else self._looked_up(),
            where=name,
        ).labels

    def _looked_up(self) -> Callable[[str], int]:
        there = {one.name: one.id for one in self._classes()}

        def class_id_of(name: str) -> int:
            if name in there:
                return there[name]
            return self._strange.setdefault(name, -2 - len(self._strange))

        return class_id_of

    def _write(self, folder: Path, data: bytes, saved_at: datetime) -> None:
        make_folder(folder, below=self._folder.parent.parent)
        if shutil.disk_usage(folder).free < _SPARE_BYTES:
            return
        own, aside = sorted(folder.glob("*.json.gz")), sorted(folder.glob("*.json"))
        if any(_is_content(path, data) for path in (*own[-1:], *aside[-1:])):
            return
        path = _path_for(folder, saved_at)
        write_atomically(path, gzip.compress(data, 6, mtime=0))
        # the new one stays, also where a copied file says that it was saved long ago
        for old in own[: 1 - _MOST]:
            old.unlink(missing_ok=True)


def _path_for(folder: Path, saved_at: datetime) -> Path:
    """A path that is free; some disks know the time of a file to two seconds only."""
    while (path := folder / f"{saved_at.astimezone(UTC).strftime(_TIME)}Z.json.gz").exists():
        saved_at += timedelta(microseconds=1)
    return path


def _version_of(name: str) -> Version | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Version(name, at, was_put_aside=name.endswith(".json"))


def _is_content(path: Path, data: bytes) -> bool:
    try:
        return _bytes_of(path) == data
    except AppError:
        return False


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                data = gzip.GzipFile(fileobj=file).read(_MOST_BYTES + 1)
            else:
                data = file.read(_MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _not_whole(path) from error
    except OSError as error:
        raise AppError(
            f"The earlier version in {path} cannot be read: {reason_of(error)}."
        ) from error
    if not data:
        raise _not_whole(path)
    if len(data) > _MOST_BYTES:
        raise AppError(
            f"The earlier version in {path} is larger than any label file. Choose another one."
        )
    return data


def _not_whole(path: Path) -> AppError:
    return AppError(
        f"The earlier version in {path} cannot be read: it is not whole. Choose another one."
    )
