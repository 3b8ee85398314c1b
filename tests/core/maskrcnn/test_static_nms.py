"""Suppression as a fixed point, held against torchvision's."""

import hypothesis.extra.numpy as arrays
import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torchvision.ops import batched_nms, nms

from core.maskrcnn import static_nms
from core.maskrcnn.static_nms import best_of, kept_greedily, moved_apart, overlapping

Array = npt.NDArray[np.float32]

THRESHOLDS = st.sampled_from([0.25, 0.5, 0.7])


@st.composite
def _boxes_and_scores(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Few sides and few scores, so that much is equal; some boxes without an area."""
    count = draw(st.integers(1, 24))
    corners = draw(arrays.arrays(np.float32, (count, 2), elements=st.integers(0, 12)))
    sides = draw(arrays.arrays(np.float32, (count, 2), elements=st.integers(0, 9)))
    scores = draw(arrays.arrays(np.float32, count, elements=st.sampled_from([0.1, 0.5, 0.9])))
    boxes = np.concatenate([corners, corners + sides], axis=1)
    return torch.from_numpy(boxes), torch.from_numpy(scores)


def _kept(boxes: Tensor, scores: Tensor, threshold: float, passes: int) -> tuple[list[int], bool]:
    """Places in the order of torchvision's nms, and whether that is settled."""
    order = scores.sort(descending=True, stable=True).indices
    overlaps = overlapping(boxes[order][None], threshold)
    kept, is_settled = kept_greedily(
        overlaps, torch.ones(1, len(boxes), dtype=torch.bool), passes=passes
    )
    return order[kept[0]].tolist(), bool(is_settled)


@given(made=_boxes_and_scores(), threshold=THRESHOLDS)
@settings(deadline=None)
def test_with_passes_enough_it_is_torchvisions_choice(
    made: tuple[Tensor, Tensor], threshold: float
) -> None:
    boxes, scores = made
    found, is_settled = _kept(boxes, scores, threshold, len(boxes) + 1)
    assert is_settled
    assert found == nms(boxes, scores, threshold).tolist()


@given(made=_boxes_and_scores(), threshold=THRESHOLDS, passes=st.integers(1, 5))
@settings(deadline=None)
def test_what_is_called_settled_is_right_after_any_number_of_passes(
    made: tuple[Tensor, Tensor], threshold: float, passes: int
) -> None:
    boxes, scores = made
    found, is_settled = _kept(boxes, scores, threshold, passes)
    assert not is_settled or found == nms(boxes, scores, threshold).tolist()


def _chain(count: int) -> tuple[Tensor, Tensor]:
    """Each overlaps the next by 0.6, and the one after that by a third."""
    left = torch.arange(count) * 2.5
    zeros = torch.zeros(count)
    return torch.stack([left, zeros, left + 10, zeros + 10], 1), torch.linspace(0.9, 0.1, count)


@pytest.mark.parametrize("count", [2, 5, 15, 16, 40])
def test_a_chain_takes_as_many_passes_as_it_has_boxes(count: int) -> None:
    boxes, scores = _chain(count)
    found, is_settled = _kept(boxes, scores, 0.5, count)
    assert is_settled
    assert found == nms(boxes, scores, 0.5).tolist() == list(range(0, count, 2))
    assert not _kept(boxes, scores, 0.5, count - 1)[1]


def test_many_sets_at_once_are_as_each_alone_whatever_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    corners = torch.rand(7, 30, 2) * 50
    boxes = torch.cat([corners, corners + torch.rand(7, 30, 2) * 40], dim=2)
    together = overlapping(boxes, 0.5)
    monkeypatch.setattr(static_nms, "_MOST_TEMPORARY", 2 * 12 * 30 * 30)  # two sets at a time
    assert torch.equal(overlapping(boxes, 0.5), together)
    for one, pairs in zip(boxes, together, strict=True):
        assert torch.equal(overlapping(one[None], 0.5)[0], pairs)


def test_boxes_that_are_not_valid_neither_stay_nor_suppress() -> None:
    boxes = torch.tensor([[[0.0, 0, 9, 9], [0, 0, 9, 9], [0, 0, 9, 9]]])
    kept, is_settled = kept_greedily(
        overlapping(boxes, 0.5), torch.tensor([[False, True, True]]), passes=3
    )
    assert kept.tolist() == [[False, True, False]]
    assert is_settled.tolist() == [True]


@given(
    scores=arrays.arrays(np.float32, (2, 12), elements=st.sampled_from([0.1, 0.5, 0.9])),
    is_kept=arrays.arrays(np.bool_, (2, 12)),
    count=st.integers(1, 15),
)
@settings(deadline=None)
def test_the_best_come_first_and_equal_ones_in_their_order(
    scores: Array, is_kept: npt.NDArray[np.bool_], count: int
) -> None:
    places, best = best_of(torch.from_numpy(scores), torch.from_numpy(is_kept), count)
    for row in range(2):
        kept = np.flatnonzero(is_kept[row])
        wanted = sorted(kept.tolist(), key=lambda place: -scores[row, place])[:count]
        found = best[row] > -torch.inf
        assert places[row][found].tolist() == wanted
        assert best[row][found].tolist() == scores[row, wanted].tolist()


@pytest.mark.parametrize("count", [900, 1400])  # torchvision goes two ways on a CPU
def test_groups_are_compared_as_torchvision_compares_them(count: int) -> None:
    torch.manual_seed(count)
    groups = torch.randint(0, 8, (count,)) * 11  # far apart, so that digits are lost
    centres = torch.rand(40, 2)[torch.randint(0, 40, (count,))] * 1200
    # about half of each other's: the last digits of an overlap decide
    shifts = torch.randint(0, 2, (count, 1)) * torch.tensor([20.0, 0.0])
    corners = centres + shifts + torch.randn(count, 2) * 1e-3 + 1
    boxes = torch.cat([corners, corners + 60], dim=1)
    # its way for many leaves the order of equal scores to chance
    scores = torch.randint(0, 50, (count,)) / 50 if count < 1000 else torch.randperm(count) / count
    order = scores.sort(descending=True, stable=True).indices
    # a third is not valid, and zeros, as where a level or an image has fewer
    is_valid = torch.rand(count) > 0.3 if count < 1000 else torch.ones(count, dtype=torch.bool)
    filled = boxes.masked_fill(~is_valid[:, None], 0)[order][None]
    compared = moved_apart(filled, groups[order], is_valid[order][None])
    overlaps = overlapping(compared, 0.5) & (groups[order][:, None] == groups[order])
    kept, is_settled = kept_greedily(overlaps, is_valid[order][None])
    wanted = batched_nms(boxes[is_valid], scores[is_valid], groups[is_valid], 0.5)
    assert is_settled
    assert order[kept[0]].tolist() == torch.nonzero(is_valid).squeeze(1)[wanted].tolist()
    assert len(wanted) < is_valid.sum()
