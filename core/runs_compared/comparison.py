"""All that differs between runs, at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.runs_compared.measures import ApRow, ValCompared, ap_rows, val_compared
from core.runs_compared.records import RunRecord
from core.runs_compared.settings import SettingRow, differing_settings
from core.runs_compared.training_data import (
    CountRow,
    ImagesCompared,
    differing_counts,
    images_compared,
)

_TASKS = ("segm", "bbox")


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Runs beside each other."""

    records: tuple[RunRecord, ...]
    settings: tuple[SettingRow, ...]
    counts: tuple[CountRow, ...]
    images: ImagesCompared
    val: ValCompared
    ap: Mapping[str, tuple[ApRow, ...]] = field(hash=False)
    """By task: segm, bbox."""


def runs_compared(records: Sequence[RunRecord]) -> RunComparison:
    """What differs between these runs."""
    return RunComparison(
        tuple(records),
        settings=differing_settings(records),
        counts=differing_counts(records),
        images=images_compared(records),
        val=val_compared(records),
        ap={task: ap_rows(records, task=task) for task in _TASKS},
    )
