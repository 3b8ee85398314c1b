from dataclasses import replace

import pytest
import torch

from core.maskrcnn.config import small_settings
from core.maskrcnn.roi_heads import RoiHeads

SIZE = (100, 100)
BOXES = torch.tensor([[10.0, 10, 50, 50], [11, 11, 51, 51], [60, 60, 90, 90]])


def _heads(scores, **changes):
    """Heads whose scores are these logits and whose boxes are the proposals."""
    settings = replace(small_settings(2), mask_on=False, **changes)
    heads = RoiHeads(settings)

    def outputs(features, boxes):
        count = sum(len(box) for box in boxes)
        return torch.tensor(scores), torch.zeros(count, settings.box_classes * 4)

    heads._box_outputs = outputs
    return heads


def test_the_last_score_is_background():
    found = _heads([[0.0, 0, 9], [9, 0, 0], [0, 9, 0]])([], [BOXES], [SIZE])[0]
    assert found.classes.tolist() == [0, 1]
    assert found.boxes.tolist() == [BOXES[1].tolist(), BOXES[2].tolist()]


def test_near_duplicates_of_a_class_go_and_of_another_stay():
    scores = [[9.0, 0, 0], [8, 0, 0], [0, 0, 9]]
    assert len(_heads(scores)([], [BOXES], [SIZE])[0].boxes) == 1
    scores = [[9.0, 0, 0], [0, 8, 0], [0, 0, 9]]
    assert len(_heads(scores)([], [BOXES], [SIZE])[0].boxes) == 2


def test_a_score_at_the_threshold_is_not_enough():
    scores = [[0.0, 0, 0]] * 3  # a third each
    assert len(_heads(scores, score_threshold=1 / 3)([], [BOXES], [SIZE])[0].boxes) == 0
    assert len(_heads(scores, score_threshold=0.33)([], [BOXES], [SIZE])[0].boxes) == 4


@pytest.mark.parametrize(("most", "count"), [(1, 1), (0, 0), (-1, 4)])
def test_only_the_best_are_kept(most, count):
    scores = [[2.0, 1, 0], [0, 0, 9], [1, 2.5, 0]]
    found = _heads(scores, detections_per_image=most)([], [BOXES], [SIZE])[0]
    assert len(found.boxes) == count
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)


def test_one_box_for_all_classes_is_honoured():
    scores = [[2.0, 2, 0], [0, 0, 9], [0, 0, 9]]
    found = _heads(scores, box_is_class_agnostic=True)([], [BOXES], [SIZE])[0]
    assert sorted(found.classes.tolist()) == [0, 1]
    assert found.boxes.tolist() == [BOXES[0].tolist()] * 2


def test_scores_that_are_no_numbers_are_dropped():
    scores = [[float("nan"), 0, 0], [0, 0, 9], [0, 9, 0]]
    assert _heads(scores)([], [BOXES], [SIZE])[0].classes.tolist() == [1]


def test_one_mask_for_all_classes_is_honoured():
    torch.manual_seed(0)
    heads = RoiHeads(replace(small_settings(3), mask_is_class_agnostic=True, score_threshold=0.0))
    features = [torch.randn(1, 32, 32, 32)] * 4
    with torch.inference_mode():
        found = heads.eval()(features, [BOXES], [SIZE])[0]
    assert found.masks.shape == (len(found.boxes), 28, 28)


def test_boxes_have_no_row_for_background():
    names = RoiHeads(small_settings(5)).state_dict()
    assert names["box_predictor.bbox_pred.weight"].shape[0] == 20
    assert names["box_predictor.cls_score.weight"].shape[0] == 6
    assert names["mask_head.predictor.weight"].shape[0] == 5
