"""Matches written down by hand."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from core.matches import Found, Matches, Truths


def made(
    truths: Sequence[tuple[int, int]],
    found: Sequence[tuple[int, int, float, int, int]],
    *,
    classes: tuple[str, ...] = ("nut", "fruit"),
    images: tuple[str, ...] = ("a.png", "b.png"),
) -> Matches:
    """Truths as (image, class), detections as (image, class, score, of_class, of_any).

    The truths are called t0, t1 ... and each is ten pixels larger than the one before.
    """
    g, d = len(truths), len(found)
    numbers = [sum(one[0] == before[0] for before in found[:i]) for i, one in enumerate(found)]
    columns = np.array(found, np.float64).reshape(-1, 5)
    index = columns.astype(np.int64)
    of_truths = np.array(truths, np.int64).reshape(-1, 2)
    return Matches(
        "segm", images, classes,
        Truths(
            of_truths[:, 0], of_truths[:, 1], tuple(f"t{i}" for i in range(g)),
            np.arange(g) * 10.0 + 100, np.tile([0.0, 0, 10, 10], (g, 1)),
        ),
        Found(
            index[:, 0], index[:, 1], np.array(numbers, np.int64), columns[:, 2], np.full(d, 90.0),
            np.tile([1.0, 1, 9, 10], (d, 1)), index[:, 3], index[:, 4], np.full(d, 0.75),
        ),
    )  # fmt: skip


@pytest.fixture(name="made")
def made_fixture() -> Callable[..., Matches]:
    return made
