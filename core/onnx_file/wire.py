"""Protocol Buffers' encoding, as far as files of ONNX need it.

A message is its fields one after another; a field is its number and kind, then its value
(https://protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterable

VARINT, EIGHT_BYTES, WITH_LENGTH, FOUR_BYTES = 0, 1, 2, 5
_LONGEST_VARINT = 10


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte; a negative one as its 64-bit complement."""
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def whole(field: int, number: int) -> bytes:
    """A field with a whole number."""
    return varint(field << 3 | VARINT) + varint(number)


def real(field: int, number: float) -> bytes:
    """A field with a 32-bit float."""
    return varint(field << 3 | FOUR_BYTES) + struct.pack("<f", number)


def message(field: int, *parts: bytes) -> bytes:
    """A field with a message, or with bytes, that these parts make up."""
    return b"".join((header(field, sum(map(len, parts))), *parts))


def header(field: int, length: int) -> bytes:
    """What stands before the bytes of a field that is so long."""
    return varint(field << 3 | WITH_LENGTH) + varint(length)


def text(field: int, value: str) -> bytes:
    """A field with a text."""
    return message(field, value.encode("utf-8"))


def wholes(field: int, numbers: Iterable[int]) -> bytes:
    """A field that repeats, with whole numbers."""
    return b"".join(whole(field, number) for number in numbers)


def read_varint(data: bytes, place: int) -> tuple[int, int]:
    """The number at this place, and the place behind it.

    Raises:
        ValueError: there is none, or it is longer than a number can be.
    """
    number = 0
    for count in range(_LONGEST_VARINT):
        if place + count >= len(data):
            raise ValueError("it ends within a number")
        byte = data[place + count]
        number |= (byte & 0x7F) << (7 * count)
        if not byte & 0x80:
            return number, place + count + 1
    raise ValueError("it holds a number that is too long")
