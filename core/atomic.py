"""Files written so that a crash leaves the old one or the new one, never half of one."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import AppError
from core.images import IMAGE_SUFFIXES

TEMPORARY_SUFFIX = ".maskloop-tmp"
_SNIFFED_BYTES = 1 << 16
_OF_A_PROJECT = re.compile(rb'"(shapes|next_class_id)"\s*:')
"""What label files and maskloop.json have, and no file of detections or of COCO's has."""

_REASONS = {
    errno.ENOSPC: "the disk is full; make room and save again",
    errno.EDQUOT: "your share of the disk is used up; make room and save again",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "you are not allowed to; check the permissions of the file and its folder",
    errno.EPERM: "you are not allowed to; check the permissions of the file and its folder",
    errno.ENOENT: "it is not there any more (is the disk still connected?)",
    errno.EISDIR: "a folder of this name is in the way; rename it",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.ENAMETOOLONG: "the name is too long for this disk; shorten the image's name",
    errno.EIO: "the disk reports an error; check it and keep a copy of your work",
}


def reason_of(error: OSError) -> str:
    """Why it failed and what helps, as the end of a sentence without its full stop."""
    known = _REASONS.get(error.errno or 0)
    return known or (error.strerror or str(error) or type(error).__name__).rstrip(".")


def as_meant(path: Path) -> Path | str:
    """How a person is told of a file: in a folder that is being made, by its name alone."""
    return path.name if path.parent.name.endswith(TEMPORARY_SUFFIX) else path


def write_atomically(
    path: Path, data: bytes, *, just_before: Callable[[], None] = lambda: None
) -> None:
    """Puts these bytes in the place of the file, or leaves what was there.

    Permissions stay those of the file that is replaced; a symbolic link stays one. The folder is
    not made: a disk that was unplugged must not come back as an empty folder.

    Args:
        path: the file, which may not exist yet.
        data: all of its new content.
        just_before: called when the new file is whole on disk and the old one still in its place;
            what it raises stops the write.

    Raises:
        AppError: the disk is full, read-only or gone, or a folder is in the way.
    """
    with replacement_of(path) as temporary:
        _write_whole(temporary, data)
        just_before()


@contextlib.contextmanager
def replacement_of(path: Path) -> Iterator[Path]:
    """Gives a temporary path to write to, which takes the file's place if nothing is raised.

    What write_atomically promises holds here too.

    Raises:
        AppError: the disk is full, read-only or gone, or a folder is in the way.
    """
    target = Path(os.path.realpath(path))
    # Not made of the target's name, which may already be as long as a name can be.
    temporary = target.with_name(f".{os.getpid()}-{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        with open(temporary, "r+b") as file:
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise AppError(f"{as_meant(path)} was not saved: {reason_of(error)}.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives a temporary folder to fill, which gets this name if nothing is raised.

    Raises:
        AppError: something is there already, or the disk is full, read-only or gone.
    """
    target = Path(os.path.realpath(path))
    make_folder(target.parent)
    temporary = target.with_name(f".{os.getpid()}-{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise AppError(f"{path} is there and is not empty: choose another folder.")
        temporary.mkdir()
        yield temporary
        if target.is_dir():
            target.rmdir()  # Windows puts nothing in the place of a folder
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise AppError(f"{path} was not written: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def require_replaceable(path: Path, *, suffix: str, begins: bytes) -> None:
    """Refuses to write over what cannot be an earlier output: a photo, weights, a label file.

    Args:
        path: what is to be written, which may not exist yet.
        suffix: of such files; what has it may hold anything but labels.
        begins: what such a file begins with, one of these bytes.

    Raises:
        AppError: another kind of file is there, or the name is that of an image.
    """
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise AppError(f"{path} has the name of an image, which it would not be: choose another.")
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return  # nothing is there that could be read; what else is wrong, writing will tell
    is_like_it = path.suffix.lower() == suffix or not start or start[0] in begins
    if not is_like_it or _OF_A_PROJECT.search(start):
        raise AppError(f"{path} is there and is another kind of file: choose another name.")


def remove_file(path: Path) -> None:
    """Removes a file; one that is not there is fine.

    Raises:
        AppError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise AppError(f"{path} was not removed: {reason_of(error)}.") from error


def make_folder(path: Path, *, below: Path | None = None) -> None:
    """Makes a folder and those above it; one that is there is fine.

    Args:
        path: the folder.
        below: one above it that is not made: a disk that was unplugged must not come back as an
            empty folder.

    Raises:
        AppError: it cannot be made.
    """
    if below is not None and not below.is_dir():
        raise AppError(f"The folder {path} cannot be made: {_REASONS[errno.ENOENT]}.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(f"The folder {path} cannot be made: {reason_of(error)}.") from error


def is_leftover(name: str) -> bool:
    """Whether a file of this name is what a killed process left of a write; ours are not."""
    return (
        name.startswith(".")
        and name.endswith(TEMPORARY_SUFFIX)
        and not name.startswith(f".{os.getpid()}-")
    )


def _write_whole(temporary: Path, data: bytes) -> None:
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _O_BINARY, 0o666)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Makes the new name last through a power cut. Windows cannot open folders, and some network
    # disks refuse: the file itself is safe by then.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_O_BINARY = getattr(os, "O_BINARY", 0)
