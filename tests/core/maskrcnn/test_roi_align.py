"""The features of boxes are torchvision's to the bit, and their gradients its own sums."""

import pytest
import torch
from torch import Tensor
from torchvision.ops import roi_align as roi_align_of_torchvision

from core.maskrcnn.roi_align import roi_align

_SCALE = 0.25


@pytest.fixture
def features() -> Tensor:
    torch.manual_seed(0)
    return torch.randn(2, 3, 13, 17)


def _boxes(count: int) -> Tensor:
    """Small ones, long ones, and some that reach over every border."""
    torch.manual_seed(1)
    corners = torch.rand(count, 2) * torch.tensor([80.0, 64.0]) - 10
    sizes = torch.rand(count, 2) ** 3 * 120
    return torch.cat([torch.randint(0, 2, (count, 1)).float(), corners, corners + sizes], dim=1)


def _both(features: Tensor, rois: Tensor, *, sampling_ratio: int) -> list[tuple[Tensor, Tensor]]:
    """What comes out and the gradients, of torchvision's and of ours."""
    found = []
    for is_own in (False, True):
        leaf = features.clone().requires_grad_()
        if is_own:
            out = roi_align(leaf, rois, 7, spatial_scale=_SCALE, sampling_ratio=sampling_ratio)
        else:
            out = roi_align_of_torchvision(leaf, rois, 7, _SCALE, sampling_ratio, aligned=True)
        torch.manual_seed(2)
        out.backward(torch.randn_like(out))
        assert leaf.grad is not None
        found.append((out.detach(), leaf.grad))
    return found


@pytest.mark.parametrize("sampling_ratio", [0, 2])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_features_are_torchvisions_and_gradients_add_up_to_its(
    features: Tensor, memory: torch.memory_format, sampling_ratio: int
) -> None:
    features = features.to(memory_format=memory)
    (out, gradients), (own_out, own_gradients) = _both(
        features, _boxes(60), sampling_ratio=sampling_ratio
    )
    assert torch.equal(own_out, out)
    torch.testing.assert_close(own_gradients, gradients, rtol=1e-5, atol=1e-5)


def test_a_box_of_no_size_and_one_far_outside_take_nothing(features: Tensor) -> None:
    rois = torch.tensor([[0, 8.0, 8.0, 8.0, 8.0], [1, 500.0, 500.0, 540.0, 520.0]])
    (_, gradients), (_, own_gradients) = _both(features, rois, sampling_ratio=0)
    assert torch.equal(own_gradients, gradients)
    assert not own_gradients.any()


def test_without_boxes_gradients_are_zero(features: Tensor) -> None:
    leaf = features.requires_grad_()
    rois = torch.zeros(0, 5)
    out = roi_align(leaf, rois, 7, spatial_scale=_SCALE, sampling_ratio=0)
    (out.sum() + 0 * leaf.sum()).backward()
    assert leaf.grad is not None
    assert not leaf.grad.any()


def test_where_nothing_learns_it_is_torchvisions(features: Tensor) -> None:
    out = roi_align(features, _boxes(5), 7, spatial_scale=_SCALE, sampling_ratio=0)
    assert not out.requires_grad
