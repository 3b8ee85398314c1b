"""A search as a person types it becomes a Query, or a sentence that says what is wrong where."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import AppError
from core.query.terms import FIELDS, FieldKind, FieldSpec, Query, Term

_TERM = re.compile(
    r"""
    (?P<minus>-)?
    (?: (?P<name>[A-Za-z]+) (?P<operator><=|>=|[:=<>]) )?
    (?P<value> (?: "[^"]*" | [^\s"] )* )
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r'((?:"[^"]*"|[^",])*)(,|$)')


@dataclass(frozen=True, slots=True)
class _Found:
    """The pieces of one term and where it begins in the text."""

    at: int
    is_negated: bool
    name: str
    operator: str
    value: str


def parse(text: str) -> Query:
    """What a person asks for.

    Raises:
        AppError: it cannot be understood; the sentence says where, and what to write instead.
    """
    return Query(tuple(_term(found) for found in _found(text)))


def _found(text: str) -> Iterator[_Found]:
    if text.count('"') % 2:
        raise _wrong("A quotation mark is open", text.rindex('"'), 'Close it with another ".')
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TERM.match(text, place)
        if match is None or match.end() == place:  # cannot be: every character fits a value
            raise _wrong(f"“{text[place]}” cannot be understood", place, "Take it away.")
        yield _Found(
            place,
            bool(match["minus"]),
            (match["name"] or "").casefold(),
            match["operator"] or "",
            match["value"],
        )
        place = match.end()


def _term(found: _Found) -> Term:
    if not found.name:
        return _word(found)
    spec = FIELDS.get(found.name)
    if spec is None:
        names = ", ".join(FIELDS)
        raise _wrong(
            f"“{found.name}” is nothing that can be asked for",
            found.at,
            f"Ask for {names}; put it in quotes if it is a piece of a path.",
        )
    operator = "=" if found.operator == ":" else found.operator
    if operator != "=" and spec.kind is not FieldKind.NUMBER:
        raise _wrong(
            f"“{found.name}” is no number and cannot be compared with {operator}",
            found.at,
            f"Write it like {spec.example}.",
        )
    values = tuple(_value(spec, one, found) for one in _pieces(found.value))
    if len(values) > 1 and operator != "=":
        raise _wrong(
            f"“{found.name}” is compared with several numbers", found.at, "Give it one alone."
        )
    return Term(spec.name, operator, values, found.is_negated)


def _word(found: _Found) -> Term:
    word = _bare(found.value)
    if not word:
        raise _wrong(
            "A minus stands alone" if found.is_negated else "There is nothing in the quotes",
            found.at,
            "Write what the path must have in it, or not.",
        )
    return Term("", "=", (word,), found.is_negated)


def _value(spec: FieldSpec, text: str, found: _Found) -> str:
    value = _bare(text)
    if not value:
        raise _wrong(f"After “{found.name}” comes nothing", found.at, f"Write {spec.example}.")
    if spec.kind is FieldKind.NUMBER:
        return _number(spec, value, found)
    if spec.kind is FieldKind.CHOICE and value not in spec.choices:
        raise _wrong(
            f"“{value}” is no value of {found.name}",
            found.at,
            f"Write one of {', '.join(spec.choices)}.",
        )
    return value


def _number(spec: FieldSpec, text: str, found: _Found) -> str:
    """A score may be written in percent, as the window shows it."""
    is_score = spec.name == "score"
    number = text.removesuffix("%") if is_score else text
    if not _is_number(number):
        raise _wrong(f"“{text}” is no number", found.at, f"Write it like {spec.example}.")
    if number != text:
        return f"{float(number) / 100:g}"
    if is_score and float(number) > 1:
        raise _wrong(
            "A score is at most 1", found.at, f"Write it like {spec.example}, or score<60%."
        )
    return number


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _pieces(value: str) -> list[str]:
    """The values between commas that stand in no quotes."""
    found, place = [], 0
    while match := _PIECE.match(value, place):
        found.append(match[1])
        if not match[2]:
            break
        place = match.end()
    return found


def _bare(text: str) -> str:
    return text.replace('"', "").strip().casefold()


def _wrong(what: str, at: int, help_: str) -> AppError:
    return AppError(f"{what} (character {at + 1}). {help_}")
