import numpy as np

from core.maskrcnn.paste import pasted, whole_mask


def test_a_full_crop_fills_its_box_to_the_pixel():
    mask = whole_mask(np.ones((28, 28), np.float32), np.array([3, 4, 9, 12], np.float32), (20, 20))
    expected = np.zeros((20, 20), bool)
    expected[4:12, 3:9] = True
    assert np.array_equal(mask, expected)


def test_pixels_are_read_at_their_centres():
    crop = np.array([[0, 1]] * 2, np.float32)  # half way between its cells it is 0.5
    mask = whole_mask(crop, np.array([0, 0, 10, 4], np.float32), (4, 10))
    assert mask[1].tolist() == [False] * 5 + [True] * 5


def test_exactly_a_half_is_inside():
    crop = np.full((4, 4), 0.5, np.float32)
    mask = whole_mask(crop, np.array([0, 0, 8, 8], np.float32), (8, 8))
    assert mask[2:6, 2:6].all()


def test_a_box_at_the_border_stays_inside_the_image():
    box = np.array([-0.0, 5.5, 20, 20], np.float32)
    x0, y0, part = pasted(np.ones((28, 28), np.float32), box, (20, 20))
    assert (x0, y0) == (0, 4)
    assert part.shape == (16, 20)


def test_a_box_smaller_than_a_pixel_may_hold_none():
    mask = whole_mask(
        np.ones((28, 28), np.float32), np.array([3.6, 3.6, 4.4, 4.4], np.float32), (9, 9)
    )
    assert mask.sum() == 0
