"""How far a fall of AP may be off because it was measured on so few images."""

import math
from collections.abc import Collection
from statistics import pvariance
from typing import Any

from core.evaluation.coco import ap_of, counted
from core.evaluation.comparison import Comparison
from core.evaluation.sides import sides_of

_MOST_PARTS = 20


def standard_error(before: Comparison, after: Comparison, task: str) -> float | None:
    """Of the fall of AP from one to the other, in points; None where it cannot be said.

    The jackknife (Efron 1982) over images: each part of them is left out once, so that what both
    models find hard is hard for both.

    Args:
        before: what the one sees in the images.
        after: what the other sees in the same images.
        task: bbox or segm.
    """
    ids = [image["id"] for image in before.truth["images"]]
    falls = []
    for number in range(min(_MOST_PARTS, len(ids))):
        left_out = set(ids[number::_MOST_PARTS])
        was, now = (_ap_without(left_out, one, task) for one in (before, after))
        if was is None or now is None:
            return None
        falls.append(was - now)
    return math.sqrt((len(falls) - 1) * pvariance(falls)) if len(falls) > 1 else None


def _ap_without(ids: Collection[int], compared: Comparison, task: str) -> float | None:
    truth = dict(compared.truth)
    images = [image for image in truth["images"] if image["id"] not in ids]
    if not images:
        return None
    truth |= {"images": images, "annotations": _others(truth["annotations"], ids)}
    numbers = counted(sides_of(truth, _others(compared.detections, ids)))
    found: float | None = ap_of(numbers[task])["AP"]
    return found


def _others(items: Any, ids: Collection[int]) -> list[Any]:
    return [one for one in items if one["image_id"] not in ids]
