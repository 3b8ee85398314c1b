"""Files of weights that nobody trusts, read."""

import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import AppError
from core.maskrcnn.safe_pickle import PickledArray, read_pickle
from core.types import Json

_ZIP = b"PK\x03\x04"
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How files begin that torch wrote before 1.6: a pickle of its magic number."""
_LEFT_OUT = ("anchor_generator.cell_anchors", "pixel_mean", "pixel_std", "num_batches_tracked")
"""What some checkpoints hold and the config says, or nobody needs."""
_NOT_EXTRA = frozenset({"model", "optimizer", "scheduler", "trainer", "iteration", "class_names"})
_BROKEN = (
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    EOFError,
    OverflowError,
    MemoryError,
    ImportError,
    struct.error,
    zipfile.BadZipFile,
)
"""What torch raises on a file that is broken, or no file of torch's at all."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightsFile:
    """What a file of weights holds."""

    path: Path
    state: Mapping[str, Tensor]
    """By detectron2's names, on the CPU; floats are float32."""
    iteration: int | None = None
    class_names: tuple[str, ...] = ()
    """In the order of the model's classes; empty where the file does not say."""
    extras: Mapping[str, Json] = field(default_factory=dict)
    """What else the file says in text and numbers."""


def read_weights(path: Path) -> WeightsFile:
    """Reads detectron2's checkpoints (.pth), its zoo's files (.pkl) and those written here.

    A folder stands for the checkpoint that its file last_checkpoint names. What a file is, its
    content says, not its name. No code of a file ever runs.

    Raises:
        AppError: there is no such file, it is broken, it holds anything but weights, or it is in
            a layout that is not read.
    """
    path = _in_folder(Path(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_OLD_TORCH))
        if size == 0:
            raise AppError(f"{path.name} is empty. Download or copy it again.")
        if start.startswith((_ZIP, _OLD_TORCH)):
            content = _read_torch(path, size, is_zip=start.startswith(_ZIP))
        else:
            content = read_pickle(path)
    except OSError as error:
        raise AppError(f"The weights {path} cannot be read: {error.strerror}.") from error
    return _weights_file(path, content, size)


def _in_folder(path: Path) -> Path:
    if not path.is_dir():
        if path.exists():
            return path
        raise AppError(f"There are no weights at {path}.")
    try:
        # Only its last part: a folder of somebody else's must not point outside itself.
        named = (path / "last_checkpoint").read_text(encoding="utf-8").strip()
        name = named.replace("\\", "/").rsplit("/", 1)[-1]
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(
            f"The folder {path} has no readable file last_checkpoint that names its newest "
            "weights. Choose a file of weights in it."
        ) from error
    if not name or not (path / name).is_file():
        raise AppError(f"The folder {path} names {name!r} as its newest weights, and it is gone.")
    return path / name


def _read_torch(path: Path, size: int, *, is_zip: bool) -> Json:
    try:
        if is_zip:
            _check_zip(path, size)
        # Numbers of numpy are what detectron2's hooks leave in "trainer".
        with torch.serialization.safe_globals(_numpy_scalars()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of files that are refused below, in a sentence
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        # torch's own words advise to read the file all the same, which is the one thing not to do
        asked = re.search(r"GLOBAL ([\w.]+)", str(error))
        what = f" (it asks for {asked[1]})" if asked else ""
        raise AppError(
            f"{path.name} was not read, as it holds something else than numbers{what}. Such a file "
            "is broken or made to do harm. Get the weights from another place."
        ) from error
    except _BROKEN as error:
        raise AppError(
            f"{path.name} is broken or no file of weights: {_first_line(error)} Download or copy "
            "it again."
        ) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0][:200] if lines else type(error).__name__).rstrip(".") + "."


def _numpy_scalars() -> list[Any]:
    scalar = np.dtype("f8").type(0).__reduce__()[0]
    names = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    types = [type(np.dtype(code)) for code in ("f4", "f8", "i4", "i8", "?")]
    return [*((scalar, name) for name in names), np.dtype, *types]


