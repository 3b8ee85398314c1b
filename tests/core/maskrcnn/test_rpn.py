import math
from dataclasses import replace

import pytest
import torch

from core.maskrcnn.config import small_settings
from core.maskrcnn.rpn import Rpn, cell_anchors, grid_anchors


def test_anchors_are_exact_and_not_rounded():
    tall = cell_anchors([32.0], [2.0])[0].tolist()
    width, height = 32 / math.sqrt(2), 32 * math.sqrt(2)
    assert tall == pytest.approx([-width / 2, -height / 2, width / 2, height / 2])


def test_anchors_of_a_cell_go_by_size_then_ratio():
    cells = cell_anchors([10.0, 20.0], [0.5, 2.0])
    sides = [(b[2] - b[0]).item() > (b[3] - b[1]).item() for b in cells]
    assert sides == [True, False, True, False]
    assert (cells[2:] == 2 * cells[:2]).all()


def test_the_first_anchor_is_centred_on_the_corner():
    anchors = grid_anchors(cell_anchors([8.0], [1.0]), (2, 3), 16, 0.0)
    centres = (anchors[:, :2] + anchors[:, 2:]) / 2
    assert centres.tolist() == [[0, 0], [16, 0], [32, 0], [0, 16], [16, 16], [32, 16]]


def test_an_offset_of_a_half_moves_anchors_to_the_middle():
    anchors = grid_anchors(cell_anchors([8.0], [1.0]), (1, 2), 16, 0.5)
    assert ((anchors[:, :2] + anchors[:, 2:]) / 2).tolist() == [[8, 8], [24, 8]]


def test_strides_are_those_of_the_levels_whatever_the_size():
    rpn = Rpn(small_settings(1))
    # 800 px are 13 cells of p6; a stride worked out from that would be 61.5.
    features = [torch.zeros(1, 32, n, n) for n in (200, 100, 50, 25, 13)]
    steps = []
    for level, anchors in zip(features, rpn.anchors(features), strict=True):
        centres = anchors.view(level.shape[2], level.shape[3], 3, 4)[0, :, 0, 0]
        steps.append((centres[1] - centres[0]).item())
    assert steps == [4, 8, 16, 32, 64]


def _features(seed=0):
    generator = torch.Generator().manual_seed(seed)
    sizes = ((24, 32), (12, 16), (6, 8), (3, 4), (2, 2))
    return [torch.randn(2, 32, *size, generator=generator) for size in sizes]


def test_proposals_are_clipped_to_the_image_without_its_padding():
    proposals = Rpn(small_settings(1))(_features(), [(80, 100), (96, 128)])
    assert proposals[0].amax(0).tolist()[2:] <= [100, 80]
    assert proposals[0].min() >= 0
    assert (proposals[0][:, 2:] > proposals[0][:, :2]).all()


def test_no_more_proposals_than_the_config_wants():
    settings = replace(small_settings(1), rpn_post_nms_test=7)
    assert [len(boxes) for boxes in Rpn(settings)(_features(), [(96, 128)] * 2)] == [7, 7]


def test_nms_leaves_boxes_of_different_levels_alone():
    torch.manual_seed(0)
    settings = replace(
        small_settings(1),
        anchor_sizes=((32.0,),),
        anchor_ratios=((1.0,),),
    )
    rpn = Rpn(settings)
    with torch.no_grad():  # every level proposes the very same box: its only anchor
        rpn.rpn_head.anchor_deltas.weight.zero_()
        rpn.rpn_head.objectness_logits.weight.zero_()
    proposals = rpn([torch.zeros(1, 32, 1, 1)] * 5, [(96, 128)])[0]
    assert proposals.tolist() == [[0, 0, 16, 16]] * 5


def test_several_convolutions_bear_detectron2s_names():
    names = Rpn(replace(small_settings(1), rpn_conv_dims=(-1, 24))).state_dict()
    assert names["rpn_head.conv.conv0.weight"].shape == (32, 32, 3, 3)
    assert names["rpn_head.conv.conv1.weight"].shape == (24, 32, 3, 3)


def test_anchors_are_no_part_of_a_checkpoint():
    assert not [name for name in Rpn(small_settings(1)).state_dict() if "cell" in name]


def test_anchors_beyond_the_border_do_not_train_where_the_config_says_so():
    settings = replace(small_settings(1), rpn_boundary_px=0, rpn_batch_size=100_000)
    features, sizes = _features(), [(96, 128)] * 2
    empty = [torch.zeros(0, 4)] * 2
    rpn, lax = Rpn(settings), Rpn(replace(settings, rpn_boundary_px=-1))
    lax.load_state_dict(rpn.state_dict())
    losses = [
        one.proposals_and_losses(
            features, sizes, truth=empty, ignored=empty, seeds=[None, None], noticed={}
        )[1]["loss_rpn_cls"]
        for one in (rpn, lax)
    ]
    assert losses[0] < losses[1]
