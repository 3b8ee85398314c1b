"""Reads pickles of numbers and arrays as data: nothing that a file says is ever called or imported.

A pickle is a program for a small machine, and Python's own unpickler runs it with the whole of
Python at hand. This one knows the few instructions that weights need, keeps its memory in a dict
(an index of two thousand million costs nothing), and for the handful of names that arrays are made
of it has its own small values. Everything else ends the reading.
"""

import mmap
import pickletools
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from core.errors import AppError
from core.maskrcnn.file_kinds import note_on
from core.types import Json

Array = npt.NDArray[Any]
Called = Callable[[tuple[Any, ...]], Any]
"""What calling a name with these arguments gives here."""

_DTYPE = re.compile(r"[<>|=]?([fiu][1248]|b1)")
_MOST_DIMENSIONS = 16
_LARGEST_SIDE = 1 << 48
_MOST_INSTRUCTIONS = 1_000_000
"""A ResNet-152 with its optimizer takes about 60,000; each may leave a hundred bytes in memory."""
_MOST_BITS = 128
"""Of a whole number; torch's own mark at the start of its old files has 80."""


class RefusedError(Exception):
    """The pickle does what no file of weights does; the message ends 'it ...'."""


class BrokenError(Exception):
    """The file is not whole, or not what it says; the message is a part of a sentence, or empty."""


@dataclass(frozen=True, slots=True)
class Name:
    """A function or class that a pickle names; nothing but its name."""

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
            raise RefusedError("holds an array of something else than numbers")
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
        try:
            return run_pickle(cast(IO[bytes], content), len(content), NUMPY)
        except (RefusedError, BrokenError) as error:
            raise refusal_of(path, error) from error


def refusal_of(path: Path, error: RefusedError | BrokenError) -> AppError:
    """The sentence about a file that was not read."""
    if isinstance(error, BrokenError):
        why = f": {error}" if str(error) else ""
        return AppError(
            f"{path.name} is broken or no file of weights{why}. Download or copy it again."
        )
    return AppError(
        f"{path.name} was not read, as it holds something else than numbers: it {error}. Nothing"
        " of it was run. Get the weights from another place, or let the program that made the"
        " file save only the model's state_dict."
    )


def run_pickle(
    content: IO[bytes],
    size: int,
    names: Mapping[tuple[str, str], Called | None],
    *,
    persistent: Callable[[object], Any] | None = None,
) -> Json:
    """What the pickle says that begins where the content stands; it then stands behind it.

    Args:
        content: a file or a map of one. The parser refuses a length beyond its end before it makes
            room for it.
        size: of the content, in bytes.
        names: the functions and classes that may be named, and what calling each gives; None: it
            is not called.
        persistent: what stands for something that lies outside of the pickle.

    Raises:
        RefusedError: it names, calls or holds anything else.
        BrokenError: it is no pickle, or not whole.
    """
    machine = _Machine(names, persistent, room=size)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of texts that are written oddly: they are read
            return machine.run(content)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError) as error:
        # what the parser says is about its own insides, and says nothing to a person
        is_at_end = isinstance(error, ValueError) and content.tell() >= size
        raise BrokenError("it ends too early" if is_at_end else "") from error


class _Machine:
    """The stack and the memory of the machine that a pickle runs on."""

    def __init__(
        self,
        names: Mapping[tuple[str, str], Called | None],
        persistent: Callable[[object], Any] | None,
        *,
        room: int,
    ) -> None:
        self._names = names
        self._persistent = persistent
        self._room = room
        self._stack: list[Any] = []
        self._memory: dict[int, Any] = {}

    def run(self, content: IO[bytes]) -> Json:
        n_left = _MOST_INSTRUCTIONS
        for opcode, argument, _ in pickletools.genops(content):
            n_left -= 1
            if n_left < 0:
                raise RefusedError("has a million parts and more, as no file of weights has")
            if opcode.name == "STOP":
                return self._pop()
            if opcode.name in _PUSHING:
                if isinstance(argument, int) and argument.bit_length() > _MOST_BITS:
                    raise RefusedError("holds a number larger than any in a file of weights")
                self._stack.append(argument)
            elif opcode.name in _ACTIONS:
                _ACTIONS[opcode.name](self, argument)
            else:
                raise RefusedError(f"holds more than numbers (Python's instruction {opcode.name})")
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
        if not isinstance(name, str) or not isinstance(module, str):
            raise ValueError("a name is no text")
        self._name(module, name)

    def outside(self, _: object) -> None:
        if self._persistent is None:
            raise RefusedError("points to something outside of itself")
        self._stack.append(self._persistent(self._pop()))

    def reduce(self, _: object) -> None:
        arguments, called = self._pop(), self._pop()
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise RefusedError("wants to call something that is no part of an array")
        made = call(self._names, called, arguments)
        if isinstance(made, bytes | dict):
            self._take_room(len(made))
        self._stack.append(made)

    def _take_room(self, n: int) -> None:
        """For what is made anew of the same part of the file, again and again if it says so."""
        self._room -= n
        if self._room < 0:
            raise RefusedError("unfolds to more than its own size")

    def new_object(self, _: object) -> None:
        arguments, called = self._pop(), self._pop()
        is_settings = isinstance(called, Name) and (called.module, called.name) == _SETTINGS
        if not is_settings or not isinstance(arguments, tuple) or arguments:
            raise RefusedError("wants to make something that is no part of an array")
        self._stack.append({})  # what `build` would put in is left out

    def build(self, _: object) -> None:
        state = self._pop()
        made = self._stack[-1]
        if isinstance(made, PickledArray) and made.value is None:
            _, shape, dtype, is_fortran, raw = state
            self._take_room(len(raw) if isinstance(raw, str) else 0)
            made.value = _array(raw, dtype, shape, "F" if is_fortran else "C")
        elif isinstance(made, _Type):
            _, order, subtype, names, columns = state[:5]
            if any(item is not None for item in (subtype, names, columns)):
                raise RefusedError("holds an array of records instead of numbers")
            made.order = order if isinstance(order, str) else ""
        elif not isinstance(made, dict):  # an OrderedDict's attributes say nothing
            raise RefusedError("wants to change something that is no part of an array")

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
        if (module, name) not in self._names:
            raise RefusedError(f"asks for {_shown(module)}.{_shown(name)} ({note_on(module)})")
        self._stack.append(Name(module, name))


