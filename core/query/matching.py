"""Which images of a folder, and which of their instances, a query finds.

All is done by columns over all instances at once: half a million of them take a few milliseconds.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.instance_rows import ROW, STATES, Rows, notes_of, rows_from, rows_of
from core.project import LabelSummary
from core.query.terms import FIELDS, FieldKind, Query, Term
from core.types import ImageLabels, ImageState, LabelClass, Split

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SHOWN_DIGITS = 2
_ROUNDING = 1e-6
"""Of scores, which are kept in four bytes."""
_NOTHING = LabelSummary()
_IMAGE_STATES = tuple(ImageState)
_SPLITS = (*Split, "none")
_Found = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SearchTable:
    """What is known of images and their instances, by columns."""

    keys: Sequence[str]
    """Of the N images."""
    states: npt.NDArray[np.uint8]
    """(N,) the place of an image's state in ImageState."""
    splits: npt.NDArray[np.uint8]
    """(N,) the place of its split in train, val, test, none."""
    counts: npt.NDArray[np.int64]
    """(N,) how many instances an image has."""
    rows: Rows
    """(M,) of all images, one after the other."""
    notes: Mapping[int, str]
    """In small letters, by the place of their row."""
    class_ids: Mapping[str, frozenset[int]]
    """By the names in small letters."""

    @property
    def image_of(self) -> npt.NDArray[np.int64]:
        """(M,) the place of the image of each row."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


def table_of(
    keys: Sequence[str],
    summaries: Mapping[str, LabelSummary],
    *,
    classes: Iterable[LabelClass],
    splits: Mapping[str, Split],
) -> SearchTable:
    """The table of these images; one without a summary counts as untouched."""
    known = [summaries.get(key, _NOTHING) for key in keys]
    state_of = {state: place for place, state in enumerate(_IMAGE_STATES)}
    split_of = {split: place for place, split in enumerate(_SPLITS)}
    none = split_of["none"]
    ids: dict[str, frozenset[int]] = {}
    for one in classes:
        name = one.name.casefold()
        ids[name] = ids.get(name, frozenset()) | {one.id}
    counts = np.fromiter((len(one.rows) for one in known), np.int64, len(known)) // ROW.itemsize
    starts = np.cumsum(counts) - counts
    return SearchTable(
        keys,
        np.fromiter((state_of[one.state] for one in known), np.uint8, len(known)),
        np.fromiter(
            (split_of[splits[key]] if key in splits else none for key in keys), np.uint8, len(keys)
        ),
        counts,
        rows_from(b"".join(one.rows for one in known)),
        {
            int(start) + place: note.casefold()
            for one, start in zip(known, starts, strict=True)
            if one.notes
            for place, note in enumerate(one.notes)
        },
        ids,
    )


def matches(query: Query, table: SearchTable) -> _Found:
    """(N,) bool, the images that the query finds."""
    found = _of_paths(query, table.keys)
    for term in query.of_image:
        found &= _turned(term, _of_images(term, table))
    if query.of_instance:
        are_all_negated = all(term.is_negated for term in query.of_instance)
        rows = matching_rows(query, table)
        if are_all_negated:
            rows = ~rows  # no instance may be as one of the terms says
        there = np.bincount(table.image_of[rows], minlength=len(table.keys)) > 0
        found &= ~there if are_all_negated else there
    return found


def finds_path(query: Query, key: str) -> bool:
    """Whether the path of an image has the words of a query in it."""
    path = key.casefold()
    return all((term.values[0] in path) is not term.is_negated for term in query.words)


def matching_rows(query: Query, table: SearchTable) -> _Found:
    """(M,) bool, the instances for which every term about instances holds."""
    found = np.ones(len(table.rows), np.bool_)
    for term in query.of_instance:
        found &= _turned(term, _of_instances(term, table))
    return found


def instances_found(
    query: Query, labels: ImageLabels, *, classes: Sequence[LabelClass]
) -> list[bool]:
    """For each instance of one image whether the query finds it.

    Words are looked for in the names of the classes and in the notes, not in a path; terms about
    images hold for this one, which is taken for one without a split.
    """
    rows = rows_of(labels.instances).tobytes()
    summary = LabelSummary(labels.state, rows=rows, notes=notes_of(labels.instances))
    table = table_of(("",), {"": summary}, classes=classes, splits={})
    found = matching_rows(query, table)
    found &= all(_turned(term, _of_images(term, table))[0] for term in query.of_image)
    names = {one.id: one.name.casefold() for one in classes}
    texts = [f"{names.get(one.class_id, '')} {one.note.casefold()}" for one in labels.instances]
    return [
        bool(is_found)
        and all((term.values[0] in text) is not term.is_negated for term in query.words)
        for is_found, text in zip(found, texts, strict=True)
    ]


def _turned(term: Term, found: _Found) -> _Found:
    return ~found if term.is_negated else found


def _of_paths(query: Query, keys: Sequence[str]) -> _Found:
    if not query.words:
        return np.ones(len(keys), np.bool_)
    return np.fromiter((finds_path(query, key) for key in keys), np.bool_, len(keys))


def _of_images(term: Term, table: SearchTable) -> _Found:
    if term.field == "image":
        return np.isin(table.states, [_IMAGE_STATES.index(ImageState(v)) for v in term.values])
    if term.field == "split":
        return np.isin(table.splits, [_SPLITS.index(one) for one in term.values])
    return _compared(term, table.counts)


def _of_instances(term: Term, table: SearchTable) -> _Found:
    if term.field == "score" and term.operator == "=":
        return _shown_as(term, table.rows["score"])
    if FIELDS[term.field].kind is FieldKind.NUMBER:
        return _compared(term, table.rows[term.field])
    if term.field == "class":
        ids = frozenset[int]().union(*(table.class_ids.get(one, ()) for one in term.values))
        return np.isin(table.rows["class_id"], list(ids))
    if term.field == "state":
        return np.isin(table.rows["state"], [STATES.index(one) for one in term.values])
    if term.field == "crowd":
        return np.isin(table.rows["crowd"], [one == "yes" for one in term.values])
    found = np.zeros(len(table.rows), np.bool_)
    found[[place for place, note in table.notes.items() if _has(note, term.values)]] = True
    return found


def _compared(term: Term, column: npt.NDArray[Any]) -> _Found:
    compare = _COMPARE[term.operator]
    found = np.zeros(len(column), np.bool_)
    for number in term.numbers:
        found |= compare(column, number)
    return found


def _shown_as(term: Term, scores: npt.NDArray[Any]) -> _Found:
    """Scores are shown with two digits, of which "=" cannot mean the others."""
    found = np.zeros(len(scores), np.bool_)
    for value, number in zip(term.values, term.numbers, strict=True):
        digits = max(len(value.partition(".")[2]), _SHOWN_DIGITS)
        found |= np.abs(scores - number) <= 0.5 * 10.0**-digits + _ROUNDING
    return found


def _has(note: str, values: tuple[str, ...]) -> bool:
    return any(one in note for one in values)
