"""What stands in boxes that a person draws, held against detectron2's own masks of such boxes."""

import json

import numpy as np
import pytest

from core.geometry import mask_from_rle
from core.maskrcnn.paste import whole_mask


def test_in_the_boxes_of_detections_it_sees_the_masks_of_detectron2(
    golden, golden_model, golden_image
):
    model = golden_model("mask_rcnn_tiny")
    expected = json.loads((golden / "mask_rcnn_tiny_expected.json").read_text())
    n_same_class = n_all = 0
    for file, truth in expected.items():
        boxes = np.array(truth["boxes_xyxy"], np.float32)
        found = model.in_boxes(model.looked_at(golden_image(file)), boxes)
        np.testing.assert_allclose(found.boxes, boxes, rtol=0, atol=1e-3)
        for index, rle in enumerate(truth["masks_rle"]):
            n_all += 1
            if found.class_ids[index] == truth["classes"][index]:
                n_same_class += 1
                mask = whole_mask(found.masks[index], found.boxes[index], found.size_hw)
                # the golden boxes are rounded, and a mask has some pixels just at its level
                assert (mask != mask_from_rle(rle)).sum() <= 4
    assert n_all > 50
    # of a box that was moved to its object, not of the proposal that detectron2 judged
    assert n_same_class / n_all > 0.9


def test_boxes_are_answered_in_their_order_and_stay_as_they_are(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    image = golden_image("big_640x480.png")
    boxes = model.detect([image])[0].boxes[:3]
    found = model.in_boxes(model.looked_at(image), boxes[::-1].copy())
    np.testing.assert_allclose(found.boxes, boxes[::-1], rtol=0, atol=1e-3)


def test_the_likeliest_class_never_is_background(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    image = golden_image("odd_319x241.png")
    found = model.in_boxes(model.looked_at(image), np.array([[0, 0, 9, 9]], np.float32))
    assert len(found) == 1
    assert 0 <= found.class_ids[0] < model.settings.num_classes


def test_a_box_is_of_one_of_the_classes_that_it_may_be_and_has_its_mask(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    look = model.looked_at(golden_image("big_640x480.png"))
    box = np.array([[40, 40, 200, 200]], np.float32)
    n_classes = model.settings.num_classes
    each = [model.in_boxes(look, box, [one]) for one in range(n_classes)]
    assert [int(found.class_ids[0]) for found in each] == list(range(n_classes))
    assert not np.allclose(each[0].masks, each[1].masks)
    likeliest = max(each, key=lambda found: found.scores[0])
    for among in ((), tuple(range(n_classes))):
        found = model.in_boxes(look, box, among)
        np.testing.assert_array_equal(found.masks, likeliest.masks)
        assert found.class_ids[0] == likeliest.class_ids[0]


def test_a_box_is_cut_at_the_border_and_one_outside_is_left_out(golden_model, golden_image):
    model = golden_model("mask_rcnn_tiny")
    look = model.looked_at(golden_image("odd_319x241.png"))
    boxes = np.array([[-50, 10, 60, 80], [400, 10, 500, 80]], np.float32)
    found = model.in_boxes(look, boxes)
    np.testing.assert_allclose(found.boxes, [[0, 10, 60, 80]], rtol=0, atol=1e-3)


def test_a_box_only_model_says_so_by_having_no_masks(golden_model, golden_image):
    model = golden_model("faster_rcnn_tiny")
    look = model.looked_at(golden_image("odd_319x241.png"))
    found = model.in_boxes(look, np.array([[10, 10, 60, 80]], np.float32))
    assert found.masks is None


@pytest.mark.parametrize("is_training", [True, False])
def test_looking_leaves_the_mode_of_a_model_alone(golden_model, golden_image, is_training):
    model = golden_model("mask_rcnn_tiny").train(is_training)
    look = model.looked_at(golden_image("odd_319x241.png"))
    model.in_boxes(look, np.array([[10, 10, 60, 80]], np.float32))
    assert model.training is is_training
