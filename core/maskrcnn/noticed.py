"""Numbers beside the losses of a batch, under the names that detectron2 logs them by."""

from collections.abc import Sequence

import torch
from torch import Tensor


@torch.no_grad()
def of_anchors(labels: Tensor) -> dict[str, Tensor]:
    """Anchors an image that the proposal network learns from.

    Args:
        labels: (N, anchors) 1 for an object, 0 for background, -1 for neither.
    """
    return {
        "rpn/num_pos_anchors": (labels == 1).sum() / len(labels),
        "rpn/num_neg_anchors": (labels == 0).sum() / len(labels),
    }


@torch.no_grad()
def of_regions(scores: Tensor, classes: Tensor, n_images: int) -> dict[str, Tensor]:
    """How right the box head is; what has no regions to count on is left out.

    Args:
        scores: (R, K + 1) logits, background last.
        classes: (R,) what each region is.
        n_images: of the batch.
    """
    background = scores.shape[1] - 1
    is_object = classes < background
    counts = {
        "roi_head/num_fg_samples": is_object.sum() / n_images,
        "roi_head/num_bg_samples": (~is_object).sum() / n_images,
    }
    if len(classes) == 0:
        return counts
    said = scores.argmax(dim=1)
    is_right = said == classes
    found = {**counts, "fast_rcnn/cls_accuracy": is_right.float().mean()}
    if bool(is_object.any()):
        of_objects = said[is_object]
        found["fast_rcnn/fg_cls_accuracy"] = is_right[is_object].float().mean()
        found["fast_rcnn/false_negative"] = (of_objects == background).float().mean()
    return found


@torch.no_grad()
def of_masks(logits: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """How right the mask head is, cell by cell.

    Args:
        logits: (R, side, side) of the regions' classes.
        wanted: (R, side, side) 0 or 1.
    """
    said, is_mask = logits > 0, wanted > 0.5
    n_mask = is_mask.sum()
    wrong = said != is_mask
    return {
        "mask_rcnn/accuracy": 1 - wrong.float().mean(),
        "mask_rcnn/false_positive": (wrong & ~is_mask).sum() / (wanted.numel() - n_mask).clamp(1),
        "mask_rcnn/false_negative": (wrong & is_mask).sum() / n_mask.clamp(1),
    }


def mean_of(pieces: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of each number over the pieces of a batch that have it."""
    names = dict.fromkeys(name for piece in pieces for name in piece)
    return {
        name: sum(there) / len(there)
        for name in names
        if (there := [piece[name] for piece in pieces if name in piece])
    }
