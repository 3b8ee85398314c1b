import numpy as np
import pytest
import torch

from core.maskrcnn import boxes, fold
from core.maskrcnn.config import small_settings
from core.maskrcnn.fold import folded, halved, quickened
from core.maskrcnn.fused_conv import FusedConv, can_be_fused
from core.maskrcnn.layers import Conv, FrozenBatchNorm
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import standard_settings
from core.maskrcnn.winograd import WinogradConv


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_a_folded_model_finds_the_same_within_a_fiftieth_of_a_pixel(
    name, golden, golden_model, golden_image
):
    model = golden_model(name)
    fast = folded(model)
    for file in sorted((golden / "images").iterdir()):
        exact, found = (one.detect([golden_image(file.name)])[0] for one in (model, fast))
        assert found.class_ids.tolist() == exact.class_ids.tolist()
        np.testing.assert_allclose(found.boxes, exact.boxes, rtol=0, atol=0.02)
        np.testing.assert_allclose(found.scores, exact.scores, rtol=0, atol=1e-4)


def test_folding_leaves_the_model_itself_alone(golden_model):
    model = golden_model("mask_rcnn_tiny")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fast = folded(model)
    assert not [m for m in fast.modules() if isinstance(m, FrozenBatchNorm)]
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_live_norms_are_folded_with_their_statistics(golden_image):
    torch.manual_seed(0)
    model = MaskRCNN(small_settings(2)).train()
    for _ in range(2):
        model.backbone(torch.randn(2, 3, 64, 64))
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        exact, found = model.eval().backbone(x), folded(model).backbone(x)
    for one, other in zip(exact, found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_a_quickened_model_finds_the_same_within_a_fiftieth_of_a_pixel(
    name, golden, golden_model, golden_image, monkeypatch
):
    monkeypatch.setattr(fold, "_FEWEST_CHANNELS", 1)  # the golden models are thin
    model = golden_model(name)
    quick = quickened(model, "cpu")
    assert any(isinstance(module, WinogradConv) for module in quick.modules())
    for file in sorted((golden / "images").iterdir()):
        exact, found = (one.detect([golden_image(file.name)])[0] for one in (model, quick))
        assert found.class_ids.tolist() == exact.class_ids.tolist()
        np.testing.assert_allclose(found.boxes, exact.boxes, rtol=0, atol=0.02)
        np.testing.assert_allclose(found.scores, exact.scores, rtol=0, atol=1e-4)
        if exact.masks is not None:
            np.testing.assert_allclose(found.masks, exact.masks, rtol=0, atol=1e-3)


def test_full_size_layers_are_quickened_on_a_cpu_alone():
    model = MaskRCNN(standard_settings(18, num_classes=2))
    quick, folded_only = quickened(model, "cpu"), quickened(model, "cuda:0")
    assert isinstance(quick.proposal_generator.rpn_head.conv, WinogradConv)
    assert isinstance(quick.backbone.fpn_output2, WinogradConv)
    is_fused = isinstance(quick.backbone.fpn_lateral2, FusedConv)
    assert is_fused == can_be_fused()
    on_cpu = WinogradConv | FusedConv
    assert not any(isinstance(module, on_cpu) for module in folded_only.modules())


def test_without_fused_operators_layers_stay_as_they_are(golden_model, monkeypatch):
    monkeypatch.setattr(fold, "can_be_fused", lambda: False)
    quick = quickened(golden_model("mask_rcnn_tiny"), "cpu")
    assert type(quick.backbone.fpn_lateral2) is Conv


def test_in_half_precision_at_least_99_percent_of_boxes_stay(golden, golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    half = halved(folded(model))
    assert half.backbone.fpn_output2.weight.dtype == torch.float16
    images = [golden_image(file.name) for file in sorted((golden / "images").iterdir())]
    ious = []
    for exact, found in zip(model.detect(images), half.detect(images), strict=True):
        is_same = found.class_ids[:, None] == exact.class_ids
        overlaps = boxes.ious(torch.from_numpy(found.boxes), torch.from_numpy(exact.boxes)).numpy()
        ious += (overlaps * is_same).max(axis=0).tolist()
        assert found.masks.dtype == np.float32
    assert np.mean(np.array(ious) > 0.95) >= 0.99