def _check_zip(path: Path, size: int) -> None:
    """torch stores, it never compresses; what unpacks to more than its file is a trap."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("its parts are compressed, which torch never does")
    if sum(entry.file_size for entry in entries) > size:
        raise ValueError("its parts claim to be larger than the file")


def _weights_file(path: Path, content: Json, size: int) -> WeightsFile:
    if not isinstance(content, Mapping):
        raise AppError(f"{path.name} holds no weights, but something else. Choose another file.")
    state = content.get("model", content)
    if "blobs" in content or "model_state" in content or not isinstance(state, Mapping):
        raise AppError(
            f"{path.name} is in the layout of Caffe2 or pycls, which is not read. Choose weights "
            "that detectron2 wrote, .pth or its model zoo's .pkl."
        )
    named = {str(name): value for name, value in state.items()}
    tensors = dict(_tensors(path, named, size))
    if content.get("matching_heuristics"):
        tensors = _as_backbone(path, tensors)
    if not tensors:
        raise AppError(f"{path.name} holds no weights. Choose another file.")
    extras = {
        str(key): value
        for key, value in content.items()
        if state is not content and key not in _NOT_EXTRA and _is_simple(value)
    }
    iteration = content.get("iteration")
    return WeightsFile(
        path,
        tensors,
        iteration if isinstance(iteration, int) else None,
        _names(content.get("class_names")),
        extras,
    )


def _tensors(path: Path, state: Mapping[str, Any], size: int) -> Iterator[tuple[str, Tensor]]:
    has_prefix = bool(state) and all(name.startswith("module.") for name in state)
    total = 0
    for name, value in state.items():
        name = name.removeprefix("module.") if has_prefix else name
        if any(part in name for part in _LEFT_OUT) or not isinstance(value, Tensor | PickledArray):
            continue
        count, width = _extent(value)
        if isinstance(value, Tensor) and not _is_plain(value):
            raise AppError(
                f"{path.name} holds {name} in a form that no weights have (sparse, quantised or"
                " complex). Choose another file."
            )
        # Views can repeat one number without end; unfolded they would fill the memory.
        total += count * width
        if total > size:
            raise AppError(f"{path.name} claims to hold more than its size. Copy it again.")
        yield name, _as_tensor(value)


def _is_plain(value: Tensor) -> bool:
    is_array = value.layout == torch.strided and not value.is_nested and not value.is_meta
    return is_array and not value.is_quantized and not value.is_complex()


def _extent(value: Tensor | PickledArray) -> tuple[int, int]:
    """How many numbers, and bytes each."""
    if isinstance(value, Tensor):
        return value.numel(), value.element_size()
    return (value.value.size, value.value.itemsize) if value.value is not None else (0, 0)


def _as_tensor(value: Tensor | PickledArray) -> Tensor:
    """A copy that nothing else holds; floats of other widths become float32."""
    if isinstance(value, PickledArray):
        array = np.zeros(0) if value.value is None else value.value
        # Not every machine's byte order, nor every array's memory, is one that torch takes.
        value = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
    value = value.detach()
    dtype = torch.float32 if value.is_floating_point() else value.dtype
    return value.to(dtype, copy=True).contiguous()


def _as_backbone(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A bare ResNet, as detectron2 converts torchvision's, under the names it has in the model."""
    if "stem.conv1.weight" not in tensors:
        raise AppError(
            f"{path.name} names its parameters as Caffe2 does, which is not read. Choose weights "
            "that detectron2 wrote, .pth or its model zoo's detection models."
        )
    return {f"backbone.bottom_up.{name}": value for name, value in tensors.items()}


def _is_simple(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, str | int | float) for item in value)
    return value is None or isinstance(value, str | int | float)


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return tuple(value)
    return ()
