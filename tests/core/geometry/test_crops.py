import cv2
import numpy as np
import pytest
import shapely
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.geometry import (
    FEWER_POINTS_IOU,
    mask_of,
    outline_of_crop,
    outlines_of_crops,
    part_area,
    parts_area,
    parts_from_crop,
    parts_from_crops,
    paste,
)
from core.types import Part

torch.set_num_threads(1)


def detectron2_mask(crop: np.ndarray, box: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """The pasted mask over the whole image, by the operations that detectron2 documents."""
    x0, y0, x1, y1 = torch.as_tensor(box, dtype=torch.float32)
    ys = (torch.arange(size_hw[0], dtype=torch.float32) + 0.5 - y0) / (y1 - y0) * 2 - 1
    xs = (torch.arange(size_hw[1], dtype=torch.float32) + 0.5 - x0) / (x1 - x0) * 2 - 1
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), dim=-1)[None]
    values = torch.nn.functional.grid_sample(
        torch.as_tensor(crop)[None, None], grid, align_corners=False
    )
    return (values[0, 0] >= 0.5).numpy()


def pasted(crop: np.ndarray, box: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    x0, y0, mask = paste(crop, box, size_hw)
    whole = np.zeros(size_hw, dtype=bool)
    whole[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    return whole


def blob(seed: int, side_px: float, *, m: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """A lobed object as a network sees it: a soft (m, m) crop and its box, (8, 8) or so away."""
    rng = np.random.default_rng(seed)
    turns = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    waves = (0.25 * rng.normal() / k * np.cos(k * turns + rng.uniform(0, 6)) for k in range(2, 8))
    radius = np.clip(1 + sum(waves), 0.25, None)
    ring = np.stack([radius * np.cos(turns), radius * np.sin(turns) * rng.uniform(0.6, 1.5)], 1)
    ring *= side_px / np.sqrt(shapely.Polygon(ring).area)
    low, high = ring.min(axis=0), ring.max(axis=0)
    fine = np.zeros((m * 16, m * 16), dtype=np.uint8)
    cv2.fillPoly(fine, [((ring - low) / (high - low) * m * 16).astype(np.int32)], 1)
    soft = cv2.GaussianBlur(fine.astype(np.float32), (0, 0), 8)
    crop = cv2.resize(soft, (m, m), interpolation=cv2.INTER_AREA)
    at = rng.uniform(5, 12, size=2)
    return crop, np.concatenate([at, at + high - low]).astype(np.float32)


def size_around(box: np.ndarray) -> tuple[int, int]:
    return int(box[3]) + 9, int(box[2]) + 7


def mask_iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.count_nonzero(a & b) / np.count_nonzero(a | b))


def vertices(parts: tuple[Part, ...]) -> int:
    return sum(len(ring) for part in parts for ring in part.rings)


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.sampled_from([7, 14, 28, 56]))
def test_pasted_masks_equal_grid_sample_bit_for_bit(seed, m):
    rng = np.random.default_rng(seed)
    crop = rng.uniform(size=(m, m)).astype(np.float32)
    low = rng.uniform(-20, 60, size=2)
    box = np.concatenate([low, low + rng.uniform(0.5, 70, size=2)]).astype(np.float32)
    assert np.array_equal(pasted(crop, box, (50, 60)), detectron2_mask(crop, box, (50, 60)))


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1))
@example(496)  # a value of exactly one half, but for the rounding
@example(634)
def test_pasted_hard_masks_on_whole_pixels_equal_grid_sample(seed):
    rng = np.random.default_rng(seed)
    crop = rng.integers(0, 2, size=(28, 28)).astype(np.float32)
    low = rng.integers(0, 20, size=2)
    box = np.concatenate([low, low + rng.integers(1, 60, size=2)]).astype(np.float32)
    assert np.array_equal(pasted(crop, box, (90, 90)), detectron2_mask(crop, box, (90, 90)))


@pytest.mark.parametrize("box", [[200, 200, 240, 230], [-50, -50, -10, -20], [10, 10, 10, 30]])
def test_a_box_outside_the_image_or_without_area_has_no_mask(box):
    crop = np.ones((28, 28), dtype=np.float32)
    assert not pasted(crop, np.array(box), (100, 100)).any()
    assert parts_from_crop(crop, box, (100, 100)) == ()


def test_an_empty_mask_gives_no_parts():
    crop = np.full((28, 28), 0.4, dtype=np.float32)
    assert parts_from_crop(crop, (10, 10, 50, 50), (100, 100)) == ()


