"""RoIAlign of all boxes on every level, held against that of each level's own."""

from typing import Any

import pytest
import torch
from torch import Tensor

from core.maskrcnn import pooler
from core.maskrcnn.pooler import levels_of, pooled, pooled_without_waiting


def _features(dtype: torch.dtype) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(3, 5, 512 // stride, 640 // stride).to(dtype) for stride in (4, 8, 16, 32)]


def _boxes() -> Tensor:
    """(3, 40, 4) of all levels; the last ones fill up."""
    torch.manual_seed(1)
    corners = torch.rand(3, 40, 2) * torch.tensor([300.0, 200.0])
    sides = 2 ** (torch.rand(3, 40, 1) * 7 + 2) * (0.5 + torch.rand(3, 40, 2))
    ends = torch.minimum(corners + sides, torch.tensor([640.0, 512.0]))
    boxes = torch.cat([corners, ends], dim=2)
    boxes[:, 36:] = 0
    assert set(levels_of(boxes.flatten(0, 1)).tolist()) == {0, 1, 2, 3}
    return boxes


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("sampling_ratio", [0, 2])
def test_every_box_has_the_cells_of_its_own_level(dtype: torch.dtype, sampling_ratio: int) -> None:
    features, boxes = _features(dtype), _boxes()
    found = pooled_without_waiting(features, boxes, resolution=7, sampling_ratio=sampling_ratio)
    wanted = pooled(features, list(boxes), resolution=7, sampling_ratio=sampling_ratio)
    assert found.dtype == dtype
    assert torch.equal(found, wanted)


def test_each_box_is_sampled_on_one_level_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    have_area = []
    align = pooler.roi_align

    def noted(features: Tensor, rois: Tensor, *rest: Any, **options: Any) -> Tensor:
        have_area.append((rois[:, 3] > rois[:, 1]) & (rois[:, 4] > rois[:, 2]))
        return align(features, rois, *rest, **options)

    monkeypatch.setattr(pooler, "roi_align", noted)
    pooled_without_waiting(_features(torch.float32), _boxes(), resolution=7, sampling_ratio=0)
    assert torch.stack(have_area).sum(dim=0).view(3, 40).tolist() == [[1] * 36 + [0] * 4] * 3
