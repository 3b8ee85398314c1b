"""A graph of ONNX that grows node by node, and becomes a file.

Field numbers and codes are those of onnx.proto (https://github.com/onnx/onnx).
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.onnx_file.wire import header, message, real, text, whole, wholes

Value: TypeAlias = str
"""The name of what a node gives, or of a constant."""
Attribute: TypeAlias = int | float | str | Sequence[int]

OPSET = 17
"""The oldest that has all that is used (RoIAlign at half pixels is of 16)."""
_IR_VERSION = 8  # the one that came with this opset
_CODES: dict[np.dtype[np.generic], int] = {
    np.dtype(name): code
    for name, code in (
        ("float32", 1), ("uint8", 2), ("int8", 3), ("int32", 6), ("int64", 7), ("bool", 9),
        ("float16", 10),
    )
}  # fmt: skip


class Graph:
    """Nodes in their order, constants, and what goes in and out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: list[tuple[bytes, bytes]] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], Value] = {}
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._n_names = 0

    def constant(self, value: npt.ArrayLike, dtype: str = "", *, name: str = "") -> Value:
        """A constant; small ones without a name are kept once.

        Args:
            value: its numbers.
            dtype: numpy's name of its type; empty: as they are.
            name: what it shall be called, which nothing else is.
        """
        array = np.asarray(value, dtype=np.dtype(dtype) if dtype else None)
        array = np.ascontiguousarray(array).reshape(array.shape)  # which makes a list of a number
        key = (array.dtype.name, array.shape, array.tobytes() if array.size < 64 else b"")
        if not name and array.size < 64:
            if key in self._known:
                return self._known[key]
            name = self._known[key] = self._new_name("constant")
        name = name or self._new_name("constant")
        raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        start = wholes(1, array.shape) + whole(2, _CODES[array.dtype]) + text(8, name)
        self._constants.append((start + header(9, len(raw)), raw))
        return name

    def node(self, kind: str, *inputs: Value, **attributes: Attribute) -> Value:
        """What a node of this kind gives; an empty name stands for an input that is left out."""
        return self.nodes(kind, *inputs, count=1, **attributes)[0]

    def nodes(
        self, kind: str, *inputs: Value, count: int, **attributes: Attribute
    ) -> tuple[Value, ...]:
        """All that a node of this kind gives."""
        outputs = tuple(self._new_name(kind) for _ in range(count))
        parts = [text(1, name) for name in inputs]
        parts += [text(2, name) for name in outputs]
        parts += [text(3, outputs[0]), text(4, kind)]
        parts += [message(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(message(1, *parts))
        return outputs

    def add_input(self, name: str, dtype: str, shape: Sequence[str | int]) -> Value:
        """What goes in; a side that has a name may be of any length."""
        self._inputs.append(_described(11, name, dtype, shape))
        return name

    def add_output(self, value: Value, name: str, dtype: str, shape: Sequence[str | int]) -> None:
        """Lets a value out under this name."""
        self._nodes.append(message(1, text(1, value), text(2, name), text(3, name), _IDENTITY))
        self._outputs.append(_described(12, name, dtype, shape))

    def as_bytes(self) -> Iterable[bytes]:
        """The file, in pieces: numbers of a large model are not copied once more."""
        front = [*self._nodes, text(2, self._name)]
        back = [*self._inputs, *self._outputs]
        constants = [
            (header(5, len(start) + len(raw)) + start, raw) for start, raw in self._constants
        ]
        length = sum(map(len, front)) + sum(map(len, back))
        length += sum(len(start) + len(raw) for start, raw in constants)
        yield whole(1, _IR_VERSION) + text(2, "maskloop") + header(7, length)
        yield from front
        for start, raw in constants:
            yield start
            yield raw
        yield from back
        yield message(8, text(1, ""), whole(2, OPSET))

    def _new_name(self, kind: str) -> str:
        self._n_names += 1
        return f"{kind}_{self._n_names}"


_IDENTITY = text(4, "Identity")


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return text(1, name) + whole(3, value) + whole(20, 2)
    if isinstance(value, float):
        return text(1, name) + real(2, value) + whole(20, 1)
    if isinstance(value, str):
        return text(1, name) + text(4, value) + whole(20, 3)
    return text(1, name) + wholes(8, value) + whole(20, 7)


def _described(field: int, name: str, dtype: str, shape: Sequence[str | int]) -> bytes:
    sides = b"".join(
        message(1, text(2, side) if isinstance(side, str) else whole(1, side)) for side in shape
    )
    tensor = whole(1, _CODES[np.dtype(dtype)]) + message(2, sides)
    return message(field, text(1, name), message(2, message(1, tensor)))