@pytest.mark.parametrize("side_px", [12, 25, 50, 150, 200])
def test_polygons_have_few_vertices_at_the_iou_asked_for(side_px):
    counts = []
    for seed in range(15):
        crop, box = blob(seed, side_px)
        size_hw = size_around(box)
        parts = parts_from_crop(crop, box, size_hw)
        assert mask_iou(mask_of(parts, size_hw), pasted(crop, box, size_hw)) >= 0.98
        assert shapely.MultiPolygon([(p.outer, p.holes) for p in parts]).is_valid
        counts.append(vertices(parts))
    assert np.median(counts) <= 20


@pytest.mark.parametrize("side_px", [50, 150, 300])
def test_fewer_points_are_twelve_at_most_and_still_near_the_mask(side_px):
    counts, ious = [], []
    for seed in range(40):
        crop, box = blob(seed, side_px)
        size_hw = size_around(box)
        parts = parts_from_crop(crop, box, size_hw, min_iou=FEWER_POINTS_IOU)
        assert shapely.MultiPolygon([(p.outer, p.holes) for p in parts]).is_valid
        counts.append(vertices(parts))
        ious.append(mask_iou(mask_of(parts, size_hw), pasted(crop, box, size_hw)))
    assert np.median(counts) <= 12
    assert np.mean(ious) >= 0.97


def test_polygons_of_a_big_object_keep_the_iou_though_not_every_pixel_is_looked_at():
    crop, box = blob(3, 900)
    size_hw = size_around(box)
    parts = parts_from_crop(crop, box, size_hw)
    assert mask_iou(mask_of(parts, size_hw), pasted(crop, box, size_hw)) >= 0.98
    assert vertices(parts) <= 30


def test_polygons_are_not_half_a_pixel_smaller_than_their_masks():
    bias = []
    for seed in range(20):
        crop, box = blob(seed, 50)
        size_hw = size_around(box)
        area = np.count_nonzero(pasted(crop, box, size_hw))
        bias.append(parts_area(parts_from_crop(crop, box, size_hw)) / area - 1)
    assert abs(np.mean(bias)) < 0.002
    assert np.max(np.abs(bias)) < 0.01


def test_a_higher_iou_is_met_too():
    crop, box = blob(1, 120)
    size_hw = size_around(box)
    truth = pasted(crop, box, size_hw)
    assert mask_iou(
        mask_of(parts_from_crop(crop, box, size_hw, min_iou=0.995), size_hw), truth
    ) >= (0.995)


def test_holes_and_parts_are_kept():
    crop = np.zeros((28, 28), dtype=np.float32)
    crop[2:14, 2:14] = 1
    crop[5:10, 5:10] = 0
    crop[18:26, 16:26] = 1
    parts = parts_from_crop(crop, (10, 10, 94, 94), (100, 100))
    assert sorted(len(part.holes) for part in parts) == [0, 1]


def test_polygons_are_clipped_to_the_image():
    crop = np.ones((28, 28), dtype=np.float32)
    for box in ([-20, -30, 50, 40], [70, 80, 130, 120], [-10, -10, 200, 200]):
        parts = parts_from_crop(crop, box, (100, 110))
        points = np.concatenate([part.outer for part in parts])
        assert points.min() >= 0
        assert (points <= (110, 100)).all()
        truth = pasted(crop, np.array(box), (100, 110))
        assert mask_iou(mask_of(parts, (100, 110)), truth) >= 0.98


def test_specks_are_left_out_unless_they_are_all():
    crop = np.zeros((28, 28), dtype=np.float32)
    crop[2, 2] = 1
    box = (10, 10, 38, 38)
    assert len(parts_from_crop(crop, box, (50, 50))) == 1
    crop[10:25, 10:25] = 1
    (part,) = parts_from_crop(crop, box, (50, 50))
    assert part_area(part) > 200


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.floats(1, 60), st.floats(1, 60), st.sampled_from([0.5, 0.65]))
def test_any_noise_gives_valid_polygons_near_its_mask(seed, width, height, share):
    rng = np.random.default_rng(seed)
    crop = (rng.uniform(size=(14, 14)) ** (0.5 / share)).astype(np.float32)
    box = np.array([4.3, 5.7, 4.3 + width, 5.7 + height], dtype=np.float32)
    parts = parts_from_crop(crop, box, (64, 60))
    truth = pasted(crop, box, (64, 60))
    if truth.any():
        assert mask_iou(mask_of(parts, (64, 60)), truth) >= 0.98
        assert all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)
    else:
        assert parts == ()


