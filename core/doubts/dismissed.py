"""Doubts that a person said are none, kept in .maskloop/dismissed.json."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.atomic import make_folder, write_atomically
from core.doubts.finding import Doubt
from core.errors import AppError
from core.geometry import box_iou
from core.types import Json

_SAME_BOX_IOU = 0.9
_SAME_MISSED_IOU = 0.5
"""Another model draws the same object a little differently."""


@dataclass(frozen=True, slots=True)
class _Dismissed:
    kind: str
    class_id: int
    ids: tuple[str, ...]
    box_xyxy: tuple[float, ...]


class Dismissals:
    """Those of a project. One thread at a time writes; any may ask."""

    def __init__(self, hidden_folder: Path) -> None:
        """Those below a project's .maskloop; a file that makes no sense counts as none."""
        self._path = hidden_folder / "dismissed.json"
        self._of_image, self._is_broken = _read(self._path)

    def left(self, doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
        """Those that nobody dismissed. What was changed since, may be doubted anew."""
        return tuple(one for one in doubts if not self._has(one))

    def add(self, doubts: Iterable[Doubt]) -> None:
        """Remembers these; `write` keeps them."""
        for one in doubts:
            kept = _Dismissed(str(one.kind), one.class_id, one.ids, one.box_xyxy)
            self._of_image[one.key] = (*self._of_image.get(one.key, ()), kept)

    def remove(self, doubts: Iterable[Doubt]) -> None:
        """Forgets these again; `write` keeps that."""
        for one in doubts:
            rest = [kept for kept in self._of_image.get(one.key, ()) if not _is_same(kept, one)]
            self._of_image[one.key] = tuple(rest)

    def write(self) -> None:
        """Writes them; a file that made no sense is kept beside as dismissed.json.broken.

        Raises:
            AppError: they cannot be written.
        """
        value = {
            key: [_to_json(one) for one in kept] for key, kept in self._of_image.items() if kept
        }
        make_folder(self._path.parent, below=self._path.parent.parent)
        if self._is_broken:
            self._set_aside()
        text = json.dumps({"version": 1, "images": value}, ensure_ascii=False)
        write_atomically(self._path, text.encode("utf-8", "backslashreplace"))

    def _set_aside(self) -> None:
        try:
            self._path.replace(self._path.with_name(f"{self._path.name}.broken"))
        except OSError as error:
            raise AppError(f"{self._path} cannot be read or replaced: {error.strerror}.") from error
        self._is_broken = False

    def _has(self, doubt: Doubt) -> bool:
        return any(_is_same(kept, doubt) for kept in self._of_image.get(doubt.key, ()))


def _is_same(kept: _Dismissed, doubt: Doubt) -> bool:
    if (kept.kind, kept.class_id, kept.ids) != (str(doubt.kind), doubt.class_id, doubt.ids):
        return False
    least = _SAME_BOX_IOU if doubt.ids else _SAME_MISSED_IOU
    if kept.box_xyxy == doubt.box_xyxy:
        return True
    return bool(box_iou(np.array([kept.box_xyxy]), np.array([doubt.box_xyxy]))[0, 0] >= least)


def _to_json(one: _Dismissed) -> Json:
    return {
        "kind": one.kind,
        "class_id": one.class_id,
        "ids": list(one.ids),
        "box": list(one.box_xyxy),
    }


def _read(path: Path) -> tuple[dict[str, tuple[_Dismissed, ...]], bool]:
    """Those in the file by image, and whether it is there and makes no sense."""
    try:
        value = json.loads(path.read_bytes())["images"]
        return {str(key): tuple(map(_from_json, kept)) for key, kept in value.items()}, False
    except FileNotFoundError:
        return {}, False
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError,
    ):  # fmt: skip
        return {}, True


def _from_json(value: Json) -> _Dismissed:
    x0, y0, x1, y1 = map(float, value["box"])
    return _Dismissed(
        str(value["kind"]), int(value["class_id"]), tuple(map(str, value["ids"])), (x0, y0, x1, y1)
    )