def _shown(name: str) -> str:
    """A name of the file's in a sentence: short, and nothing in it that is no letter."""
    return re.sub(r"[^\w.]", "?", name[:60])


def call(
    names: Mapping[tuple[str, str], Called | None], called: Name, arguments: tuple[Any, ...]
) -> Any:
    """What the call of a name gives. Raises RefusedError where it is none that weights make."""
    made = names.get((called.module, called.name))
    if made is None:
        raise RefusedError(f"wants to call {called.name}")
    return made(arguments)


def _odd(name: str) -> RefusedError:
    return RefusedError(f"wants to call {name} with something else than an array's parts")


def _reconstruct(arguments: tuple[Any, ...]) -> PickledArray:
    match arguments:
        case (Name("numpy", "ndarray"), *_):
            return PickledArray()
    raise _odd("_reconstruct")


def _dtype(arguments: tuple[Any, ...]) -> _Type:
    match arguments:
        case (str(code), *_):
            return _Type(code)
    raise _odd("dtype")


def _ordered(arguments: tuple[Any, ...]) -> Json:
    match arguments:
        case ():
            return {}
        case (list(items),):  # how Python 2 writes it
            return dict(map(_pair, items))
    raise _odd("OrderedDict")


def _pair(item: object) -> tuple[str, Any]:
    match item:
        case [str(key), value] | (str(key), value):
            return key, value
    raise ValueError("a key is no text")


def _counted(arguments: tuple[Any, ...]) -> Json:
    """What a scheduler keeps its milestones in."""
    match arguments:
        case (dict(counts),):
            return counts
    raise _odd("Counter")


def _bytes(arguments: tuple[Any, ...]) -> bytes:
    if arguments == ():  # how Python 3 writes none of them for Python 2
        return b""
    raise _odd("bytes")


def _encode(arguments: tuple[Any, ...]) -> bytes:
    match arguments:
        case (str(text), "latin1" | "latin-1"):
            return text.encode("latin-1")
    raise _odd("encode")


def _scalar(arguments: tuple[Any, ...]) -> int | float | bool:
    match arguments:
        case (_Type() as dtype, raw):
            made: int | float | bool = _array(raw, dtype, (), "C").item()
            return made
    raise _odd("scalar")


def _from_buffer(arguments: tuple[Any, ...]) -> PickledArray:
    match arguments:
        case (bytes() | bytearray() as raw, _Type() as dtype, shape, "C" | "F" as order):
            return PickledArray(_array(raw, dtype, shape, order))
    raise _odd("_frombuffer")


def _array(raw: object, dtype: object, shape: object, order: str) -> Array:
    """The array over these very bytes: nothing is copied, nothing is made that is not there."""
    if isinstance(raw, str):  # Python 2 wrote bytes as text
        raw = raw.encode("latin-1")
    if isinstance(raw, list):
        raise RefusedError("holds an array of objects instead of numbers")
    if not isinstance(raw, bytes | bytearray) or not isinstance(dtype, _Type):
        raise ValueError("an array has no bytes")
    if not isinstance(shape, tuple) or len(shape) > _MOST_DIMENSIONS:
        raise ValueError("an array has no shape")
    count = 1
    for side in shape:
        if type(side) is not int or side < 0:
            raise ValueError("an array has an impossible shape")
        count *= side
        if side > _LARGEST_SIDE:
            raise ValueError("an array has an impossible shape")
    made = dtype.made()
    if count * made.itemsize != len(raw):
        raise ValueError(f"an array says it has {count} numbers and has {len(raw)} bytes")
    flat: Array = np.frombuffer(raw, made)
    return flat.reshape(shape, order="F" if order == "F" else "C")


_SETTINGS = ("argparse", "Namespace")
"""What torchvision's training script keeps beside the weights: what it was told."""
NUMPY: Mapping[tuple[str, str], Called | None] = {
    ("numpy", "ndarray"): None,
    _SETTINGS: None,
    ("numpy", "dtype"): _dtype,
    ("collections", "OrderedDict"): _ordered,
    ("collections", "Counter"): _counted,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _bytes,
    **{
        (f"numpy.{core}.{module}", name): called
        for core in ("core", "_core")
        for module, name, called in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _from_buffer),
        )
    },
}
"""The names that arrays of numpy are made of, as old and new numpy call them."""

_PUSHING = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"}
    | {"INT", "LONG", "FLOAT", "STRING", "UNICODE"}
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
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "EMPTY_LIST": _Machine.empty_list,
    "EMPTY_DICT": _Machine.empty_dict,
    "EMPTY_SET": _Machine.empty_list,
    "ADDITEMS": _Machine.appends,
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
    "NEWOBJ": _Machine.new_object,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.outside,
}
