import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.maskrcnn.fused_conv import FusedConv, can_be_fused

pytestmark = pytest.mark.skipif(
    not can_be_fused(), reason="this build of torch has no oneDNN: layers stay as they are"
)
LAYERS = {
    "1 x 1": nn.Conv2d(16, 24, 1),
    "1 x 1, no bias": nn.Conv2d(16, 24, 1, bias=False),
    "1 x 1, stride 2": nn.Conv2d(16, 24, 1, stride=2),
    "3 x 3, groups": nn.Conv2d(16, 24, 3, padding=1, groups=4),
    "7 x 7, stride 2": nn.Conv2d(16, 24, 7, stride=2, padding=3),
}
FORMATS = [torch.contiguous_format, torch.channels_last]


@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("conv", LAYERS.values(), ids=LAYERS)
def test_it_computes_what_the_convolution_does(conv, relu, memory_format):
    x = torch.randn(2, 16, 15, 22).to(memory_format=memory_format)
    with torch.inference_mode():
        wanted = F.relu(conv(x)) if relu else conv(x)
        torch.testing.assert_close(FusedConv(conv, relu=relu)(x), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("conv", LAYERS.values(), ids=LAYERS)
def test_it_adds_before_it_rectifies(conv, relu, memory_format):
    x = torch.randn(2, 16, 15, 22)
    with torch.inference_mode():
        plain = conv(x)
        added = torch.randn(plain.shape).to(memory_format=memory_format)
        wanted = F.relu(plain + added) if relu else plain + added
        found = FusedConv(conv, relu=relu)(x, added=added)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_no_images_are_no_outputs():
    with torch.inference_mode():
        found = FusedConv(nn.Conv2d(16, 24, 1), relu=True)(torch.zeros(0, 16, 14, 14))
    assert found.shape == (0, 24, 14, 14)
