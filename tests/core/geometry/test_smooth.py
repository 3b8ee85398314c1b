"""Rings with softer corners."""

import numpy as np
import pytest
import shapely

from core.geometry import iou, part_area, smooth
from core.types import Part

SQUARE = Part([[10, 10], [110, 10], [110, 110], [10, 110]])
HOLED = Part(SQUARE.outer, (np.array([[40, 40], [80, 40], [80, 80], [40, 80]]),))


def longest_turn(part: Part) -> float:
    """The sharpest corner in radians."""
    steps = np.roll(part.outer, -1, axis=0) - part.outer
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    turns = np.abs((np.diff(angles, append=angles[:1]) + np.pi) % (2 * np.pi) - np.pi)
    return float(turns.max())


def test_no_strength_gives_the_very_same_part() -> None:
    assert smooth(SQUARE, strength=0) is SQUARE


def test_corners_get_softer_with_strength() -> None:
    soft, softer = (smooth(SQUARE, strength=strength) for strength in (0.2, 0.9))

    assert longest_turn(softer) < longest_turn(soft) < longest_turn(SQUARE)
    assert iou((softer,), (SQUARE,)) < iou((soft,), (SQUARE,))
    assert iou((softer,), (SQUARE,)) > 0.85


@pytest.mark.parametrize("part", [SQUARE, HOLED])
def test_it_covers_as_much_as_before(part: Part) -> None:
    softer = smooth(part, strength=1)

    assert part_area(softer) == pytest.approx(part_area(part), rel=0.01)
    assert len(softer.holes) == len(part.holes)
    assert shapely.Polygon(softer.outer, softer.holes).is_valid


def test_bumps_go() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radii = 50 + np.where(np.arange(200) % 2, 2.0, -2.0)
    bumpy = Part(np.stack([80 + radii * np.cos(angles), 80 + radii * np.sin(angles)], axis=1))
    disk = Part(np.array(shapely.Point(80, 80).buffer(50).exterior.coords)[:-1])

    assert iou((smooth(bumpy, strength=0.3),), (disk,)) > 0.98


def test_a_thin_part_stays_valid() -> None:
    thin = Part([[0, 0], [300, 0], [300, 2], [152, 2], [150, 40], [148, 2], [0, 2]])

    softer = smooth(thin, strength=1)

    assert shapely.Polygon(softer.outer).is_valid
