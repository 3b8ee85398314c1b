import warnings
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from core.geometry import (
    mask_from_rle,
    mask_of,
    masks_from_rles,
    part_area,
    parts_from_mask,
    parts_from_rle,
    rle_of,
)
from core.types import Part

SQUARE = np.array([[1, 1], [4, 1], [4, 4], [1, 4]], dtype=np.float64)

masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def square(x: float, y: float, side: float) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])


def decoded(rle: dict[str, Any]) -> np.ndarray:
    """pycocotools' decoder which warns on numpy 2."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return coco_mask.decode(rle).astype(bool)


def drawn(text: str) -> np.ndarray:
    return np.array([[c == "#" for c in line] for line in text.split()])


def big_mask(seed: int, size_hw: tuple[int, int] = (240, 320)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    smooth = rng.normal(size=(size_hw[0] // 16, size_hw[1] // 16)).repeat(16, 0).repeat(16, 1)
    yy, xx = np.mgrid[: size_hw[0], : size_hw[1]]
    return smooth + np.sin(xx / 9.0) + np.cos(yy / 7.0 + xx / 31.0) > 0.5


def test_a_square_of_whole_pixels_covers_those_pixels():
    mask = mask_of((Part(SQUARE),), (5, 6))
    assert mask.dtype == np.bool_
    assert np.array_equal(mask, drawn("...... .###.. .###.. .###.. ......"))


def test_a_hole_is_taken_out():
    mask = mask_of((Part(square(0, 0, 5), (SQUARE,)),), (5, 5))
    assert np.array_equal(mask, drawn("##### #...# #...# #...# #####"))


def test_a_part_in_the_hole_of_another_is_there():
    parts = (Part(square(0, 0, 5), (SQUARE,)), Part(square(2, 2, 1)))
    assert np.array_equal(mask_of(parts, (5, 5)), drawn("##### #...# #.#.# #...# #####"))


def test_overlapping_parts_are_united():
    parts = (Part(square(0, 0, 3)), Part(square(1, 1, 3)))
    assert np.array_equal(mask_of(parts, (4, 4)), drawn("###. #### #### .###"))


def test_a_hole_that_sticks_out_takes_out_and_adds_nothing():
    part = Part(square(0, 0, 3), (square(2, 1, 3),))
    assert np.array_equal(mask_of((part,), (5, 5)), drawn("###.. ##... ##... ..... ....."))


def test_what_lies_outside_the_image_is_cut_off():
    parts = (Part(square(-3, -3, 5)), Part(square(30, 30, 5)))
    assert np.array_equal(mask_of(parts, (3, 3)), drawn("##. ##. ..."))


def test_no_parts_are_an_empty_mask():
    assert not mask_of((), (3, 4)).any()
    assert parts_from_rle(rle_of((), (3, 4))) == ()


def test_a_ring_far_outside_costs_no_more_than_a_near_one():
    far = Part(np.array([[-1e12, -1e12], [2, -1e12], [2, 1e12], [-1e12, 1e12]]))
    assert np.array_equal(mask_of((far,), (2, 4)), drawn("##.. ##.."))


def test_a_ring_that_crosses_itself_is_filled_by_parity():
    turns = np.arange(5) * 2 * 2 * np.pi / 5
    star = Part(np.stack([50 + 45 * np.sin(turns), 50 - 45 * np.cos(turns)], axis=1))
    mask = mask_of((star,), (100, 100))
    assert not mask[50, 50]
    assert mask.sum() == pytest.approx(part_area(star), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_mask_and_rle_equal_pycocotools_on_the_whole_image(seed):
    rng = np.random.default_rng(seed)
    rings = rng.uniform(-20, 120, size=(3, 9, 2))
    own = coco_mask.merge(coco_mask.frPyObjects([r.ravel() for r in rings], 90, 110))
    parts = tuple(map(Part, rings))
    assert rle_of(parts, (90, 110)) == {"size": [90, 110], "counts": own["counts"].decode()}
    assert np.array_equal(mask_of(parts, (90, 110)), decoded(own))


@pytest.mark.parametrize("seed", range(5))
def test_rle_with_holes_is_the_rle_of_the_mask(seed):
    rng = np.random.default_rng(seed)
    parts = tuple(
        Part(rng.uniform(-5, 80, size=(7, 2)), tuple(rng.uniform(-5, 80, size=(2, 5, 2))))
        for _ in range(2)
    )
    mask = np.zeros((60, 70), dtype=bool)
    for part in parts:
        outer = mask_of((Part(part.outer),), (60, 70))
        mask |= outer & ~mask_of(tuple(map(Part, part.holes)), (60, 70))
    assert np.array_equal(mask_of(parts, (60, 70)), mask)
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert rle_of(parts, (60, 70))["counts"] == encoded["counts"].decode()


@settings(max_examples=300)
@given(masks)
def test_parts_of_a_mask_give_the_same_mask_back(mask):
    parts = parts_from_mask(mask)
    assert np.array_equal(mask_of(parts, mask.shape), mask)
    assert all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)


@pytest.mark.parametrize("seed", range(4))
def test_parts_of_a_big_mask_give_the_same_mask_back_with_few_vertices(seed):
    mask = big_mask(seed)
    parts = parts_from_mask(mask)
    assert np.array_equal(mask_of(parts, mask.shape), mask)
    steps = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    assert sum(len(ring) for part in parts for ring in part.rings) < steps / 3


def test_pixels_that_touch_at_a_corner_come_back():
    mask = drawn("#.#. .#.# #.#.")
    assert np.array_equal(mask_of(parts_from_mask(mask), mask.shape), mask)


def test_a_full_mask_keeps_inside_the_image():
    parts = parts_from_mask(np.ones((3, 4), dtype=bool))
    assert len(parts) == 1
    assert parts[0].outer.min() >= 0
    assert (parts[0].outer.max(axis=0) <= (4, 3)).all()


def test_a_mask_of_a_crop_lies_where_its_offset_says():
    mask = drawn(".... .##. .##.")
    moved = mask_of(parts_from_mask(mask, offset_xy=(10, 20)), (30, 30))
    assert np.array_equal(moved[20:23, 10:14], mask)
    assert moved.sum() == mask.sum()


def test_parts_of_a_mask_do_not_shrink():
    yy, xx = np.mgrid[:60, :60] + 0.5
    disc = (xx - 30) ** 2 + (yy - 30) ** 2 < 25**2
    assert sum(map(part_area, parts_from_mask(disc))) == pytest.approx(disc.sum(), rel=0.005)


@settings(max_examples=100)
@given(masks)
def test_parts_of_an_rle_are_the_parts_of_its_mask(mask):
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    uncompressed = [len(run) for run in _runs_of(mask)]
    for counts in (rle["counts"], rle["counts"].decode(), uncompressed):
        parts = parts_from_rle({"size": rle["size"], "counts": counts})
        assert parts == parts_from_mask(mask)


def _runs_of(mask: np.ndarray) -> list[list[bool]]:
    runs: list[list[bool]] = [[]]
    for value in mask.T.ravel():
        if value != (len(runs) % 2 == 0):
            runs.append([])
        runs[-1].append(value)
    return runs


@pytest.mark.parametrize("seed", range(3))
def test_a_mask_from_an_rle_is_pycocotools_own(seed):
    mask = big_mask(seed)
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert np.array_equal(mask_from_rle(rle), decoded(rle))


def test_a_long_rle_is_read_as_pycocotools_reads_it():
    mask = big_mask(9)
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert np.array_equal(mask_of(parts_from_rle(rle), mask.shape), mask)


@pytest.mark.parametrize(
    "rle",
    [
        {},
        {"size": [4], "counts": [16]},
        {"size": [4, 4], "counts": [15]},
        {"size": [4, 4], "counts": [20, -4]},
        {"size": [4, 4], "counts": [1, 16]},
        {"size": [10**9, 10**9], "counts": [10**18]},
        {"size": [0, 4], "counts": []},
        {"size": [4, 4], "counts": "ä"},
        {"size": [4, 4], "counts": "PPPPPPPPPPPPP"},
        {"size": [4, 4], "counts": "~~"},
        {"size": [4, 4], "counts": None},
        {"size": [4, 4], "counts": [[16]]},
        {"size": [4, 4], "counts": ["x"]},
        {"size": [4, 4], "counts": [10**30]},
    ],
)
def test_what_is_no_rle_is_refused(rle):
    with pytest.raises(ValueError, match="RLE"):
        parts_from_rle(rle)


@given(hnp.arrays(np.bool_, st.tuples(st.integers(0, 6), st.integers(1, 9), st.integers(1, 9))))
def test_many_masks_are_read_as_each_of_them(pixels: np.ndarray) -> None:
    counts = [coco_mask.encode(np.asfortranarray(one.astype(np.uint8)))["counts"] for one in pixels]
    found = masks_from_rles(counts, (pixels.shape[1], pixels.shape[2]))
    assert found.dtype == bool
    assert (found == pixels).all()


@pytest.mark.parametrize("counts", [[b"9", b""], [b"9", b"8"], [b"X"], [b"9", b"\xff"]])
def test_runs_that_do_not_fill_their_masks_are_refused(counts: list[bytes]) -> None:
    with pytest.raises(ValueError, match="RLE"):
        masks_from_rles(counts, (3, 3))
