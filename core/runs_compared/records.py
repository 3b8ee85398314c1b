"""A run as it is compared: all that its folder says."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from core.errors import AppError
from core.events import Event, Metrics
from core.run_folder import RunFolder, Snapshot
from core.types import Json

Curve: TypeAlias = tuple[tuple[int, ...], tuple[float, ...]]
"""Iterations and values."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What one run was told, learnt from, said and came to; empty where it says nothing yet."""

    path: Path
    settings: Mapping[str, Json] = field(default_factory=dict, hash=False)
    """Every choice made; what it was told where it made none."""
    snapshot: Snapshot | None = None
    evaluation: Mapping[str, Json] = field(default_factory=dict, hash=False)
    curves: Mapping[str, Curve] = field(default_factory=dict, hash=False)
    """By the name of the metric."""


def read_record(folder: RunFolder) -> RunRecord:
    """What a run folder says, as far as it can be read."""
    return RunRecord(
        folder.path,
        settings=_settings(folder),
        snapshot=_snapshot(folder),
        evaluation=_evaluation(folder),
        curves=curves_of(folder.read_events().events),
    )


def curves_of(events: Iterable[Event]) -> dict[str, Curve]:
    """Every metric by iteration.

    A run that went on from an earlier iteration says its numbers again: the later word counts, and
    what came after it before is void.
    """
    growing: dict[str, tuple[list[int], list[float]]] = {}
    for event in events:
        if isinstance(event, Metrics):
            for name, value in event.values.items():
                xs, ys = growing.setdefault(name, ([], []))
                while xs and xs[-1] >= event.iteration:
                    del xs[-1], ys[-1]
                xs.append(event.iteration)
                ys.append(value)
    return {name: (tuple(xs), tuple(ys)) for name, (xs, ys) in growing.items()}


def smoothed(curve: Curve, n: int) -> Curve:
    """The means of n points at a time, each at the middle one of them; the curve itself below 2.

    The first and the last point are means of as many as there are around them.
    """
    xs, ys = curve
    if n < 2:
        return curve
    sums = (0.0, *accumulate(ys))
    reach = n // 2
    ends = [(max(0, i - reach), min(len(ys), i + reach + 1)) for i in range(len(ys))]
    return xs, tuple((sums[end] - sums[begin]) / (end - begin) for begin, end in ends)


def _settings(folder: RunFolder) -> Mapping[str, Json]:
    with contextlib.suppress(AppError):
        return _object(folder.read_settings())
    with contextlib.suppress(AppError):
        return _object(folder.read_config()[1])
    return {}


def _snapshot(folder: RunFolder) -> Snapshot | None:
    try:
        return folder.read_snapshot()
    except AppError:
        return None


def _evaluation(folder: RunFolder) -> Mapping[str, Json]:
    try:
        return _object(folder.read_evaluation())
    except AppError:
        return {}


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
