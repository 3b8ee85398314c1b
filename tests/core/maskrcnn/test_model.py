"""Detections, held against detectron2's own."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.geometry import mask_from_rle
from core.maskrcnn.config import small_settings, standard_settings
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.paste import whole_mask

MODELS = ("mask_rcnn_tiny", "faster_rcnn_tiny")


@pytest.mark.parametrize("suffix", [".pth", ".pkl"])
@pytest.mark.parametrize("name", MODELS)
def test_detections_are_detectron2s(name, suffix, golden, golden_model, golden_image):
    model = golden_model(name, suffix)
    expected = json.loads((golden / f"{name}_expected.json").read_text())
    for file, truth in expected.items():
        found = model.detect([golden_image(file)])[0]
        assert found.size_hw == (truth["height"], truth["width"])
        assert found.class_ids.tolist() == truth["classes"]
        np.testing.assert_allclose(found.boxes, truth["boxes_xyxy"], rtol=0, atol=1e-3)
        np.testing.assert_allclose(found.scores, truth["scores"], rtol=0, atol=5e-5)


def test_masks_are_detectron2s(golden, golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    expected = json.loads((golden / "mask_rcnn_tiny_expected.json").read_text())
    for file, truth in expected.items():
        found = model.detect([golden_image(file)])[0]
        for crop, box, rle in zip(found.masks, found.boxes, truth["masks_rle"], strict=True):
            wrong = whole_mask(crop, box, found.size_hw) != mask_from_rle(rle)
            assert wrong.sum() <= 2


def test_a_box_only_model_has_no_masks(golden_model, golden_image):
    assert (
        golden_model("faster_rcnn_tiny").detect([golden_image("odd_319x241.png")])[0].masks is None
    )


def test_detections_do_not_depend_on_the_other_images(golden_model, golden_image, golden):
    model = golden_model("mask_rcnn_tiny")
    images = [golden_image(file.name) for file in sorted((golden / "images").iterdir())]
    for together, image in zip(model.detect(images), images, strict=True):
        alone = model.detect([image])[0]
        assert np.array_equal(together.boxes, alone.boxes)
        assert np.array_equal(together.scores, alone.scores)
        assert np.array_equal(together.masks, alone.masks)


def test_no_images_are_no_detections(golden_model):
    assert golden_model("faster_rcnn_tiny").detect([]) == []


def test_detecting_leaves_a_model_in_training_mode(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny").train()
    model.detect([golden_image("odd_319x241.png")])
    assert model.training
    assert model.roi_heads.training


def test_boxes_lie_inside_the_image_and_none_is_empty(golden_model, golden_image):
    for file in ("tall_187x333.png", "wide_333x200.png"):
        found = golden_model("mask_rcnn_tiny").detect([golden_image(file)])[0]
        assert (found.boxes >= 0).all()
        assert (found.boxes[:, [2, 3]] <= found.size_hw[::-1]).all()
        assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_every_depth_detects_with_random_weights(depth, golden_image):
    settings = replace(
        standard_settings(depth, num_classes=3),
        stem_channels=16,
        res2_channels=64 if depth < 50 else 32,
        width_per_group=8,
        fpn_channels=16,
        box_fc_dim=16,
        mask_conv_dim=16,
        min_size_test=96,
        max_size_test=128,
        score_threshold=0.0,
    )
    model = MaskRCNN(settings)
    for name, value in model.named_buffers():
        if name.endswith("conv3.norm.weight"):
            value.fill_(0.2)  # or a hundred random blocks overflow
    found = model.detect([golden_image("odd_319x241.png")])[0]
    assert len(found) > 0
    assert found.masks.shape == (len(found), 28, 28)
    assert set(found.class_ids.tolist()) <= {0, 1, 2}


def test_resnext_has_groups_in_its_3x3():
    settings = replace(small_settings(2), groups=4, width_per_group=4)
    block = MaskRCNN(settings).backbone.bottom_up.res3[0]
    assert block.conv2.groups == 4
    assert block.conv2.weight.shape == (32, 8, 3, 3)


@pytest.mark.parametrize(("in_1x1", "strides"), [(True, (2, 1)), (False, (1, 2))])
def test_the_stride_sits_where_the_config_says(in_1x1, strides):
    block = MaskRCNN(replace(small_settings(2), stride_in_1x1=in_1x1)).backbone.bottom_up.res3[0]
    assert (block.conv1.stride[0], block.conv2.stride[0]) == strides


def test_bgr_and_rgb_models_see_the_same_photo(golden_model, golden_settings, golden_image):
    bgr = golden_model("mask_rcnn_tiny")
    settings = golden_settings("mask_rcnn_tiny")
    rgb = MaskRCNN(replace(settings, input_format="RGB", pixel_mean=settings.pixel_mean[::-1]))
    rgb.load_state_dict(bgr.state_dict())
    stem = rgb.backbone.bottom_up.stem.conv1.weight
    with torch.no_grad():
        stem.copy_(stem.flip(1))
    image = golden_image("odd_319x241.png")
    one, other = bgr.detect([image])[0], rgb.detect([image])[0]
    assert one.class_ids.tolist() == other.class_ids.tolist()
    np.testing.assert_allclose(one.boxes, other.boxes, rtol=0, atol=1e-3)


def test_weights_that_overflow_find_nothing_instead_of_failing(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    with torch.no_grad():
        model.backbone.fpn_output2.bias.fill_(float("nan"))
        model.backbone.fpn_output3.bias.fill_(float("nan"))
        model.backbone.fpn_output4.bias.fill_(float("nan"))
        model.backbone.fpn_output5.bias.fill_(float("nan"))
    found = model.detect([golden_image("odd_319x241.png")])[0]
    assert len(found) == 0
    assert found.masks.shape == (0, 28, 28)
