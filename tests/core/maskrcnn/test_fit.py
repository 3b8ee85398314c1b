"""Weights that do not fit a model: what is missing, what is too much, and why."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from core.maskrcnn.config import ModelSettings, small_settings, standard_settings
from core.maskrcnn.fit import kind_of_model, likely_reason, misfit
from core.maskrcnn.model import MaskRCNN

GN = {"stem_channels": 32, "width_per_group": 32}


def _shapes(settings: ModelSettings) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        state = MaskRCNN(settings).state_dict()
    return {
        name: tuple(value.shape)
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }


def _small(**changes: Any) -> dict[str, tuple[int, ...]]:
    return _shapes(replace(small_settings(3), **changes))


@pytest.mark.parametrize(
    ("wanted", "there", "reason"),
    [
        ({}, {"num_classes": 80}, "80 classes, and MODEL.ROI_HEADS.NUM_CLASSES asks for 3."),
        ({}, {"box_is_class_agnostic": True}, "They have one for all classes as their box output"),
        ({"box_is_class_agnostic": True}, {}, "They have one for each class as their box output"),
        ({}, {"mask_is_class_agnostic": True}, "one for all classes as their mask output"),
        ({}, {"depth": 101}, "it has 3-4-23-3 blocks, and MODEL.RESNETS.DEPTH asks for 3-4-6-3"),
        ({"depth": 152}, {}, "it has 3-4-6-3 blocks"),
        ({}, {"groups": 4}, "ResNet's groups differ from MODEL.RESNETS.NUM_GROUPS"),
        ({}, {"stem_channels": 32}, "ResNet's stem differ"),
        ({**GN, "backbone_norm": "GN"}, GN, "have batch norms (BN, SyncBN or FrozenBN), and MODEL"),
        ({}, {"box_num_fc": 3}, "3, and MODEL.ROI_BOX_HEAD.NUM_FC asks for 2"),
        (GN, {**GN, "backbone_norm": "GN"}, "have group norms (GN), and MODEL.RESNETS.NORM asks"),
        ({}, {"fpn_norm": "BN"}, "have batch norms (BN, SyncBN or FrozenBN), and MODEL.FPN.NORM"),
        ({"fpn_norm": "GN"}, {}, "have no norm, and MODEL.FPN.NORM asks for group norms"),
        (
            {"box_num_conv": 1, "box_conv_dim": 32, "box_norm": "GN"},
            {"box_num_conv": 1, "box_conv_dim": 32},
            "MODEL.ROI_BOX_HEAD.NORM asks for group norms",
        ),
        ({"mask_norm": "GN"}, {}, "MODEL.ROI_MASK_HEAD.NORM"),
        ({}, {"mask_on": False}, "They have no mask head: they are of a Faster R-CNN"),
        ({}, {"box_num_conv": 4, "box_num_fc": 1}, "4, and MODEL.ROI_BOX_HEAD.NUM_CONV asks for 0"),
        ({"box_num_fc": 3}, {}, "2, and MODEL.ROI_BOX_HEAD.NUM_FC asks for 3"),
        ({}, {"mask_num_conv": 2}, "2, and MODEL.ROI_MASK_HEAD.NUM_CONV asks for 4"),
        ({"rpn_conv_dims": (-1, -1)}, {}, "1, and the list MODEL.RPN.CONV_DIMS asks for 2"),
        ({"anchor_ratios": ((0.5, 1.0),)}, {}, "They have 3 anchors a place, and MODEL.ANCHOR"),
    ],
)  # fmt: skip
def test_the_likely_reason_is_said(
    wanted: dict[str, Any], there: dict[str, Any], reason: str
) -> None:
    assert reason in likely_reason(_small(**wanted), _small(**there))
    assert reason in misfit(_small(**wanted), _small(**there))


def test_what_fits_is_no_misfit() -> None:
    assert misfit(_small(), _small()) == ""
    assert misfit(_small(mask_on=False), _small()) == ""
    assert misfit(_small(), {**_small(), "backbone.bottom_up.stem.conv1.bias": (16,)}) == ""


def test_missing_misshapen_and_extra_names_are_listed_and_counted() -> None:
    there = _small()
    gone = [name for name in there if "fc1" in name]
    for name in gone:
        del there[name]
    there |= {"roi_heads.box_head.fc9.weight": (3,), "backbone.fpn_output2.bias": (7,)}
    said = misfit(_small(), there)
    assert (
        "2 missing, 1 of another shape, 1 more than the config has a place for of 307 parameters"
        in said
    )
    assert "roi_heads.box_head.fc1.weight, roi_heads.box_head.fc1.bias missing" in said
    assert "backbone.fpn_output2.bias is 7 and should be 32" in said
    assert "roi_heads.box_head.fc9.weight not needed" in said


def test_long_lists_of_names_are_cut_with_a_count() -> None:
    wanted = _shapes(standard_settings())
    said = misfit(wanted, {"backbone.fpn_output2.bias": (256,)})
    assert f"and {len(wanted) - 1 - 5} more missing" in said
    assert len(said) < 600


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["backbone.body.layer1.0.conv1.weight"], "its engine is called torchvision"),
        (["roi_heads.keypoint_head.conv_fcn1.weight"], "a Keypoint R-CNN"),
        (["roi_heads.box_predictor.0.cls_score.weight"], "a Cascade R-CNN"),
        (["roi_heads.res5.0.conv1.weight"], "a C4 backbone"),
        (["backbone.res2.0.conv1.weight", "roi_heads.box_head.fc1.weight"], "dilated C5"),
        (["head.cls_subnet.0.weight"], "a RetinaNet"),
        (["sem_seg_head.p2.0.weight"], "Panoptic FPN"),
        (["rpn_head.rpn_conv.weight", "roi_head.bbox_head.fc_cls.weight"], "MMDetection"),
        (["model.0.conv.weight", "model.22.dfl.conv.weight"], "a YOLO model"),
        (["transformer.encoder.layers.0.self_attn.in_proj_weight"], "a DETR"),
        (["backbone.net.blocks.0.attn.qkv.weight"], "vision transformer"),
        (["backbone.bottom_up.s1.b1.f.a.weight"], "a RegNet"),
        (["backbone.bottom_up.res3.0.conv2_offset.weight"], "deformable"),
        (["layer1.0.conv1.weight", "fc.weight"], "a ResNet of torchvision"),
        (["backbone.bottom_up.stem.conv1.weight"], "a backbone alone"),
    ],
)
def test_models_of_other_kinds_are_named(names: list[str], kind: str) -> None:
    assert kind in kind_of_model(names)
    assert kind in likely_reason(_small(), dict.fromkeys(names, (1,)))


def test_models_that_are_read_are_of_no_other_kind() -> None:
    assert kind_of_model(list(_small())) == ""
    assert kind_of_model(list(_shapes(standard_settings(18)))) == ""
    assert kind_of_model(["something.weight"]) == ""
