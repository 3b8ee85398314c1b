"""Reads what torch.save wrote, as data: torch's own reader is not asked.

Both of its layouts are read: the zip of today, and the row of pickles that it wrote before 1.6.
The numbers stay where they are in the file until they are asked for.
"""

import io
import mmap
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from core.maskrcnn.safe_pickle import (
    NUMPY,
    BrokenError,
    Called,
    Name,
    RefusedError,
    call,
    run_pickle,
)
from core.types import Json

ZIP_START = b"PK\x03\x04"
OLD_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How files begin that torch wrote before 1.6: a pickle of its magic number."""

_MOST_DIRECTORY_BYTES = 8_000_000
"""Of a zip's table of contents: 80,000 parts. Each takes ten times its bytes in memory."""
_NO_ZIP = (
    zipfile.BadZipFile,
    struct.error,
    ValueError,
    OverflowError,
    RuntimeError,
    OSError,
)
"""What zipfile raises: RuntimeError where a file is encrypted, or of a version of zip that Python
does not know; OverflowError where a place is further away than any file goes on."""
_MOST_DIMENSIONS = 16
_LARGEST_SIDE = 1 << 48
"""Of a tensor, and of all its numbers together."""
_WIDTHS = {
    "FloatStorage": 4,
    "DoubleStorage": 8,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "LongStorage": 8,
    "IntStorage": 4,
    "ShortStorage": 2,
    "CharStorage": 1,
    "ByteStorage": 1,
    "BoolStorage": 1,
}
"""What torch calls rows of numbers, and bytes of each number."""
_ODD_WIDTHS = {
    "ComplexFloatStorage": 8,
    "ComplexDoubleStorage": 16,
    "QInt8Storage": 1,
    "QUInt8Storage": 1,
    "QInt32Storage": 4,
    "UntypedStorage": 1,
}
"""The same of those that no weights have."""
_ODD_REBUILDERS = (
    "_rebuild_sparse_tensor",
    "_rebuild_sparse_csr_tensor",
    "_rebuild_qtensor",
    "_rebuild_nested_tensor",
    "_rebuild_meta_tensor_no_storage",
    "_rebuild_tensor_v3",
)
_DTYPES: tuple[str, ...] = (
    *(f"float{bits}" for bits in (16, 32, 64)),
    *(f"int{bits}" for bits in (8, 16, 32, 64)),
    *("bfloat16", "uint8", "bool", "complex64", "complex128"),
    *("strided", "sparse_coo", "sparse_csr"),
)
"""Names that stand in a file as they are, of numbers and of layouts."""
_PLAIN_TYPES = ("int", "float", "bool", "str", "list", "dict", "tuple")
"""What a defaultdict may be told to begin with."""


@dataclass(slots=True)
class Storage:
    """A row of numbers in the file."""

    kind: str
    """As torch calls it, FloatStorage say."""
    count: int
    content: memoryview | None = None
    """Its bytes; None until they are found."""
    is_big_endian: bool = False

    @property
    def width(self) -> int:
        """Bytes of each number."""
        return _WIDTHS.get(self.kind) or _ODD_WIDTHS[self.kind]


@dataclass(frozen=True, slots=True)
class PickledTensor:
    """A tensor as the file describes it, over numbers that are there."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many numbers it shows."""
        count = 1
        for side in self.size:
            count *= side
        return count


@dataclass(frozen=True, slots=True)
class OddTensor:
    """A tensor of a form that no weights have: sparse, quantised, complex ..."""


