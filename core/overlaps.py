"""How much instances of one image cover each other, as masks, and which of two lists are a pair."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.geometry import rle_of
from core.types import Instance


def mask_ious(
    ones: Sequence[Instance], others: Sequence[Instance], size_hw: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Mask IoU of each with each other: (N, M) float64.

    Against a crowd among the others it is COCO's: how much of the one lies in the crowd.
    """
    if not ones or not others:
        return np.zeros((len(ones), len(others)))
    # pycocotools compares the masks of those pairs only whose boxes overlap
    ious = coco_mask.iou(
        [rle_of(one.parts, size_hw) for one in ones],
        [rle_of(one.parts, size_hw) for one in others],
        [int(one.crowd) for one in others],
    )
    return np.asarray(ious, dtype=np.float64).reshape(len(ones), len(others))


def pairs_of(
    ious: npt.NDArray[np.float64],
    is_preferred: npt.NDArray[np.bool_],
    *,
    at_least: float,
) -> list[tuple[int, int]]:
    """Pairs of a row and a column, each in one pair at most.

    Args:
        ious: (N, M); pairs below `at_least` are none.
        is_preferred: (N, M), as where the classes are the same: these pairs are made first, the
            larger IoU before the smaller, then all others.
        at_least: IoU.
    """
    rows, columns = np.nonzero(ious >= at_least)
    order = np.lexsort((-ious[rows, columns], ~is_preferred[rows, columns]))
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    found = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in taken_rows and column not in taken_columns:
            found.append((row, column))
            taken_rows.add(row)
            taken_columns.add(column)
    return found


def same_class(ones: Sequence[Instance], others: Sequence[Instance]) -> npt.NDArray[np.bool_]:
    """(N, M) bool: whether the classes are the same."""
    left = np.array([one.class_id for one in ones], dtype=np.int64)
    right = np.array([one.class_id for one in others], dtype=np.int64)
    return np.asarray(left[:, None] == right[None, :], dtype=np.bool_)
