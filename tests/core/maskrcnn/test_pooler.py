import math

import numpy as np
import pytest
import torch

from core.maskrcnn.pooler import levels_of, pooled


@pytest.mark.parametrize(
    ("side", "level"),
    [(0, 0), (50, 0), (111.9, 0), (112, 1), (223.9, 1), (224, 2), (447.9, 2), (448, 3), (5000, 3)],
)
def test_boxes_go_to_the_level_of_their_size(side, level):
    assert levels_of(torch.tensor([[10.0, 10, 10 + side, 10 + side]])).tolist() == [level]


def test_boxes_of_the_same_area_go_to_the_same_level():
    assert levels_of(torch.tensor([[0.0, 0, 448, 112]])).tolist() == [2]


def _bilinear(image, y, x):
    """Value at continuous index coordinates, clamped as RoIAlign clamps."""
    h, w = image.shape
    if y < -1 or y > h or x < -1 or x > w:
        return 0.0
    y, x = min(max(y, 0), h - 1), min(max(x, 0), w - 1)
    y0, x0 = int(y), int(x)
    y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
    top = image[y0, x0] * (1 - (x - x0)) + image[y0, x1] * (x - x0)
    bottom = image[y1, x0] * (1 - (x - x0)) + image[y1, x1] * (x - x0)
    return top * (1 - (y - y0)) + bottom * (y - y0)


def _roi_align_by_hand(image, box, cells, samples=None):
    x0, y0, x1, y1 = (side - 0.5 for side in box)
    cell_h, cell_w = (y1 - y0) / cells, (x1 - x0) / cells
    n_y, n_x = (samples, samples) if samples else (math.ceil(cell_h), math.ceil(cell_w))
    result = np.zeros((cells, cells))
    for i in range(cells):
        for j in range(cells):
            values = [
                _bilinear(
                    image, y0 + (i + (a + 0.5) / n_y) * cell_h, x0 + (j + (b + 0.5) / n_x) * cell_w
                )
                for a in range(n_y)
                for b in range(n_x)
            ]
            result[i, j] = np.mean(values)
    return result


@pytest.mark.parametrize("sampling_ratio", [0, 2])
def test_cells_are_means_of_as_many_samples_as_the_config_says(sampling_ratio):
    image = np.random.default_rng(0).normal(size=(40, 50))
    box = np.array([13.0, 22.0, 105.0, 84.0])  # on p2: 23 x 15.5 feature pixels
    features = [torch.from_numpy(image).float()[None, None]]
    features += [torch.full((1, 1, 1, 1), float("nan"))] * 3
    found = pooled(
        features,
        [torch.from_numpy(box).float()[None]],
        resolution=7,
        sampling_ratio=sampling_ratio,
    )
    wanted = _roi_align_by_hand(image, box / 4, 7, sampling_ratio)
    np.testing.assert_allclose(found[0, 0].numpy(), wanted, atol=1e-5)


def test_each_box_is_read_from_its_own_image_and_level():
    features = [
        torch.stack([torch.full((1, 64, 64), float(10 * n + k)) for n in (0, 1)]) for k in range(5)
    ]
    small, large = [0.0, 0, 40, 40], [0.0, 0, 250, 250]
    boxes = [torch.tensor([small, large]), torch.tensor([large, small])]
    found = pooled(features, boxes, resolution=2, sampling_ratio=0)
    assert found[:, 0, 0, 0].tolist() == [0, 2, 12, 10]


def test_no_boxes_are_no_cells():
    features = [torch.zeros(1, 3, 8, 8)] * 4
    found = pooled(features, [torch.zeros(0, 4)], resolution=7, sampling_ratio=0)
    assert found.shape == (0, 3, 7, 7)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("learns", [False, True])
def test_corners_are_not_rounded_to_the_precision_of_the_features(dtype, learns):
    torch.manual_seed(0)
    features = [torch.randn(1, 4, 340 // 2**k, 340 // 2**k).to(dtype) for k in range(4)]
    # of 1001.7 bfloat16 would make 1000, and float16 1001.5
    boxes = [torch.tensor([[1001.7, 1003.3, 1041.1, 1057.9], [1001.7, 903.3, 1200.3, 1301.9]])]
    exact = pooled([one.float() for one in features], boxes, resolution=7, sampling_ratio=0)
    leaves = [one.requires_grad_(learns) for one in features]
    found = pooled(leaves, boxes, resolution=7, sampling_ratio=0)
    assert found.dtype == dtype
    assert torch.equal(found, exact.to(dtype))
