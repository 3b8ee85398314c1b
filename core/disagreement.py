"""How much a model and the labels of an image differ: where they do, one of them is wrong."""

from collections.abc import Sequence

import numpy as np

from core.merge import SAME_OBJECT_IOU
from core.overlaps import mask_ious, pairs_of, same_class
from core.thresholds import Thresholds
from core.types import ImageLabels, Instance


def disagreement(
    labels: ImageLabels, predicted: Sequence[Instance], *, thresholds: Thresholds
) -> int:
    """In how many objects predictions and labels differ: missed, made up, or of another class.

    What nobody looked at counts neither way, nor do crowds, nor what a person turned down, also
    where other weights saw it: those were judged already.

    Args:
        labels: of one image.
        predicted: all that a model saw in it.
        thresholds: the scores from which on a prediction counts.
    """
    seen = [one for one in predicted if thresholds.shows(one)]
    crowds = [one for one in labels.instances if one.crowd]
    there = [one for one in labels.instances if one.is_of_person and not one.crowd]
    ious, is_same = mask_ious(seen, there, labels.size_hw), same_class(seen, there)
    pairs = pairs_of(ious, is_same, at_least=SAME_OBJECT_IOU)
    is_judged = mask_ious(seen, labels.rejected, labels.size_hw) >= SAME_OBJECT_IOU
    is_judged &= same_class(seen, labels.rejected)
    is_new = np.asarray(~is_judged.any(axis=1))
    n_wrong = sum(is_new[row] and not is_same[row, column] for row, column in pairs)
    is_new[[row for row, _ in pairs]] = False
    is_new &= ~(mask_ious(seen, crowds, labels.size_hw) >= SAME_OBJECT_IOU).any(axis=1)
    return int(n_wrong + is_new.sum()) + len(there) - len(pairs)
