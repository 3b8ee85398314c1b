"""What a search asks of instances, as rows of a table: few bytes each, and compared by the million.

Rows of many images lie one after the other, so that a question is one pass over a column.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.geometry import parts_area
from core.types import Instance, InstanceState

STATES = tuple(InstanceState)
"""The states by the number that stands for each in a row."""
ROW = np.dtype(
    [
        ("class_id", "<i8"),
        ("state", "u1"),
        ("crowd", "?"),
        ("parts", "<u2"),
        ("score", "<f8"),
        ("area", "<f8"),
    ]
)
"""One instance: the id of its class, its state's place in STATES, whether it is a crowd, how many
parts it has, its score (NaN where it has none), and the square pixels that it covers."""
Rows: TypeAlias = npt.NDArray[np.void]
"""(n,) of ROW."""


def rows_of(instances: Sequence[Instance]) -> Rows:
    """A row for each instance, in their order."""
    return np.array([_row(one) for one in instances], dtype=ROW)


def rows_from(packed: bytes) -> Rows:
    """The rows of `rows.tobytes()`, or of several such texts joined; read-only.

    Raises:
        ValueError: they end within a row.
    """
    return np.frombuffer(packed, dtype=ROW)


def with_class_ids(packed: bytes, ids: Mapping[int, int]) -> bytes:
    """The same rows with other ids of classes; `ids` has each one that is there."""
    rows = rows_from(packed).copy()
    rows["class_id"] = [ids[int(one)] for one in rows["class_id"]]
    return rows.tobytes()


def notes_of(instances: Sequence[Instance]) -> tuple[str, ...]:
    """The note of each instance, in their order; nothing at all where none has one."""
    notes = tuple(one.note for one in instances)
    return notes if any(notes) else ()


def _row(one: Instance) -> tuple[int, int, bool, int, float, float]:
    score = np.nan if one.score is None else one.score
    n_parts = min(len(one.parts), np.iinfo(np.uint16).max)
    state = STATES.index(one.state)
    return one.class_id, state, one.crowd, n_parts, score, parts_area(one.parts)
