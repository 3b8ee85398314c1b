"""Which settings of runs differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.runs_compared.records import RunRecord
from core.types import Json

_PLACES = frozenset({"folder", "labels_folder", "out"})
"""Where a run is and what it is of: no choice of how it learns."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting, and its value in each run."""

    name: str
    """That of TrainConfig's field."""
    values: tuple[Json, ...]
    """None where a run of an older version has no such setting."""


def differing_settings(records: Sequence[RunRecord]) -> tuple[SettingRow, ...]:
    """The settings that are not the same in all runs, in the order of the config."""
    names = dict.fromkeys(name for one in records for name in one.settings)
    rows = [
        SettingRow(name, tuple(one.settings.get(name) for one in records))
        for name in names
        if name not in _PLACES
    ]
    return tuple(row for row in rows if any(value != row.values[0] for value in row.values))
