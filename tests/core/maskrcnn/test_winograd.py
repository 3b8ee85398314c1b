import pytest
import torch
from torch import nn

from core.maskrcnn.winograd import WinogradConv


@pytest.mark.parametrize("size_hw", [(4, 4), (1, 1), (3, 70), (41, 38), (14, 14)])
@pytest.mark.parametrize("images", [1, 40])
def test_it_computes_what_the_convolution_does_at_any_size(size_hw, images):
    torch.manual_seed(0)
    conv = nn.Conv2d(16, 8, 3, padding=1)
    x = torch.randn(images, 16, *size_hw)
    with torch.inference_mode():
        wanted, found = conv(x), WinogradConv(conv, relu=False)(x)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_it_takes_either_memory_format_and_gives_channels_last(memory_format):
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 8, 3, padding=1)
    x = torch.randn(2, 8, 12, 16)
    with torch.inference_mode():
        wanted = conv(x)
        found = WinogradConv(conv, relu=False)(x.to(memory_format=memory_format))
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_it_rectifies_and_does_without_a_bias():
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 8, 3, padding=1, bias=False)
    x = torch.randn(1, 8, 9, 9)
    with torch.inference_mode():
        wanted, found = conv(x).relu(), WinogradConv(conv, relu=True)(x)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)
    assert found.min() == 0


def test_no_images_are_no_outputs():
    conv = nn.Conv2d(8, 4, 3, padding=1)
    with torch.inference_mode():
        assert WinogradConv(conv, relu=True)(torch.zeros(0, 8, 14, 14)).shape == (0, 4, 14, 14)


@pytest.mark.parametrize("relu", [True, False])
def test_it_adds_before_it_rectifies(relu):
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 8, 3, padding=1)
    x, added = torch.randn(1, 8, 9, 9), torch.randn(1, 8, 9, 9)
    with torch.inference_mode():
        wanted = conv(x) + added
        found = WinogradConv(conv, relu=relu)(x, added=added)
    torch.testing.assert_close(found, wanted.relu() if relu else wanted, rtol=0, atol=1e-4)
