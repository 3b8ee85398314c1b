from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.maskrcnn.config import standard_settings
from core.maskrcnn.preprocess import (
    network_pixels,
    network_pixels_on,
    normalised_batch,
    padded_hw,
    resized,
    resized_hw,
)


@pytest.mark.parametrize(
    ("size_hw", "expected_hw"),
    [
        ((480, 640), (800, 1067)),  # 1066.67, rounded up and not off
        ((640, 480), (1067, 800)),
        ((427, 640), (800, 1199)),
        ((500, 375), (1067, 800)),
        ((300, 900), (444, 1333)),  # the longer side decides
        ((3000, 4000), (800, 1067)),
        ((800, 800), (800, 800)),
        ((10, 30_000), (1, 1333)),
    ],
)
def test_the_shorter_side_is_800_and_the_longer_at_most_1333(size_hw, expected_hw):
    assert resized_hw(size_hw, standard_settings()) == expected_hw


def test_a_size_of_zero_leaves_images_alone():
    assert resized_hw((123, 45), replace(standard_settings(), min_size_test=0)) == (123, 45)


def test_resizing_is_pils_bilinear_on_8_bits():
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    wanted = np.asarray(Image.fromarray(image).resize((50, 30), Image.Resampling.BILINEAR))
    assert np.array_equal(resized(image, (30, 50)), wanted)


def test_channels_come_in_the_order_of_the_config():
    image = np.array([[[1, 2, 3]]], np.uint8)
    assert network_pixels(image, standard_settings()).flatten().tolist() == [3, 2, 1]
    rgb = replace(standard_settings(), input_format="RGB")
    assert network_pixels(image, rgb).flatten().tolist() == [1, 2, 3]


@pytest.mark.parametrize("order", ["BGR", "RGB"])
def test_pixels_made_on_the_device_are_the_same(order):
    image = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    image.flags.writeable = False  # as PIL gives them
    settings = replace(standard_settings(), input_format=order)
    found = network_pixels_on(torch.device("cpu"), image, settings)
    assert found.is_contiguous()
    assert torch.equal(found, network_pixels(image, settings))


def test_padding_is_zero_after_normalising():
    images = [torch.full((3, 40, 33), 100.0), torch.full((3, 33, 50), 50.0)]
    mean, std = torch.full((3, 1, 1), 10.0), torch.full((3, 1, 1), 2.0)
    batch = normalised_batch(images, mean, std)
    assert batch.shape == (2, 3, 64, 64)
    assert (batch[0, :, :40, :33] == 45).all()
    assert (batch[0, :, 40:] == 0).all()
    assert (batch[0, :, :, 33:] == 0).all()
    assert (batch[1, :, :33, :50] == 20).all()


def test_sizes_are_padded_to_multiples_of_32():
    assert padded_hw([(800, 1067)]) == (800, 1088)
    assert padded_hw([(33, 1), (1, 65)]) == (64, 96)
