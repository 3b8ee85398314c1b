"""Regions of like colour, against drawn objects."""

import itertools

import numpy as np
import pytest

from core.pixels import Pick, coloured_like, parts_of_mask, ready_for_picks, without_specks
from core.types import Part
from tests.core.pixels.drawn import SIZE_HW, disc, iou, n_vertices, picture

LEFT, RIGHT = disc(centre=(110, 150), radius=60), disc(centre=(290, 150), radius=50, hole=20)
WINDOW = ready_for_picks(picture(LEFT | RIGHT))
ON_LEFT, ON_RIGHT = (110.0, 150.0), (325.0, 150.0)


def found(*picks: Pick, tolerance: int = 24) -> tuple[Part, ...]:
    return parts_of_mask(coloured_like(WINDOW, picks, tolerance=tolerance), WINDOW, SIZE_HW)


def test_a_click_takes_the_region_of_its_colour() -> None:
    parts = found(Pick(ON_LEFT))

    assert iou(parts, LEFT) > 0.96
    assert n_vertices(parts) < 30


def test_another_region_can_be_added() -> None:
    parts = found(Pick(ON_LEFT), Pick(ON_RIGHT))

    assert len(parts) == 2
    assert [len(part.holes) for part in sorted(parts, key=lambda one: one.outer[0, 0])] == [0, 1]
    assert iou(parts, LEFT | RIGHT) > 0.95


def test_a_region_can_be_taken_away() -> None:
    parts = found(Pick(ON_LEFT), Pick(ON_RIGHT), Pick(ON_LEFT, takes_away=True))

    assert iou(parts, RIGHT) > 0.94


def test_taking_all_away_leaves_nothing() -> None:
    assert found(Pick(ON_LEFT), Pick(ON_LEFT, takes_away=True)) == ()


def test_with_more_tolerance_a_region_never_shrinks() -> None:
    masks = [coloured_like(WINDOW, [Pick(ON_LEFT)], tolerance=n) for n in (2, 8, 24, 80, 255)]

    for less, more in itertools.pairwise(masks):
        assert not (less & ~more).any()
    assert masks[-1].all()


def test_grain_leaves_neither_holes_nor_crumbs() -> None:
    window = ready_for_picks(picture(LEFT, grain=14))
    mask = coloured_like(window, [Pick(ON_LEFT)], tolerance=16)

    parts = parts_of_mask(mask, window, SIZE_HW)

    assert sum(len(part.holes) for part in parts) < 3
    assert iou(parts, LEFT) > 0.9


def test_a_large_picture_is_looked_at_more_coarsely() -> None:
    size_hw = (2100, 2800)
    mask = disc(size_hw, (1400, 1000), 700)
    window = ready_for_picks(picture(mask))

    parts = parts_of_mask(
        coloured_like(window, [Pick((1400.0, 1000.0))], tolerance=30), window, size_hw
    )

    assert max(window.size_hw) <= 2000
    assert iou(parts, mask) > 0.97


@pytest.mark.parametrize("xy", [(-50.0, 10.0), (401.0, 300.0)])
def test_off_the_picture_the_nearest_pixel_is_taken(xy: tuple[float, float]) -> None:
    assert coloured_like(WINDOW, [Pick(xy)], tolerance=24).any()


@pytest.mark.parametrize("size_hw", [(1, 1), (3, 3), (1, 5)])
def test_tiny_pictures_have_regions_too(size_hw: tuple[int, int]) -> None:
    pixels = np.zeros((*size_hw, 3), dtype=np.uint8)
    window = ready_for_picks(pixels)

    parts = parts_of_mask(coloured_like(window, [Pick((0.5, 0.5))], tolerance=1), window, size_hw)

    assert parts


def test_a_mask_of_specks_alone_keeps_the_largest() -> None:
    mask = np.zeros((20, 20), dtype=bool)
    mask[3, 3] = mask[10, 10:12] = True

    assert np.argwhere(without_specks(mask, share=0.5)).tolist() == [[10, 10], [10, 11]]


def test_small_holes_are_filled_and_bays_are_not() -> None:
    mask = np.ones((40, 40), dtype=bool)
    mask[20, 20] = mask[0, 5] = False

    filled = without_specks(mask, share=0.01)

    assert filled[20, 20]
    assert not filled[0, 5]
