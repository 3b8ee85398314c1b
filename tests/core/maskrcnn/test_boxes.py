import math

import pytest
import torch

from core.maskrcnn.boxes import (
    BoxCoder,
    box_loss,
    clipped,
    ious,
    is_larger,
    is_mostly_inside,
    matched,
    sampled,
)

WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def test_decoding_undoes_encoding():
    anchors = torch.tensor([[0.0, 0, 10, 20], [5, 5, 50, 30]])
    boxes = torch.tensor([[1.0, 2, 14, 18], [0, 10, 60, 20]])
    coder = BoxCoder(WEIGHTS)
    torch.testing.assert_close(coder.decode(coder.encode(anchors, boxes), anchors), boxes)


def test_numbers_of_a_box_are_those_of_the_paper():
    anchor, box = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 0, 25, 5]])
    found = BoxCoder(WEIGHTS).encode(anchor, box)[0].tolist()
    assert found == pytest.approx([10 * 1.0, 10 * -0.25, 5 * math.log(2), 5 * math.log(0.5)])


def test_a_box_grows_at_most_from_16_px_to_1000():
    anchor = torch.tensor([[0.0, 0, 16, 16]])
    box = BoxCoder((1.0,) * 4).decode(torch.tensor([[0.0, 0, 99, 0]]), anchor)[0]
    assert (box[2] - box[0]).item() == pytest.approx(1000)
    assert (box[3] - box[1]).item() == pytest.approx(16)


def test_decoding_gives_a_box_for_each_class():
    deltas = torch.tensor([[0.0, 0, 0, 0, 10, 0, 0, 0]])
    boxes = BoxCoder(WEIGHTS).decode(deltas, torch.tensor([[0.0, 0, 10, 10]]))
    assert boxes.tolist() == [[0, 0, 10, 10, 10, 0, 20, 10]]


def test_decoding_nothing_is_nothing():
    boxes = BoxCoder(WEIGHTS).decode(torch.zeros(0, 8), torch.zeros(0, 4))
    assert boxes.shape == (0, 8)


def test_a_box_without_extent_is_not_larger_than_zero():
    boxes = torch.tensor([[0.0, 0, 0, 5], [0, 0, 5, 0], [0, 0, 1e-6, 5], [3, 3, 2, 9]])
    assert is_larger(boxes, 0).tolist() == [False, False, True, False]


def test_clipping_cuts_at_width_and_height():
    boxes = torch.tensor([[-5.0, -5, 50, 50]])
    assert clipped(boxes, (20, 30)).tolist() == [[0, 0, 30, 20]]


def test_iou_of_boxes_by_hand():
    first = torch.tensor([[0.0, 0, 10, 10], [0, 0, 0, 0]])
    second = torch.tensor([[5.0, 0, 15, 10], [0, 0, 10, 10], [0, 0, 0, 0]])
    assert ious(first, second).tolist() == [[pytest.approx(1 / 3), 1, 0], [0, 0, 0]]


def test_between_the_thresholds_is_neither():
    overlaps = torch.tensor([[0.29, 0.3, 0.69, 0.7, 0.9]])
    _, labels = matched(overlaps, (0.3, 0.7), keeps_best_of_each=False)
    assert labels.tolist() == [0, -1, -1, 1, 1]


def test_the_best_of_each_is_kept_ties_included_and_stands_for_its_own_best():
    overlaps = torch.tensor([[0.2, 0.2, 0.1], [0.25, 0.0, 0.8]])
    index, labels = matched(overlaps, (0.3, 0.7), keeps_best_of_each=True)
    assert labels.tolist() == [1, 1, 1]
    assert index.tolist() == [1, 0, 1]


def test_without_truth_everything_is_background():
    index, labels = matched(torch.zeros(0, 3), (0.3, 0.7), keeps_best_of_each=True)
    assert index.tolist() == [0, 0, 0]
    assert labels.tolist() == [0, 0, 0]


def test_samples_are_filled_up_with_negatives():
    labels = torch.tensor([1] * 3 + [0] * 50 + [-1] * 10)
    positives, negatives = sampled(labels, 20, positive_fraction=0.5, background=0)
    assert sorted(positives.tolist()) == [0, 1, 2]
    assert len(negatives) == 17
    assert set(negatives.tolist()) <= set(range(3, 53))


def test_no_more_positives_than_their_fraction():
    labels = torch.tensor([2] * 30 + [5] * 30)
    positives, negatives = sampled(labels, 16, positive_fraction=0.25, background=5)
    assert (len(positives), len(negatives)) == (4, 12)
    assert len(set(positives.tolist())) == 4


def test_half_inside_is_mostly_inside():
    regions = torch.tensor([[0.0, 0, 10, 10]])
    boxes = torch.tensor([[5.0, 0, 15, 10], [6, 0, 16, 10], [2, 2, 3, 3], [30, 30, 40, 40]])
    assert is_mostly_inside(boxes, regions).tolist() == [True, False, True, False]


def test_without_regions_nothing_is_inside():
    assert not is_mostly_inside(torch.ones(3, 4), torch.zeros(0, 4)).any()


def test_a_beta_of_zero_is_plain_l1():
    predicted, target = torch.tensor([[0.0, 1, 2, 3]]), torch.zeros(1, 4)
    assert box_loss(predicted, target, 0.0).item() == 6
    assert box_loss(predicted, target, 2.0).item() == pytest.approx(0.25 + 1 + 2)


def test_preferred_negatives_come_first_but_leave_a_half_to_the_others():
    labels = torch.full((100,), 9)
    labels[:4] = 1
    preferred = torch.zeros(100, dtype=torch.bool)
    preferred[[0, 20, 30]] = True  # the first is no negative

    def drawn(count, is_preferred):
        torch.manual_seed(0)
        return sampled(
            labels, count, positive_fraction=0.25, background=9, is_preferred=is_preferred
        )

    positives, negatives = drawn(16, preferred)
    assert sorted(positives.tolist()) == [0, 1, 2, 3]
    assert set(negatives.tolist()[:2]) == {20, 30}
    assert len(set(negatives.tolist())) == 12
    many = torch.arange(100) >= 4
    many[50:] = False
    _, negatives = drawn(16, many)
    assert (negatives < 50).sum() >= 6
    assert len(set(negatives.tolist())) == 12
    assert [one.tolist() for one in drawn(16, torch.zeros(100, dtype=torch.bool))] == [
        one.tolist() for one in drawn(16, None)
    ]
