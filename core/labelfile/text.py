"""JSON of unknown origin: bytes to text, text to values, and values to the text labelme writes."""

import json
import re
from collections import Counter
from typing import Final

from core.errors import AppError
from core.types import Json

_DEEPEST: Final = 100
_TOO_DEEP: Final = "The file's values are nested too deep for a label file; it was not opened."
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_HIGH_BYTES: Final = re.compile(rb"[\x80-\xff]+")


def decode_text(data: bytes) -> str:
    """The text of a file that is most likely UTF-8, of any byte order mark, or of an old locale.

    Never raises: where nothing fits, every byte becomes one character.
    """
    return _decoded(data)[0]


def _decoded(data: bytes) -> tuple[str, str]:
    unicode = json.detect_encoding(data)
    for encoding in (unicode, *_locales(data)):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _locales(data: bytes) -> tuple[str, ...]:
    # Chinese text has its high bytes in pairs, western text has lone accents. Most pairs of a
    # western letter and its neighbour are legal gb18030 too, so the order has to be decided.
    runs = [len(run) for run in _HIGH_BYTES.findall(data)]
    pairs = sum(length % 2 == 0 for length in runs)
    return ("gb18030", "cp1252") if 2 * pairs > len(runs) else ("cp1252", "gb18030")


def parse_json(data: bytes) -> tuple[Json, tuple[str, ...]]:
    """The value of a JSON file, and sentences about what was odd in it (encoding, doubled keys).

    NaN and Infinity are read as numbers: who takes numbers has to look.

    Raises:
        AppError: it is not JSON, or nested deeper than any label file is.
    """
    text, encoding = _decoded(data)
    if not text.strip("\0 \t\r\n"):
        raise AppError("The file is empty: restore it from a copy, or delete it to start anew.")
    doubled: set[str] = set()

    def object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        value = dict(pairs)
        if len(value) != len(pairs):
            doubled.update(n for n, count in Counter(n for n, _ in pairs).items() if count > 1)
        return value

    try:
        value = json.loads(text, object_pairs_hook=object_of)
    except RecursionError as error:
        raise AppError(_TOO_DEEP) from error
    except ValueError as error:
        raise AppError(
            f"The file is not whole JSON ({error}): it was probably cut off while it was saved."
            " Restore it from a copy, or delete it to start anew."
        ) from error
    _check_depth(value)
    notes = []
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"The file is not UTF-8; it was read as {encoding}.")
    if doubled:
        names = ", ".join(sorted(doubled))
        notes.append(f"The file names {names} twice in one place; the last one was taken.")
    return value, tuple(notes)


def _check_depth(value: Json) -> None:
    # What loads may still be too deep to be written, so a bound is set here.
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise AppError(_TOO_DEEP)


def to_text(value: Json) -> str:
    """Indented JSON as labelme writes it.

    Lone surrogates are escaped, so that the text can always be written as UTF-8.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
