"""Files of weights that nobody trusts, read."""

import contextlib
import mmap
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import AppError
from core.maskrcnn.eight_bits import in_floats
from core.maskrcnn.file_kinds import kind_of
from core.maskrcnn.newest import file_of
from core.maskrcnn.safe_pickle import (
    BrokenError,
    PickledArray,
    RefusedError,
    read_pickle,
    refusal_of,
)
from core.maskrcnn.state_names import (
    from_caffe2,
    in_place,
    is_caffe2,
    rows_of_background,
    without_wrappers,
)
from core.maskrcnn.torch_file import (
    OLD_START,
    ZIP_START,
    OddTensor,
    PickledTensor,
    read_old,
    read_zip,
)
from core.types import Json

_LOOKED_AT_BYTES = 512
_LONGEST_PARAMETER = 300
_STATE_KEYS = ("model", "state_dict", "model_state_dict", "model_state", "module", "blobs")
"""Where in a file the parameters are, one inside the other at most this often:"""
_MOST_STATE_KEYS = 3
_LEFT_OUT = ("anchor_generator.cell_anchors", "pixel_mean", "pixel_std")
"""What some checkpoints hold and the config says."""
_NOT_EXTRA = frozenset({*_STATE_KEYS, "optimizer", "scheduler", "trainer", "iteration"})
_NOT_EXTRA |= {"class_names", "matching_heuristics"}
_PYCLS = re.compile(r"s\d\.b\d+\.|stem\.conv\.")
_CLASSES = "roi_heads.box_predictor.cls_score."
_Whole = PickledTensor | PickledArray
_Value = PickledTensor | PickledArray | OddTensor
_DTYPES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


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
    """Reads detectron2's checkpoints (.pth), its zoo's and Detectron's files (.pkl), and our own.

    A folder stands for the checkpoint that its file last_checkpoint names. What a file is, its
    content says, not its name. No code of a file ever runs, and what it takes of memory is about
    its own size. Names come without what training wrapped the model in, and those of Caffe2 as
    detectron2 converts them.

    Raises:
        AppError: there is no such file, it is broken, it holds anything but weights, or it is in
            a layout that is not read.
    """
    path = file_of(Path(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT_BYTES)
        if size == 0:
            raise AppError(f"{path.name} is empty. Download or copy it again.")
        if kind := kind_of(start, size):
            raise AppError(f"{path.name} holds no weights of detectron2: it is {kind}.")
        if not start.startswith((ZIP_START, OLD_START)):
            return _weights_file(path, read_pickle(path), size)
        # its numbers are copied from the map of the file, which must stay open until then
        with _mapped(path) as content:
            return _weights_file(path, _read_torch(path, content), size)
    except MemoryError as error:
        raise AppError(
            f"There is too little memory to read {path.name}, which has {size / 1e6:,.0f} MB. Close"
            " other programs and try again."
        ) from error
    except OSError as error:
        raise AppError(f"The weights {path} cannot be read: {error.strerror}.") from error


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        yield content
    finally:
        # what is raised may still hold a part of it; then it is closed with the last of them
        with contextlib.suppress(BufferError):
            content.close()


def _read_torch(path: Path, content: mmap.mmap) -> Json:
    try:
        return read_zip(content) if content[:4] == ZIP_START else read_old(content)
    except (RefusedError, BrokenError) as error:
        raise refusal_of(path, error) from error


def _weights_file(path: Path, content: Json, size: int) -> WeightsFile:
    if not isinstance(content, Mapping):
        raise AppError(f"{path.name} holds no weights, but something else. Choose another file.")
    found = dict(_found(path, _state_of(content), size))
    if not found:
        raise AppError(f"{path.name} holds no weights. Choose another file.")
    state = {name: _as_tensor(value) for name, value in in_place(_renamed(found)).items()}
    state = in_floats(path, state)
    extras = {
        str(key): value
        for key, value in content.items()
        if str(key) not in state and key not in _NOT_EXTRA and _is_simple(value)
    }
    iteration = content.get("iteration")
    return WeightsFile(
        path,
        state,
        iteration if type(iteration) is int else None,
        _names(content.get("class_names")),
        extras,
    )


def _state_of(content: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The part of a file that holds the parameters; all of it where none is named so."""
    for _ in range(_MOST_STATE_KEYS):
        inner = next((content[key] for key in _STATE_KEYS if key in content), None)
        if not isinstance(inner, Mapping):
            break
        content = inner
    return {str(name): value for name, value in content.items()}


def _found(path: Path, state: Mapping[str, Any], size: int) -> Iterator[tuple[str, _Whole]]:
    """The parameters by their names in the file, checked."""
    total = 0
    for name, value in without_wrappers(state).items():
        if any(part in name for part in _LEFT_OUT) or not isinstance(value, _Value):
            continue
        if len(name) > _LONGEST_PARAMETER or not name.isprintable():
            raise AppError(
                f"{path.name} names what it holds as no model does. Choose another file."
            )
        if isinstance(value, OddTensor):
            raise AppError(
                f"{path.name} holds {name} in a form that no weights have (sparse, quantised or"
                " complex). Choose another file."
            )
        if isinstance(value, PickledArray) and value.value is None:
            raise AppError(f"{path.name} is broken: {name} has no numbers. Copy it again.")
        # Views can repeat one number without end; unfolded they would fill the memory.
        total += _n_bytes(value)
        if total > size:
            raise AppError(f"{path.name} claims to hold more than its size. Copy it again.")
        yield name, value


def _n_bytes(value: PickledTensor | PickledArray) -> int:
    if isinstance(value, PickledTensor):
        return value.count * value.storage.width
    return 0 if value.value is None else value.value.nbytes


def _renamed(found: Mapping[str, _Whole]) -> Mapping[str, _Whole]:
    """Under detectron2's names, where the file has Caffe2's."""
    if not is_caffe2(found):
        if any(_PYCLS.match(name) for name in found):
            raise AppError(
                "These weights name their parameters as pycls does, which is not read. Choose"
                " weights of a Mask R-CNN or Faster R-CNN that detectron2 wrote."
            )
        return found
    renamed = {}
    for name, wanted in from_caffe2(found):
        value, n_rows = found[name], rows_of_background(wanted)
        if n_rows and isinstance(value, PickledArray) and value.value is not None:
            rows = value.value
            # Detectron counts the background first, detectron2 last, and has no box or mask of it
            last = [rows[:n_rows]] if wanted.startswith(_CLASSES) else []
            value = PickledArray(np.concatenate([rows[n_rows:], *last]))
        renamed[wanted] = value
        if name.endswith("_bn_s") and f"{name[:-1]}rm" not in found and n_rows == 0:
            # its batch norms have no statistics: they are in their scale and shift
            norm, count = wanted.removesuffix("weight"), _n_bytes(value) // 4
            renamed[f"{norm}running_mean"] = PickledArray(np.zeros(count, np.float32))
            renamed[f"{norm}running_var"] = PickledArray(np.ones(count, np.float32))
    return renamed


def _as_tensor(value: PickledTensor | PickledArray) -> Tensor:
    """A copy that nothing else holds; floats of other widths become float32."""
    if isinstance(value, PickledTensor):
        tensor = _of_file(value)
    else:
        array = np.zeros(0) if value.value is None else value.value
        # Not every machine's byte order, nor every array's memory, is one that torch takes.
        tensor = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
    dtype = torch.float32 if tensor.is_floating_point() else tensor.dtype
    try:
        return tensor.to(dtype, copy=True).contiguous()
    except RuntimeError as error:  # nothing else is left that could go wrong
        raise MemoryError from error


def _of_file(value: PickledTensor) -> Tensor:
    """The tensor over the bytes of the file."""
    storage = value.storage
    dtype = _DTYPES[storage.kind]
    if value.count == 0 or storage.content is None:
        return torch.zeros(value.size, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the file must not be written to: nobody does
        flat = torch.frombuffer(storage.content[: storage.count * storage.width], dtype=dtype)
    shown = flat.as_strided(value.size, value.stride, value.offset)
    if not storage.is_big_endian:
        return shown
    # of what it shows only: thousands of tensors may each show a part of one row
    bytes_of = shown.contiguous().view(-1).view(torch.uint8)
    return bytes_of.view(-1, storage.width).flip(1).contiguous().view(dtype).view(value.size)


def _is_simple(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, str | int | float) for item in value)
    return value is None or isinstance(value, str | int | float)


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return tuple(value)
    return ()
