"""Polygons of masks that no object has: thin, checkered, nested, half outside, tiny and huge."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.geometry import (
    FEWER_POINTS_IOU,
    NEAR_IOU,
    mask_of,
    outline_of_crop,
    parts_area,
    parts_from_crop,
    parts_from_crops,
    paste,
)
from core.types import Part

Crop = npt.NDArray[np.float32]
Polygons = Callable[..., tuple[Part, ...]]

Y, X = np.mgrid[:28, :28]
RADIUS = np.hypot(X - 13.5, Y - 13.5)


def spiral() -> npt.NDArray[np.bool_]:
    turns = np.linspace(0, 5 * np.pi, 2000)
    mask = np.zeros((28, 28), dtype=bool)
    reach = 1 + 0.8 * turns
    mask[(14 + reach * np.sin(turns)).astype(int), (14 + reach * np.cos(turns)).astype(int)] = True
    return mask


MASKS = {
    "pixel": (X == 9) & (Y == 14),
    "pixel in the corner": (X == 0) & (Y == 0),
    "line across": (Y == 14) & (X > 2) & (X < 25),
    "line down": (X == 7) & (Y > 2) & (Y < 25),
    "diagonal": X == Y,
    "checkerboard of fours": (X // 4 + Y // 4) % 2 == 0,
    "ring": (RADIUS < 12) & (RADIUS > 7),
    "rings in rings": ((RADIUS < 13.5) & (RADIUS > 10.5))
    | ((RADIUS < 8) & (RADIUS > 5))
    | (RADIUS < 2.5),
    "corners that touch": ((X < 14) & (Y < 14)) | ((X >= 14) & (Y >= 14)),
    "holes whose corners touch": ~(
        ((X > 7) & (X < 14) & (Y > 7) & (Y < 14)) | ((X > 13) & (X < 20) & (Y > 13) & (Y < 20))
    ),
    "all": np.ones((28, 28), dtype=bool),
    "half of it": X < Y,
    "spiral": spiral(),
    "comb": (Y < 5) | (X % 3 == 1),
    "stripes": X % 2 == 0,
    "border": (X < 2) | (X > 25) | (Y < 2) | (Y > 25),
}
CHECKERBOARD = (X + Y) % 2 == 0


def pasted(crop: Crop, box: npt.NDArray[np.float32], size_hw: tuple[int, int]) -> np.ndarray:
    x0, y0, mask = paste(crop, box, size_hw)
    whole = np.zeros(size_hw, dtype=bool)
    whole[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    return whole


def iou_to_mask(parts: tuple[Part, ...], truth: np.ndarray) -> float:
    mask = mask_of(parts, (truth.shape[0], truth.shape[1]))
    return float(np.count_nonzero(mask & truth) / max(np.count_nonzero(mask | truth), 1))


def assert_valid_and_inside(parts: tuple[Part, ...], size_hw: tuple[int, int]) -> None:
    polygons = shapely.MultiPolygon([(part.outer, part.holes) for part in parts])
    assert polygons.is_valid, shapely.is_valid_reason(polygons)
    for part in parts:
        assert (part.outer >= 0).all()
        assert (part.outer <= size_hw[::-1]).all()


def box_at(corner: float, side_px: float) -> npt.NDArray[np.float32]:
    return np.array([corner, corner + 0.4, corner + side_px, corner + 0.4 + side_px], np.float32)


@pytest.mark.parametrize("min_iou", [NEAR_IOU, FEWER_POINTS_IOU])
@pytest.mark.parametrize("side_px", [1, 2, 3.7, 8, 20, 50.3, 100, 220])
@pytest.mark.parametrize("name", MASKS)
def test_polygons_of_hard_masks_are_valid_and_near(name, side_px, min_iou):
    crop = MASKS[name].astype(np.float32)
    size_hw = int(side_px) + 12, int(side_px) + 9
    for corner in (5.3, -side_px / 3):
        box = box_at(corner, side_px)
        truth = pasted(crop, box, size_hw)
        parts = parts_from_crop(crop, box, size_hw, min_iou=min_iou)
        assert_valid_and_inside(parts, size_hw)
        if truth.any():
            # pixels whose centres lie on a line may be taken for on or for off
            assert iou_to_mask(parts, truth) >= min_iou - 0.001
        else:
            assert parts == ()


@pytest.mark.parametrize("side_px", [300, 1000])
@pytest.mark.parametrize("name", MASKS)
def test_polygons_of_large_hard_masks_are_valid_and_near(name, side_px):
    # as thin as a value they are seen at eight places across: hence a little farther
    is_thin = name in {"pixel", "pixel in the corner", "diagonal"}
    crop = MASKS[name].astype(np.float32)
    size_hw = side_px + 12, side_px + 9
    for corner in (5.3, -side_px / 3):
        box = box_at(corner, side_px)
        truth = pasted(crop, box, size_hw)
        parts = parts_from_crop(crop, box, size_hw)
        assert_valid_and_inside(parts, size_hw)
        assert bool(parts) == truth.any()
        if parts:
            assert iou_to_mask(parts, truth) >= (0.955 if is_thin else 0.979)


@pytest.mark.parametrize("name", ["rings in rings", "comb", "corners that touch", "border"])
def test_polygons_of_a_box_of_4000_px_are_valid_and_near(name):
    crop, box = MASKS[name].astype(np.float32), box_at(-20, 4000)
    parts = parts_from_crop(crop, box, (3900, 4010))
    assert_valid_and_inside(parts, (3900, 4010))
    assert iou_to_mask(parts, pasted(crop, box, (3900, 4010))) >= 0.979


@pytest.mark.parametrize("side_px", [7, 28, 100, 300])
def test_a_checkerboard_is_valid_and_near(side_px):
    crop, box = CHECKERBOARD.astype(np.float32), box_at(3.2, side_px)
    size_hw = side_px + 9, side_px + 9
    parts = parts_from_crop(crop, box, size_hw)
    assert_valid_and_inside(parts, size_hw)
    assert iou_to_mask(parts, pasted(crop, box, size_hw)) >= 0.97


@pytest.mark.parametrize("polygons", [parts_from_crop, outline_of_crop])
@pytest.mark.parametrize("side_px", [50.3, 300, 1000])
def test_rings_in_rings_keep_their_holes_and_parts(polygons: Polygons, side_px):
    crop = MASKS["rings in rings"].astype(np.float32)
    size_hw = int(side_px) + 20, int(side_px) + 20
    parts = polygons(crop, box_at(8.3, side_px), size_hw)
    assert sorted(len(part.holes) for part in parts) == [0, 1, 1]


@pytest.mark.parametrize("side_px", [50, 200])
@pytest.mark.parametrize("name", ["ring", "corners that touch", "holes whose corners touch", "all"])
def test_hard_masks_neither_shrink_nor_grow(name, side_px):
    crop, size_hw = MASKS[name].astype(np.float32), (side_px + 20, side_px + 20)
    truth = pasted(crop, box_at(8.3, side_px), size_hw)
    area = parts_area(parts_from_crop(crop, box_at(8.3, side_px), size_hw))
    assert area == pytest.approx(np.count_nonzero(truth), rel=0.01)


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.bool_, (9, 9)),
    st.floats(-30, 50),
    st.floats(-30, 50),
    st.floats(1, 260),
    st.floats(1, 260),
)
def test_polygons_of_any_hard_mask_in_any_box_are_valid_and_near(mask, x, y, width, height):
    crop = mask.astype(np.float32)
    box = np.array([x, y, x + width, y + height], dtype=np.float32)
    size_hw = 120, 130
    truth = pasted(crop, box, size_hw)
    parts = parts_from_crop(crop, box, size_hw)
    assert_valid_and_inside(parts, size_hw)
    if truth.any():
        assert iou_to_mask(parts, truth) >= 0.95


@settings(max_examples=100, deadline=None)
@given(arrays(np.bool_, (9, 9)), st.floats(-30, 50), st.floats(1, 300))
def test_outlines_of_any_hard_mask_in_any_box_are_valid(mask, corner, side_px):
    parts = outline_of_crop(mask.astype(np.float32), box_at(corner, side_px), (120, 130))
    assert_valid_and_inside(parts, (120, 130))


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.uint8, (12, 12), elements=st.integers(0, 8)), st.floats(-20, 50), st.floats(1, 200)
)
def test_values_that_are_the_level_itself_give_valid_polygons(eighths, corner, side_px):
    crop, box = (eighths / 8).astype(np.float32), box_at(corner, side_px)
    for polygons in (parts_from_crop, outline_of_crop):
        assert_valid_and_inside(polygons(crop, box, (120, 130)), (120, 130))


@settings(max_examples=100, deadline=None)
@given(arrays(np.bool_, (14, 14)), st.integers(-20, 50), st.integers(1, 90), st.integers(1, 90))
def test_hard_masks_in_boxes_of_whole_pixels_keep_the_iou(mask, corner, width, height):
    # whole rows of their values are the level, and rounding decides
    crop = mask.astype(np.float32)
    box = np.array([corner, corner, corner + width, corner + height], dtype=np.float32)
    truth = pasted(crop, box, (90, 80))
    if truth.any():
        parts = parts_from_crop(crop, box, (90, 80), min_iou=0.99)
        assert iou_to_mask(parts, truth) >= 0.985


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, (9, 9)), st.floats(0.7, 6), st.floats(5, 30), st.booleans())
def test_long_and_thin_boxes_keep_the_iou(mask, short_px, corner, is_upright):
    sides = (short_px, 380.0) if is_upright else (380.0, short_px)
    box = np.array([corner, corner, corner + sides[0], corner + sides[1]], dtype=np.float32)
    crop, size_hw = mask.astype(np.float32), (400, 400)
    truth = pasted(crop, box, size_hw)
    if truth.any():
        assert iou_to_mask(parts_from_crop(crop, box, size_hw), truth) >= 0.975


def test_a_photo_with_a_hundred_large_objects_takes_no_picture_of_it_each():
    random = np.random.default_rng(0)
    crops = np.stack([(10 + 3 * random.uniform() > RADIUS).astype(np.float32) for _ in range(100)])
    low = random.uniform(0, 1000, size=(100, 2))
    boxes = np.concatenate([low, low + random.uniform(800, 2000, size=(100, 2))], axis=1)
    tracemalloc.start()
    made = parts_from_crops(crops, boxes.astype(np.float32), (3000, 4000))
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(made)
    n_pixels = 3000 * 4000
    assert most_bytes < n_pixels
