"""Reads pickles of numpy arrays as data: nothing that a file says is ever called or imported.

A pickle is a program for a small machine, and Python's own unpickler runs it with the whole of
Python at hand. This one knows the few instructions that weights need, keeps its memory in a dict
(an index of two thousand million costs nothing), and for the handful of names that arrays are made
of it has its own small values. Everything else ends the reading.
"""

import mmap
import pickletools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from core.errors import AppError
from core.types import Json

Array = npt.NDArray[Any]

_MULTIARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED = frozenset(
    {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("collections", "OrderedDict"),
        ("_codecs", "encode"),
        ("__builtin__", "bytes"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.numeric", "_frombuffer"),
        *((module, name) for module in _MULTIARRAYS for name in ("_reconstruct", "scalar")),
    }
)
_DTYPE = re.compile(r"[<>|=]?([fiu][1248]|b1)")
_MOST_DIMENSIONS = 16


class _ForbiddenError(Exception):
    """The pickle does what no file of weights does; the message ends 'it ...'."""


@dataclass(frozen=True, slots=True)
class _Name:
    module: str
    name: str


class _Mark:
    pass


@dataclass(slots=True)
class _Type:
    """A numpy dtype in the making."""

    code: str
    order: str = ""

    def made(self) -> np.dtype[Any]:
        if not _DTYPE.fullmatch(self.code):
            raise _ForbiddenError(f"holds an array of {self.code[:20]!r} instead of numbers")
        dtype = np.dtype(self.code)
        if self.order == ">":
            return dtype.newbyteorder(">")
        return dtype.newbyteorder("<") if self.order == "<" else dtype


@dataclass(slots=True)
class PickledArray:
    """An array in the making; whole once its bytes are there."""

    value: Array | None = None


def read_pickle(path: Path) -> Json:
    """What a pickle of containers, numbers and arrays holds; arrays are PickledArray.

    Args:
        path: a file that is not empty.

    Raises:
        AppError: it is no such pickle: broken, cut short, or with anything else in it.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        machine = _Machine()
        try:
            return machine.run(content)
        except _ForbiddenError as error:
            raise AppError(
                f"{path.name} was not read, as it {error}. Weights hold numbers and nothing else, "
                "so this file is broken or made to do harm. Get the weights from another place."
            ) from error
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, MemoryError) as error:
            # the words of a KeyError are the key, which says nothing to a person
            why = f": {str(error)[:200]}" if isinstance(error, ValueError) else ""
            raise AppError(
                f"{path.name} is broken or no file of weights{why}. Download or copy it again."
            ) from error


class _Machine:
    """The stack and the memory of the machine that a pickle runs on."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memory: dict[int, Any] = {}

    def run(self, content: mmap.mmap) -> Json:
        # The parser refuses a length beyond the end of the file before it makes room for it.
        for opcode, argument, _ in pickletools.genops(cast(IO[bytes], content)):
            if opcode.name == "STOP":
                return self._pop()
            if opcode.name in _PUSHING:
                self._stack.append(argument)
            elif opcode.name in _ACTIONS:
                _ACTIONS[opcode.name](self, argument)
            else:
                raise _ForbiddenError(f"uses the pickle instruction {opcode.name}")
        raise ValueError("it ends too early")

    def _pop(self) -> Any:
        value = self._stack.pop()
        if isinstance(value, _Mark):
            raise ValueError("its stack is out of order")
        return value

    def _pop_to_mark(self) -> list[Any]:
        values: list[Any] = []
        while not isinstance(top := self._stack.pop(), _Mark):
            values.append(top)
        return values[::-1]

    def mark(self, _: object) -> None:
        self._stack.append(_Mark())

    def pop(self, _: object) -> None:
        self._stack.pop()

    def pop_mark(self, _: object) -> None:
        self._pop_to_mark()

    def nothing(self, _: object) -> None:
        """For instructions that only speed other readers up."""

    def put(self, index: int) -> None:
        self._memory[index] = self._stack[-1]

    def memoize(self, _: object) -> None:
        self._memory[len(self._memory)] = self._stack[-1]

    def get(self, index: int) -> None:
        self._stack.append(self._memory[index])

    def empty_list(self, _: object) -> None:
        self._stack.append([])

    def empty_dict(self, _: object) -> None:
        self._stack.append({})

    def tuple_of(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self._stack.append(tuple(values[::-1]))

    def tuple_to_mark(self, _: object) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def list_to_mark(self, _: object) -> None:
        self._stack.append(self._pop_to_mark())

    def dict_to_mark(self, _: object) -> None:
        items = self._pop_to_mark()
        self._stack.append({})
        self._set(items)

    def append(self, _: object) -> None:
        self._extend([self._pop()])

    def appends(self, _: object) -> None:
        self._extend(self._pop_to_mark())

    def set_item(self, _: object) -> None:
        value = self._pop()
        self._set([self._pop(), value])

    def set_items(self, _: object) -> None:
        self._set(self._pop_to_mark())

    def global_name(self, argument: str) -> None:
        module, name = argument.split(" ", 1)
        self._name(module, name)

    def stack_global(self, _: object) -> None:
        name, module = self._pop(), self._pop()
        self._name(str(module), str(name))

    def reduce(self, _: object) -> None:
        arguments, called = self._pop(), self._pop()
        if not isinstance(called, _Name) or not isinstance(arguments, tuple):
            raise _ForbiddenError("calls something that is no part of an array")
        self._stack.append(_called(called, arguments))

    def build(self, _: object) -> None:
        state = self._pop()
        made = self._stack[-1]
        if isinstance(made, PickledArray) and made.value is None:
            _, shape, dtype, is_fortran, raw = state
            made.value = _array(raw, dtype, shape, "F" if is_fortran else "C")
        elif isinstance(made, _Type):
            _, order, subtype, names, columns = state[:5]
            if any(item is not None for item in (subtype, names, columns)):
                raise _ForbiddenError("holds an array of records instead of numbers")
            made.order = str(order)
        elif not isinstance(made, dict):  # an OrderedDict's attributes say nothing
            raise _ForbiddenError("changes something that is no part of an array")

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise ValueError("it appends to what is no list")
        target.extend(values)

    def _set(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("it sets a key of what is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Hashing a tuple of a million nested tuples ends the process.
            if not isinstance(key, str | int):
                raise ValueError("a key is no text")
            target[key] = value

    def _name(self, module: str, name: str) -> None:
        if (module, name) not in _ALLOWED:
            raise _ForbiddenError(f"asks for {module[:60]}.{name[:60]}")
        self._stack.append(_Name(module, name))


def _called(called: _Name, arguments: tuple[Any, ...]) -> Any:
    match called.name, arguments:
        case "_reconstruct", (_Name("numpy", "ndarray"), *_):
            return PickledArray()
        case "dtype", (str(code), *_):
            return _Type(code)
        case "OrderedDict", ():
            return {}
        case "bytes", ():  # how Python 3 writes none of them for Python 2
            return b""
        case "encode", (str(text), "latin1" | "latin-1"):
            return text.encode("latin-1")
        case "scalar", (_Type() as dtype, raw):
            return _array(raw, dtype, (), "C").item()
        case "_frombuffer", (raw, _Type() as dtype, shape, "C" | "F" as order):
            return PickledArray(_array(raw, dtype, shape, order))
    raise _ForbiddenError(f"calls {called.name} with something else than an array's parts")


def _array(raw: object, dtype: object, shape: object, order: str) -> Array:
    """The array over these very bytes: nothing is copied, nothing is made that is not there."""
    if isinstance(raw, str):  # Python 2 wrote bytes as text
        raw = raw.encode("latin-1")
    if isinstance(raw, list):
        raise _ForbiddenError("holds an array of objects instead of numbers")
    if not isinstance(raw, bytes | bytearray) or not isinstance(dtype, _Type):
        raise ValueError("an array has no bytes")
    if not isinstance(shape, tuple) or len(shape) > _MOST_DIMENSIONS:
        raise ValueError("an array has no shape")
    count = 1
    for side in shape:
        if type(side) is not int or side < 0:
            raise ValueError("an array has an impossible shape")
        count *= side
    made = dtype.made()
    if count * made.itemsize != len(raw):
        raise ValueError(f"an array says it has {count} numbers and has {len(raw)} bytes")
    flat: Array = np.frombuffer(raw, made)
    return flat.reshape(shape, order="F" if order == "F" else "C")


_PUSHING = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"}
    | {"BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING"}
    | {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
)
"""Instructions that push what stands behind them."""

_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine.nothing,
    "FRAME": _Machine.nothing,
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.pop_mark,
    "NONE": lambda machine, _: machine._stack.append(None),
    "NEWTRUE": lambda machine, _: machine._stack.append(True),
    "NEWFALSE": lambda machine, _: machine._stack.append(False),
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "EMPTY_LIST": _Machine.empty_list,
    "EMPTY_DICT": _Machine.empty_dict,
    "EMPTY_TUPLE": lambda machine, _: machine.tuple_of(0),
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "TUPLE": _Machine.tuple_to_mark,
    "LIST": _Machine.list_to_mark,
    "DICT": _Machine.dict_to_mark,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.global_name,
    "STACK_GLOBAL": _Machine.stack_global,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}
