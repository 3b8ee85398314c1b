"""Boxes on features with channels last get what torchvision's RoIAlign gives them."""

import pytest
import torch
from torch import Tensor

from core.maskrcnn.pooler import pooled


@pytest.fixture
def features() -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(2, 5, 160 // 2**level, 192 // 2**level) for level in range(5)]


def _boxes(count: int, *, seed: int) -> Tensor:
    """Of all levels, some long, some over the border, two without an area."""
    torch.manual_seed(seed)
    corners = torch.rand(count, 2) * torch.tensor([700.0, 600.0]) - 30
    sizes = torch.rand(count, 2) ** 3 * 620
    sizes[:2, 0] = 0
    return torch.cat([corners, corners + sizes], dim=1)


@pytest.mark.parametrize("sampling_ratio", [0, 2])
@pytest.mark.parametrize("resolution", [7, 14])
def test_channels_last_give_the_same_cells(
    features: list[Tensor], sampling_ratio: int, resolution: int
) -> None:
    boxes = [_boxes(60, seed=1), _boxes(4, seed=2)]
    sizes = {"resolution": resolution, "sampling_ratio": sampling_ratio}
    wanted = pooled(features, boxes, **sizes)
    turned = [level.to(memory_format=torch.channels_last) for level in features]
    found = pooled(turned, boxes, **sizes)
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert wanted.is_contiguous()


def test_channels_last_and_no_boxes_are_no_cells(features: list[Tensor]) -> None:
    turned = [level.to(memory_format=torch.channels_last) for level in features]
    boxes = [torch.zeros(0, 4)] * 2
    assert pooled(turned, boxes, resolution=7, sampling_ratio=0).shape == (0, 5, 7, 7)


def test_what_learns_is_not_gathered_and_gets_its_gradients(features: list[Tensor]) -> None:
    turned = [level.to(memory_format=torch.channels_last).requires_grad_() for level in features]
    pooled(turned, [_boxes(9, seed=1)] * 2, resolution=7, sampling_ratio=0).sum().backward()
    assert turned[0].grad is not None
    assert turned[0].grad.abs().sum() > 0
