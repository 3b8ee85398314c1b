"""AP of runs beside each other, and whether it was measured on the same images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.runs_compared.records import RunImage, RunRecord
from core.types import Json, Split


@dataclass(frozen=True, slots=True)
class ApRow:
    """One AP of each run, in percent."""

    name: str
    """As in evaluation.json: "AP50", "AP-red"."""
    values: tuple[float | None, ...]
    """None where there is nothing to measure on, or nothing was measured."""


@dataclass(frozen=True, slots=True)
class ValCompared:
    """What several runs were measured on."""

    n_images: tuple[int | None, ...]
    """Val images of each run; None where it does not say."""
    shared: tuple[str, ...]
    """Keys of the images that are val images of all of them."""
    relabelled: tuple[str, ...]
    """Those among them that have other labels in one run than in another."""

    @property
    def is_same(self) -> bool:
        """Whether all were measured on the very same images with the very same labels."""
        return not self.relabelled and all(n == len(self.shared) for n in self.n_images)


def ap_rows(records: Sequence[RunRecord], *, task: str) -> tuple[ApRow, ...]:
    """All AP of the weights that came out, those of classes last.

    Args:
        records: the runs.
        task: segm for masks, bbox for boxes.
    """
    numbers = [_of_task(one.evaluation, task) for one in records]
    names = dict.fromkeys(name for one in numbers for name in one)
    in_order = sorted(names, key=lambda name: name.startswith("AP-"))  # stable
    return tuple(ApRow(name, tuple(_number(one.get(name)) for one in numbers)) for name in in_order)


def val_compared(records: Sequence[RunRecord]) -> ValCompared:
    """Which val images the runs share. Only on those their AP says which one is better."""
    val = [_val_images(one) for one in records]
    there = [one for one in val if one is not None]
    shared: tuple[str, ...] = ()
    if there and len(there) == len(val):
        shared = tuple(key for key in there[0] if all(key in one for one in there))
    relabelled = tuple(key for key in shared if len({one[key].labels for one in there}) > 1)
    return ValCompared(tuple(None if one is None else len(one) for one in val), shared, relabelled)


def _val_images(record: RunRecord) -> Mapping[str, RunImage] | None:
    if record.images is None:
        return None
    return {key: one for key, one in record.images.items() if one.split is Split.VAL}


def _of_task(evaluation: Mapping[str, Json], task: str) -> Mapping[str, Json]:
    numbers = (evaluation.get("after") or {}).get(task)
    return numbers if isinstance(numbers, dict) else {}


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None
