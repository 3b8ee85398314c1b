"""The file of the visits: one JSON object a line, and it only grows.

It holds times, names of images and weights, and counts; nothing of the person.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from core.atomic import make_folder, reason_of
from core.effort.visits import Visit
from core.errors import AppError
from core.types import Json

_VERSION = 1
_MOST = 2.0**53
_COUNTS = ("at_s", "actions", "accepted", "edited", "drawn", "rejected", "vertices")


class EffortLog:
    """The visits of a project. One process writes; any thread may call."""

    def __init__(self, hidden_folder: Path) -> None:
        """The file below a project's .maskloop."""
        self.path = hidden_folder / "effort.jsonl"

    def append(self, visit: Visit) -> None:
        """Writes a visit behind those that are there.

        Raises:
            AppError: it cannot be written.
        """
        line = json.dumps({"version": _VERSION, **asdict(visit)}, ensure_ascii=False)
        try:
            make_folder(self.path.parent, below=self.path.parent.parent)
            with self.path.open("ab+") as file:
                # behind half a line that a power cut left, which is then one line lost, not two
                begin = b"\n" if _ends_within_a_line(file.name) else b""
                file.write(begin + line.encode("utf-8", "surrogatepass") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise AppError(
                f"What labelling costs cannot be recorded in {self.path}: {reason_of(error)}."
            ) from error

    def read(self) -> tuple[Visit, ...]:
        """All visits, the first one first; lines that cannot be read are left out.

        Raises:
            AppError: the file is there and cannot be read.
        """
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise AppError(f"{self.path} cannot be read: {reason_of(error)}.") from error
        return tuple(_visits(text.splitlines()))


def _ends_within_a_line(name: str) -> bool:
    with open(name, "rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _visits(lines: Iterable[bytes]) -> Iterator[Visit]:
    for line in lines:
        try:
            value = json.loads(line.decode("utf-8", "surrogatepass"))
            if value["version"] == _VERSION:
                yield _visit(value)
        except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
            continue


def _visit(value: Json) -> Visit:
    counts = {name: int(_number(value[name])) for name in _COUNTS}
    return Visit(
        image=str(value["image"]),
        seconds=max(_number(value["seconds"]), 0.0),
        weights=str(value["weights"]),
        ious=tuple(map(_number, value["ious"])),
        **counts,
    )


def _number(value: Json) -> float:
    """One that can be added up: JSON may hold NaN, infinity, and whole numbers of any length."""
    number = float(value)
    if not abs(number) < _MOST:
        raise ValueError(f"{number} is no number of a visit")
    return number
