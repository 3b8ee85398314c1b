"""Images that come into a project: under a safe name, never over another file."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.atomic import TEMPORARY_SUFFIX, make_folder, reason_of
from core.errors import AppError

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(1, 10))]
)
_FORBIDDEN = frozenset('<>:"|?*')


def safe_key(wished: str) -> str:
    """The wished key with every part made a name that all systems can have.

    Raises:
        AppError: it is absolute, has a drive, goes up, or names nothing.
    """
    as_windows = PureWindowsPath(wished)
    path = PurePosixPath(as_windows.as_posix())
    leads_out = bool(as_windows.drive or as_windows.root or path.is_absolute())
    if leads_out or ".." in path.parts or not path.parts or "\0" in wished:
        raise AppError(
            f"{wished!r} is not taken in: the name of an image must stay inside the folder."
        )
    return "/".join(_safe_part(part) for part in path.parts)


def _safe_part(part: str) -> str:
    text = part.encode(errors="replace").decode()
    text = "".join("_" if one in _FORBIDDEN or ord(one) < 32 else one for one in text)
    text = text.rstrip(". ") or "_"
    if text.partition(".")[0].rstrip().casefold() in _RESERVED:
        text = f"_{text}"
    # A hidden name would never be seen again by a scan.
    return f"_{text}" if text.startswith(".") else text


def copy_in(source: Path, folder: Path, wished: str) -> str:
    """Copies an image into a folder and gives its key.

    A file of that name with the same bytes is taken as this one; with others, the copy gets a
    number.

    Raises:
        AppError: the name leads out of the folder, or the copy fails.
    """
    key = safe_key(wished)
    try:
        if not folder.is_dir():
            raise AppError(f"{source} was not taken in: the folder {folder} is not there any more.")
        for candidate in _names(key):
            target = folder / candidate
            _check_inside(target, folder)
            if os.path.lexists(target):
                if target.is_file() and _are_equal(source, target):
                    return candidate
                continue
            make_folder(target.parent)
            if _was_placed(source, target):
                return candidate
    except OSError as error:
        raise AppError(f"{source} was not copied to {folder}: {reason_of(error)}.") from error
    raise AppError(f"{source} was not copied to {folder}: every name for it is taken.")


def _check_inside(target: Path, folder: Path) -> None:
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise AppError(f"{target} is not written: a link leads out of {folder}.")


def _names(key: str) -> Iterator[str]:
    stem, suffix = os.path.splitext(key)
    yield key
    for number in range(2, 100_000):
        yield f"{stem}_{number}{suffix}"


def _are_equal(a: Path, b: Path) -> bool:
    if a.stat().st_size != b.stat().st_size:
        return False
    with a.open("rb") as one, b.open("rb") as other:
        while piece := one.read(1 << 20):
            if piece != other.read(1 << 20):
                return False
    return True


def _was_placed(source: Path, target: Path) -> bool:
    """Puts a whole copy in place; False where another process took the name meanwhile."""
    temporary = target.with_name(f".{os.getpid()}-{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        shutil.copyfile(source, temporary)
        try:
            os.link(temporary, target)  # unlike a rename, fails where the name is taken
        except FileExistsError:
            return False
        except OSError:  # disks without hard links
            if os.path.lexists(target):
                return False
            os.replace(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return True
