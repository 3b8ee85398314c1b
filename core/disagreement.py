"""How much a model and the labels of an image differ: where they do, one of them is wrong."""

from collections.abc import Sequence

from core.merge import SAME_OBJECT_IOU
from core.overlaps import mask_ious, pairs_of, same_class
from core.thresholds import Thresholds
from core.types import ImageLabels, Instance


def disagreement(
    labels: ImageLabels, predicted: Sequence[Instance], *, thresholds: Thresholds
) -> int:
    """In how many objects predictions and labels differ: missed, made up, or of another class.

    What nobody looked at counts neither way, nor do crowds, nor what a person turned down: those
    were judged already.

    Args:
        labels: of one image.
        predicted: all that a model saw in it.
        thresholds: the scores from which on a prediction counts.
    """
    turned_down = {one.id for one in labels.rejected}
    seen = [one for one in predicted if thresholds.shows(one) and one.id not in turned_down]
    crowds = [one for one in labels.instances if one.crowd]
    there = [one for one in labels.instances if one.is_of_person and not one.crowd]
    ious, is_same = mask_ious(seen, there, labels.size_hw), same_class(seen, there)
    pairs = pairs_of(ious, is_same, at_least=SAME_OBJECT_IOU)
    n_wrong = sum(not is_same[row, column] for row, column in pairs)
    paired = {row for row, _ in pairs}
    made_up = [one for place, one in enumerate(seen) if place not in paired]
    in_crowds = mask_ious(made_up, crowds, labels.size_hw) >= SAME_OBJECT_IOU
    n_made_up = len(made_up) - int(in_crowds.any(axis=1).sum()) if crowds else len(made_up)
    return n_wrong + n_made_up + len(there) - len(pairs)
