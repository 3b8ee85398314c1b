import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from core.maskrcnn.backbone import FpnBackbone
from core.maskrcnn.config import small_settings
from core.maskrcnn.layers import (
    Conv,
    FrozenBatchNorm,
    fill_msra,
    fill_xavier,
    frozen,
)
from core.maskrcnn.model import MaskRCNN


@pytest.fixture(scope="module")
def pyramid():
    torch.manual_seed(0)
    with torch.inference_mode():
        return FpnBackbone(small_settings(2)).eval()(torch.randn(1, 3, 160, 96))


def test_p6_is_every_second_pixel_of_p5(pyramid):
    assert torch.equal(pyramid[4], pyramid[3][:, :, ::2, ::2])


def test_each_level_is_half_as_fine_as_the_one_before(pyramid):
    sizes = [tuple(level.shape[2:]) for level in pyramid]
    assert sizes == [(40, 24), (20, 12), (10, 6), (5, 3), (3, 2)]


def test_the_epsilon_of_a_frozen_norm_is_1e_5():
    norm = FrozenBatchNorm(1)
    norm.running_var.zero_()
    assert norm(torch.ones(1, 1, 1, 1)).item() == pytest.approx(1 / math.sqrt(1e-5))


def test_a_fresh_frozen_norm_changes_nothing():
    x = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(FrozenBatchNorm(4)(x), x)


def test_a_frozen_norm_computes_the_same_with_gradients():
    norm = frozen(_used_norm())
    x = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(norm(x), norm(x.clone().requires_grad_()).detach())


def test_freezing_a_norm_keeps_what_it_computes():
    norm = _used_norm()
    x = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(frozen(norm)(x), norm.eval()(x))


def _used_norm():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(4)
    nn.init.uniform_(norm.weight)
    nn.init.uniform_(norm.bias)
    norm(torch.randn(8, 4, 5, 5) * 3 + 1)
    return norm


@pytest.mark.parametrize(
    ("freeze_at", "learning"),
    [(0, {"stem", "res2", "res3", "res4", "res5"}), (2, {"res3", "res4", "res5"}), (5, set())],
)
def test_freezing_stops_at_the_stage_that_the_config_names(freeze_at, learning):
    bottom_up = FpnBackbone(replace(small_settings(2), freeze_at=freeze_at)).bottom_up
    found = {name.split(".")[0] for name, p in bottom_up.named_parameters() if p.requires_grad}
    assert found == learning


def test_a_frozen_stage_of_live_norms_keeps_its_statistics():
    backbone = FpnBackbone(replace(small_settings(2), freeze_at=1)).train()
    assert isinstance(backbone.bottom_up.stem.conv1.norm, FrozenBatchNorm)
    before = backbone.bottom_up.stem.conv1.norm.running_mean.clone()
    backbone(torch.randn(1, 3, 64, 64))
    assert torch.equal(backbone.bottom_up.stem.conv1.norm.running_mean, before)


def test_convolutions_start_as_he_et_al_drew_them():
    torch.manual_seed(0)
    conv = Conv(64, 128, kernel=3, bias=True)
    fill_msra(conv)
    assert conv.weight.std().item() == pytest.approx(math.sqrt(2 / (128 * 9)), rel=0.02)
    assert not conv.bias.any()


def test_linear_layers_start_as_caffe2s_xavier():
    torch.manual_seed(0)
    layer = nn.Linear(300, 200)
    fill_xavier(layer)
    bound = math.sqrt(3 / 300)
    assert layer.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)


def test_predictors_start_small():
    torch.manual_seed(0)
    heads = MaskRCNN(small_settings(20)).roi_heads
    assert heads.box_predictor.cls_score.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert heads.box_predictor.bbox_pred.weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert heads.mask_head.predictor.weight.std().item() == pytest.approx(0.001, rel=0.1)


@pytest.mark.parametrize("norm", ["", "FrozenBN", "BN", "SyncBN", "GN"])
def test_every_norm_builds_and_runs(norm):
    settings = replace(
        small_settings(2),
        stem_channels=32,
        width_per_group=32,
        backbone_norm=norm,
        fpn_norm=norm,
        box_norm=norm,
        mask_norm=norm,
        box_num_conv=1,
        box_conv_dim=32,
    )
    model = MaskRCNN(settings).eval()
    with torch.inference_mode():
        levels = model.backbone(torch.randn(1, 3, 64, 64))
    assert all(bool(torch.isfinite(level).all()) for level in levels)


def test_a_convolution_adds_before_it_rectifies_and_leaves_what_it_adds():
    torch.manual_seed(0)
    conv = Conv(8, 8, kernel=3, norm="FrozenBN", bias=False, relu=True)
    x, added = torch.randn(1, 8, 9, 9), torch.randn(1, 8, 9, 9)
    before = added.clone()
    plain = torch.nn.functional.conv2d(x, conv.weight, padding=1)
    wanted = (conv.norm(plain) + added).relu()
    assert torch.equal(conv(x, added=added), wanted)
    assert torch.equal(added, before)