@pytest.mark.parametrize("side_px", [25, 50, 150, 400])
def test_outlines_are_near_their_masks_with_few_vertices(side_px):
    ious, counts = [], []
    for seed in range(15):
        crop, box = blob(seed, side_px)
        size_hw = size_around(box)
        parts = outline_of_crop(crop, box, size_hw)
        ious.append(mask_iou(mask_of(parts, size_hw), pasted(crop, box, size_hw)))
        counts.append(vertices(parts))
    assert np.mean(ious) >= 0.98
    assert np.median(counts) <= 25


def test_outlines_keep_holes_and_parts_and_the_border_of_the_image():
    crop = np.zeros((28, 28), dtype=np.float32)
    crop[2:14, 2:14] = 1
    crop[5:10, 5:10] = 0
    crop[18:26, 16:26] = 1
    parts = outline_of_crop(crop, (-20, -20, 94, 94), (60, 70))
    assert sorted(len(part.holes) for part in parts) == [0, 1]
    points = np.concatenate([part.outer for part in parts])
    assert points.min() >= 0
    assert (points <= (70, 60)).all()


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.floats(1, 60), st.floats(1, 60))
def test_outlines_of_any_noise_are_valid(seed, width, height):
    crop = np.random.default_rng(seed).uniform(size=(14, 14)).astype(np.float32)
    parts = outline_of_crop(crop, (4.3, 5.7, 4.3 + width, 5.7 + height), (64, 60))
    assert all(shapely.Polygon(part.outer, part.holes).is_valid for part in parts)


@pytest.mark.parametrize("box", [(10, 10, 10, 50), (200, 200, 250, 250), (30, 30, 20, 20)])
def test_outlines_of_a_box_outside_the_image_or_without_area_are_none(box):
    assert outline_of_crop(np.ones((28, 28), dtype=np.float32), box, (100, 100)) == ()


def test_the_outline_of_an_empty_mask_is_none():
    crop = np.full((28, 28), 0.4, dtype=np.float32)
    assert outline_of_crop(crop, (10, 10, 50, 50), (100, 100)) == ()


def crops_of_an_image() -> tuple[np.ndarray, np.ndarray]:
    """Small and large, whole and in pieces, half outside, empty, and outside."""
    blobs = [blob(seed, side_px) for seed, side_px in enumerate([9, 30, 120, 300, 40])]
    random = np.random.default_rng(0).uniform(size=(3, 28, 28)).astype(np.float32)
    empty = np.zeros((28, 28), dtype=np.float32)
    crops = np.stack([*(crop for crop, _ in blobs), *random, empty, random[0]])
    boxes = np.stack([box for _, box in blobs])
    others = [
        [-9, -9, 80, 50],
        [350, 200, 420, 420],
        [5, 5, 5.5, 5.5],
        [1, 1, 9, 9],
        [500, 9, 600, 99],
    ]
    return crops, np.concatenate([boxes, np.array(others, dtype=np.float32)])


@pytest.mark.parametrize("min_iou", [0.98, FEWER_POINTS_IOU])
def test_all_crops_of_an_image_give_what_each_gives_alone(min_iou):
    crops, boxes = crops_of_an_image()
    together = parts_from_crops(crops, boxes, (400, 400), min_iou=min_iou)
    for parts, crop, box in zip(together, crops, boxes, strict=True):
        alone = parts_from_crop(crop, box, (400, 400), min_iou=min_iou)
        assert len(parts) == len(alone)
        for one, other in zip(parts, alone, strict=True):
            assert [len(ring) for ring in one.rings] == [len(ring) for ring in other.rings]
            assert all(np.allclose(a, b) for a, b in zip(one.rings, other.rings, strict=True))


def test_outlines_of_all_crops_of_an_image_are_what_each_gives_alone():
    crops, boxes = crops_of_an_image()
    together = outlines_of_crops(crops, boxes, (400, 400))
    for parts, crop, box in zip(together, crops, boxes, strict=True):
        alone = outline_of_crop(crop, box, (400, 400))
        assert [len(part.outer) for part in parts] == [len(part.outer) for part in alone]
        assert parts_area(parts) == pytest.approx(parts_area(alone)) if parts else alone == ()


def test_no_crops_give_no_polygons():
    crops, boxes = np.zeros((0, 28, 28), dtype=np.float32), np.zeros((0, 4), dtype=np.float32)
    assert parts_from_crops(crops, boxes, (40, 40)) == []
    assert outlines_of_crops(crops, boxes, (40, 40)) == []


@pytest.mark.parametrize("corner", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("polygons", [parts_from_crop, outline_of_crop])
def test_a_box_that_is_not_finite_is_refused(polygons, corner):
    crop = np.ones((28, 28), dtype=np.float32)
    for i in range(4):
        box = [10.0, 10.0, 30.0, 30.0]
        box[i] = corner
        with pytest.raises(ValueError, match="finite"):
            polygons(crop, box, (100, 100))
