"""Whether the disk and the memory have room for a fine-tune: arithmetic on numbers that are given.

A model's weights are counted as often as a run holds them. What its pictures take comes on top, and
is found out by trying.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.readiness.finding import Finding, warning

_GB = 1_000_000_000
_STATES: Mapping[str, int] = MappingProxyType({"adamw": 2, "sgd": 1})
"""How many numbers an optimizer keeps for each weight: two moments (Kingma and Ba 2015), or a
momentum."""


def disk_bytes(weights_bytes: int, *, optimizer: str = "adamw", keeps_mean: bool = True) -> int:
    """What a run writes at most at a time: last.pth and best.pth, each beside its next one.

    Args:
        weights_bytes: of the weights in full precision.
        optimizer: of the config.
        keeps_mean: whether the running mean of the weights is kept too.
    """
    last = weights_bytes * (1 + _STATES[optimizer] + keeps_mean)
    return 2 * (last + weights_bytes)


def memory_bytes(weights_bytes: int, *, optimizer: str = "adamw", keeps_mean: bool = True) -> int:
    """What the weights take while they learn, pictures left out: themselves, their gradients, the
    optimizer's numbers, and their mean.

    Args:
        weights_bytes: of the weights in full precision.
        optimizer: of the config.
        keeps_mean: whether the running mean of the weights is kept too.
    """
    return weights_bytes * (2 + _STATES[optimizer] + keeps_mean)


def of_disk(free_bytes: int | None, needed_bytes: int) -> tuple[Finding, ...]:
    """What is to be said of the disk that the run folder lies on.

    Args:
        free_bytes: of that disk; None where the system does not say.
        needed_bytes: as `disk_bytes` has it.
    """
    if free_bytes is None or free_bytes >= needed_bytes:
        return ()
    return (
        warning(
            f"{_gb(free_bytes)} are free on the disk of the run, and its checkpoints can take"
            f" {_gb(needed_bytes)}.",
            "Make room, or put the run on another disk. If the disk is full while it runs, it stops"
            " with the last whole checkpoint, and can go on from there.",
        ),
    )


def of_memory(device: str, free_bytes: int | None, needed_bytes: int) -> tuple[Finding, ...]:
    """What is to be said of the memory that the model learns in.

    Args:
        device: as a person calls it.
        free_bytes: of its memory; None where nothing tells.
        needed_bytes: as `memory_bytes` has it.
    """
    if free_bytes is None or free_bytes >= needed_bytes:
        return ()
    return (
        warning(
            f"{device} has {_gb(free_bytes)} of memory free, and the weights alone take"
            f" {_gb(needed_bytes)} while they learn.",
            "Close what else uses it, or begin with smaller weights.",
        ),
    )


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / _GB:.1f} GB"
