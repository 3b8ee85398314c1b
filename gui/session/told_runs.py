"""Which runs a person was told of: that they are done, or that they can go on."""

import contextlib
from pathlib import Path

_MARK = "told"
"""The file in a run folder that is there when the window has spoken of it."""


def was_told(run_folder: Path) -> bool:
    """Whether the window has spoken of this run."""
    return (run_folder / _MARK).exists()


def mark_told(run_folder: Path) -> None:
    """Remembers that the window has spoken of this run, where the disk allows it."""
    with contextlib.suppress(OSError):
        (run_folder / _MARK).touch()


def forget_told(run_folder: Path) -> None:
    """It goes on: of its end nobody has heard."""
    with contextlib.suppress(OSError):
        (run_folder / _MARK).unlink(missing_ok=True)
