import numpy as np
import pycocotools.mask as coco_mask
import torch

from core.maskrcnn.targets import mask_targets

SQUARE = np.array([10.0, 10, 30, 10, 30, 30, 10, 30])


def test_a_polygon_is_drawn_in_the_grid_of_its_box():
    found = mask_targets([[SQUARE]], torch.tensor([[0.0, 0, 40, 40]]), 4)
    assert found[0].tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_polygons_of_an_instance_are_united():
    other = np.array([0.0, 0, 10, 0, 10, 10, 0, 10])
    found = mask_targets([[SQUARE, other]], torch.tensor([[0.0, 0, 40, 40]]), 4)
    assert found[0].tolist() == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_a_hole_of_a_bitmap_stays_open():
    bitmap = np.zeros((40, 40), bool)
    bitmap[5:35, 5:35] = True
    bitmap[10:30, 10:30] = False
    found = mask_targets([bitmap], torch.tensor([[5.0, 5, 35, 35]]), 6)
    expected = torch.ones(6, 6)
    expected[1:5, 1:5] = 0
    assert torch.equal(found[0], expected)


def test_run_lengths_of_every_kind_are_the_bitmap():
    bitmap = np.random.default_rng(0).random((20, 30)) > 0.5
    packed = coco_mask.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    flat = bitmap.ravel(order="F").astype(int)
    changes = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    runs = [0, *runs] if flat[0] else runs
    box = torch.tensor([[2.0, 3, 27, 18]])
    wanted = mask_targets([bitmap], box, 14)
    for counts in (packed["counts"], packed["counts"].decode(), runs):
        assert torch.equal(mask_targets([{"size": [20, 30], "counts": counts}], box, 14), wanted)


def test_targets_come_in_the_order_of_the_boxes():
    bitmap = np.ones((40, 40), bool)
    boxes = torch.tensor([[0.0, 0, 40, 40], [10, 10, 30, 30], [60, 60, 90, 90], [0, 0, 40, 40]])
    found = mask_targets([bitmap, [SQUARE], bitmap, [SQUARE]], boxes, 4)
    assert found.sum((1, 2)).tolist() == [16, 16, 0, 4]


def test_a_box_without_width_is_no_error():
    found = mask_targets([[SQUARE]], torch.tensor([[20.0, 10, 20, 30]]), 4)
    assert found.shape == (1, 4, 4)
