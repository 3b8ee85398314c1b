"""Whose names a file of weights bears, told by its start: quick, and torch is not needed."""

from collections.abc import Sequence
from pathlib import Path

_ENOUGH_BYTES = 1 << 20
"""Both a pickle and the zip that torch writes begin with the names, or soon come to them."""
_DETECTRON2 = (b"backbone.bottom_up.", b"backbone.fpn_")
_TORCHVISION = (b"backbone.body.", b"backbone.fpn.")


def has_names_of_detectron2(weights: str) -> bool | None:
    """Whether a file names its parameters as detectron2 does; None where a glance does not say."""
    return _bears(weights, _DETECTRON2, _TORCHVISION)


def has_names_of_torchvision(weights: str) -> bool | None:
    """Whether a file names its parameters as torchvision does; None where a glance does not say."""
    return _bears(weights, _TORCHVISION, _DETECTRON2)


def _bears(weights: str, own: Sequence[bytes], of_others: Sequence[bytes]) -> bool | None:
    if Path(weights).suffix.lower() == ".onnx":
        return False  # networks keep the names of the weights that they were made of
    start = _start_of(Path(weights))
    if any(mark in start for mark in own):
        return True
    return False if any(mark in start for mark in of_others) else None


def _start_of(path: Path) -> bytes:
    """Empty where the file is not there or cannot be read: whoever loads it says what is wrong."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_ENOUGH_BYTES)
    except OSError:
        return b""
