"""The checkpoint that a folder of detectron2's names as its newest."""

from pathlib import Path

from core.errors import AppError
from core.wording import one_line

LAST = "last_checkpoint"
_LONGEST_NAME_BYTES = 4096


def file_of(path: Path) -> Path:
    """The file of weights at a path: a folder stands for what its last_checkpoint names.

    Raises:
        AppError: there is no such file, or the folder names none that is in it.
    """
    if not path.is_dir():
        if path.is_file():  # and no pipe, which would be waited for without end
            return path
        raise AppError(f"There are no weights at {path}.")
    try:
        if not (path / LAST).is_file():
            raise FileNotFoundError
        # Only its last part: a folder of somebody else's must not point outside itself.
        with (path / LAST).open("rb") as file:
            named = file.read(_LONGEST_NAME_BYTES).decode().strip()
        name = named.replace("\\", "/").rsplit("/", 1)[-1]
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(
            f"The folder {path} has no readable file {LAST} that names its newest weights. Choose"
            " a file of weights in it."
        ) from error
    try:
        is_there = bool(name) and (path / name).is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_there = False
    if not is_there:
        raise AppError(
            f"The folder {path} names {one_line(name)!r} as its newest weights, and it is gone."
            " Choose a file of weights in it."
        )
    return path / name
