"""Weights from a seed, the same on every machine and in every program: what goldens were made with.

Nothing but numpy is needed, so that detectron2's own models can be filled by it too.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

SMALL_STEP = ("cls_score.weight", 0.3), ("bbox_pred.weight", 0.01), ("anchor_deltas.weight", 0.01)


def seeded(
    shapes: Iterable[tuple[str, tuple[int, ...]]], seed: int
) -> dict[str, npt.NDArray[np.float32]]:
    """An array for each name, drawn in the order of the names; counts of batches are left out.

    The stream of numpy's RandomState is frozen for good.
    """
    draw = np.random.RandomState(seed)
    return {
        name: _drawn(name, shape, draw).astype(np.float32)
        for name, shape in sorted(shapes)
        if not name.endswith("num_batches_tracked")
    }


def _drawn(
    name: str, shape: tuple[int, ...], draw: np.random.RandomState
) -> npt.NDArray[np.float64]:
    if name.endswith("running_var"):
        return draw.random_sample(shape) * 0.5 + 0.75
    if name.endswith("norm.weight"):
        # or a hundred random blocks overflow
        least = 0.1 if "conv3.norm" in name or "conv2.norm" in name else 0.8
        return draw.random_sample(shape) * 0.4 + least
    if len(shape) == 1:
        is_of_boxes = "bbox_pred" in name or "anchor_deltas" in name
        return np.zeros(shape) if is_of_boxes else draw.standard_normal(shape) * 0.1
    step = next((step for end, step in SMALL_STEP if name.endswith(end)), None)
    scale = step or (2.0 / np.prod(shape[1:])) ** 0.5
    return draw.standard_normal(shape) * scale