def read_zip(content: mmap.mmap) -> Json:
    """What today's torch.save wrote; tensors are PickledTensor, over the content.

    Raises:
        RefusedError: it holds anything but containers, numbers and tensors.
        BrokenError: it is not whole, or no such file.
    """
    try:
        parts = _parts(content)
    except _NO_ZIP as error:
        raise BrokenError("its table of contents is missing or wrong") from error
    pickles = [name for name in parts if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise BrokenError("it is an archive of something else: unpack it first")
    folder = pickles[0].removesuffix("data.pkl")
    if f"{folder}constants.pkl" in parts:
        raise RefusedError("is a program of TorchScript, not a file of weights")
    is_big_endian = bytes(parts.get(f"{folder}byteorder", b"")) == b"big"
    storages: dict[str, Storage] = {}

    def found(description: object) -> Storage:
        key, storage = _described(description, storages)
        if storage.content is None:
            storage.content = parts.get(f"{folder}data/{key}")
            storage.is_big_endian = is_big_endian
            _check_is_whole(storage)
        return storage

    pickle = parts[pickles[0]]
    return run_pickle(io.BytesIO(pickle), len(pickle), _TORCH, persistent=found)


def read_old(content: mmap.mmap) -> Json:
    """What torch.save wrote before 1.6, as read_zip: four pickles, the keys of rows, the rows."""
    stream, size = cast(IO[bytes], content), len(content)
    for _ in range(3):  # its magic number, its version, and what machine wrote it
        about = run_pickle(stream, size, NUMPY)
    is_big_endian = isinstance(about, dict) and about.get("little_endian") is False
    storages: dict[str, Storage] = {}

    def found(description: object) -> Storage:
        return _described(description, storages)[1]

    value = run_pickle(stream, size, _TORCH, persistent=found)
    keys = run_pickle(stream, size, NUMPY)
    at, whole = stream.tell(), memoryview(content)
    for key in keys if isinstance(keys, list) else ():
        storage = storages.get(key) if isinstance(key, str) else None
        if storage is None:
            raise BrokenError()
        end = at + 8 + int.from_bytes(whole[at : at + 8], "little") * storage.width
        if end > size:
            raise BrokenError("it ends too early")
        storage.content, storage.is_big_endian = whole[at + 8 : end], is_big_endian
        at = end
    for storage in storages.values():
        _check_is_whole(storage)
    return value


def _described(description: object, storages: dict[str, Storage]) -> tuple[str, Storage]:
    """The row that a pickle points to, and its key; the same for the same key."""
    match description:
        # the fourth is where it lay, on a GPU say; the last a part of another row, long unused
        case ("storage", Name(_, kind), str(key), str(), int(count)) if count >= 0:
            pass
        case ("storage", Name(_, kind), str(key), str(), int(count), None) if count >= 0:
            pass
        case _:
            raise BrokenError()
    if kind not in _WIDTHS and kind not in _ODD_WIDTHS:
        raise BrokenError()
    storage = storages.setdefault(key, Storage(kind, count))
    if (storage.kind, storage.count) != (kind, count):
        raise BrokenError("two of its parts contradict each other")
    return key, storage


def _check_is_whole(storage: Storage) -> None:
    if storage.content is None or len(storage.content) < storage.count * storage.width:
        raise BrokenError("some of its numbers are missing")


def _parts(content: mmap.mmap) -> dict[str, memoryview]:
    """The parts of a zip by their names, as they lie in it. torch stores, it never compresses."""
    with zipfile.ZipFile(cast(IO[bytes], _Sparing(content))) as archive:
        entries = archive.infolist()
    whole = memoryview(content)
    parts: dict[str, memoryview] = {}
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise BrokenError("it is a compressed archive, which torch never writes: unpack it")
        at = entry.header_offset
        if at < 0 or whole[at : at + 4] != ZIP_START or entry.filename in parts:
            raise BrokenError("its table of contents is wrong")
        name_length, extra_length = struct.unpack("<HH", whole[at + 26 : at + 30])
        start = at + 30 + name_length + extra_length
        parts[entry.filename] = whole[start : start + entry.file_size]
        if len(parts[entry.filename]) != entry.file_size:
            raise BrokenError("its parts claim to be larger than the file")
    if sum(map(len, parts.values())) > len(whole):
        raise BrokenError("its parts claim to be larger than the file")
    return parts


class _Sparing:
    """A file that zipfile reads a table of contents from, and none that is too long: it has several
    places for how long it is, and which of them counts is zipfile's to know."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self.seek, self.tell = content.seek, content.tell

    def read(self, n: int = -1) -> bytes:
        if n > _MOST_DIRECTORY_BYTES:
            raise BrokenError("its table of contents is longer than one of weights can be")
        return self._content.read(n if n >= 0 else None)


def _tensor(arguments: tuple[Any, ...]) -> PickledTensor | OddTensor:
    match arguments:
        case (Storage() as storage, int(offset), tuple(size), tuple(stride), *_):
            if storage.kind not in _WIDTHS:
                return OddTensor()
            _check_extent(storage, offset, size, stride)
            return PickledTensor(storage, offset, size, stride)
    raise RefusedError("holds a tensor that is put together from something else than numbers")


def _check_extent(
    storage: Storage, offset: int, size: tuple[Any, ...], stride: tuple[Any, ...]
) -> None:
    """A tensor must not show what lies outside of its row."""
    sides = (offset, *size, *stride)
    if len(size) != len(stride) or len(size) > _MOST_DIMENSIONS:
        raise BrokenError("a tensor has an impossible shape")
    if not all(type(side) is int and 0 <= side <= _LARGEST_SIDE for side in sides):
        raise BrokenError("a tensor has an impossible shape")
    numbers, last = 1, offset
    for side, step in zip(size, stride, strict=True):
        numbers *= max(side, 1)
        last += max(side - 1, 0) * step
    if numbers > _LARGEST_SIDE or (0 not in size and last >= storage.count):
        raise BrokenError("a tensor claims to be larger than its numbers")


def _parameter(arguments: tuple[Any, ...]) -> PickledTensor | OddTensor:
    match arguments:
        case (PickledTensor() | OddTensor() as tensor, *_):
            return tensor
    raise RefusedError("holds a parameter that is no tensor")


def _with_attributes(arguments: tuple[Any, ...]) -> Any:
    """A tensor that somebody gave attributes, which are left where they are."""
    match arguments:
        case (Name("torch._utils", name) as made, Name(), tuple(inner), _) if name in _PLAIN:
            return call(_TORCH, made, inner)
    raise RefusedError("holds a tensor of a kind of its own")


def _odd_tensor(_: tuple[Any, ...]) -> OddTensor:
    return OddTensor()


def _size(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    match arguments:
        case (tuple(sides),):
            return sides
    raise RefusedError("holds a size that is none")


def _device(arguments: tuple[Any, ...]) -> str:
    match arguments:
        case (str(kind), *_):
            return kind
    raise RefusedError("holds a device that is none")


def _empty_dict(_: tuple[Any, ...]) -> Json:
    return {}


def _set(arguments: tuple[Any, ...]) -> Json:
    match arguments:
        case (list(items),):
            return items
    raise RefusedError("holds a set that is none")


_PLAIN = ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter")
_TORCH: Mapping[tuple[str, str], Called | None] = {
    **NUMPY,
    **{(module, kind): None for module in ("torch", "torch.cuda") for kind in _WIDTHS},
    **{("torch", kind): None for kind in _ODD_WIDTHS},
    ("torch.storage", "UntypedStorage"): None,
    **{("torch", name): None for name in (*_DTYPES, "Tensor")},
    ("torch.nn.parameter", "Parameter"): None,
    ("torch", "Size"): _size,
    ("torch", "device"): _device,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("torch._tensor", "_rebuild_from_type_v2"): _with_attributes,
    ("torch.serialization", "_get_layout"): _device,
    **{("torch._utils", name): _odd_tensor for name in _ODD_REBUILDERS},
    **{(module, name): None for module in ("builtins", "__builtin__") for name in _PLAIN_TYPES},
    **{(module, "set"): _set for module in ("builtins", "__builtin__")},
    ("collections", "defaultdict"): _empty_dict,
}
"""The names that torch's files are made of."""
