"""Whether a file of ONNX has the parts that are written here, and no others.

A network is a program, and ONNX has parts by which one reads other files (numbers that lie
elsewhere), goes round without end (graphs within nodes) or brings functions of its own. Nothing
that graph.py writes has them, so what has one was changed by somebody.
"""

from collections.abc import Iterator, Mapping

from core.errors import AppError
from core.onnx_file.wire import EIGHT_BYTES, FOUR_BYTES, VARINT, WITH_LENGTH, read_varint

_PARTS: Mapping[str, Mapping[int, str]] = {
    "model": {1: "", 2: "", 7: "graph", 8: "", 14: ""},
    "graph": {1: "node", 2: "", 5: "tensor", 11: "", 12: ""},
    "node": {1: "", 2: "", 3: "", 4: "", 5: "attribute"},
    "attribute": {1: "", 2: "", 3: "", 4: "", 8: "", 20: ""},
    "tensor": {1: "", 2: "", 8: "", 9: ""},
}
"""Of each message the fields that graph.py and about.py write, and what is looked into; empty:
nothing. A file whose fields are only these has no external data, graphs in nodes, or functions."""


def check_structure(network: bytes, name: str) -> None:
    """Looks at each message of a network that its file may be made of.

    Args:
        network: the whole file.
        name: of the file, for what is said of it.

    Raises:
        AppError: it has parts of others, or is broken.
    """
    left = [("model", 0, len(network))]
    while left:
        message, place, end = left.pop()
        try:
            fields = list(_fields(network, place, end))
        except ValueError as error:
            raise AppError(
                f"{name} is broken or no file of ONNX ({error}). Copy it again, or make it anew"
                " from its weights."
            ) from error
        for field, start, stop in fields:
            if field not in _PARTS[message]:
                raise AppError(
                    f"{name} was not loaded: it has parts that no network has which Maskloop writes"
                    f" (field {field} of a {message}). Nothing of it was run. Make it anew from its"
                    " weights: maskloop compact WEIGHTS --to onnx."
                )
            if inner := _PARTS[message][field]:
                left.append((inner, start, stop))


def _fields(data: bytes, place: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Of a message each field's number, and where its value begins and ends."""
    while place < end:
        key, place = read_varint(data, place)
        kind = key & 7
        length = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(kind, 0)
        if kind == WITH_LENGTH:
            length, place = read_varint(data, place)
        elif kind == VARINT:
            length = read_varint(data, place)[1] - place
        elif not length:
            raise ValueError("it is in another form")
        if place + length > end:
            raise ValueError("it ends too early")
        yield key >> 3, place, place + length
        place += length
